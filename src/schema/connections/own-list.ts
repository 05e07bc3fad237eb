import type { ObjectRef } from '@pothos/core';
import type { Context } from '../../context.ts';
import type { Scopes } from '../core/authorization-scopes.ts';
import { builder, type SchemaTypes } from '../core/builder.ts';
import { connectionType } from './connection-types.ts';
import { pageInMemory } from './in-memory.ts';
import { type OrderBy, orderOf } from './lists.ts';
import type { PageArgs } from './page.ts';

/** Reads all rows of a short list that belongs to the caller. */
export type ReadOwn<Row> = (context: Context) => Promise<readonly Row[]>;

type OwnListOptions<Row> = {
  type: ObjectRef<SchemaTypes, unknown>;
  description: string;
  authScopes: Partial<Scopes>;
  order: OrderBy;
  rows: ReadOwn<Row>;
};

/** Declares a query of the caller's own things, such as their sessions, as a connection. */
export function ownList<Row extends { id: string }>(name: string, options: OwnListOptions<Row>): void {
  const { type, description, authScopes, rows } = options;
  const order = orderOf(options.order);
  builder.queryField(name, (t) =>
    t.connection(
      {
        type,
        description,
        authScopes,
        resolve: async (_root: unknown, args: PageArgs, context: Context) =>
          pageInMemory(await rows(context), args, order),
      } as never,
      connectionType(type) as never,
    ),
  );
}

/**
 * Relay's id and look-up for the caller's own things, by the read that lists them. Another user's are null, as those that do not
 * exist.
 */
export const ownNode = <Row extends { id: string }>(rows: ReadOwn<Row>) => ({
  id: { resolve: (row: Row) => row.id },
  loadMany: async (ids: string[], context: Context) => {
    // copies: Pothos marks what a node was loaded as, and cached rows are frozen
    // a service account has none of its own
    const all = context.identity ? await rows(context) : [];
    const own = new Map(all.map((row) => [row.id, { ...row }]));
    return ids.map((id) => own.get(id) ?? null);
  },
});
