import type { ObjectRef } from '@pothos/core';
import type { Context } from '../../context.ts';
import type { Scopes } from '../core/authorization-scopes.ts';
import { builder, type SchemaTypes } from '../core/builder.ts';
import { connectionType } from './connection-types.ts';
import { pageInMemory } from './in-memory.ts';
import { type OrderBy, orderOf } from './lists.ts';
import type { PageArgs } from './page.ts';

/** Reads all rows of a list that stays short, such as the caller's own sessions. */
type ReadAll<Row> = (context: Context) => Promise<readonly Row[]>;

type ShortListOptions<Row> = {
  type: ObjectRef<SchemaTypes, unknown>;
  description: string;
  authScopes: Partial<Scopes>;
  order: OrderBy;
  rows: ReadAll<Row>;
};

/** Declares a query of a list that stays short as a connection: its pages are cut in memory. */
export function shortList<Row extends { id: string }>(name: string, options: ShortListOptions<Row>): void {
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
 * Returns the id and look-up of a Relay node by the read that lists it; null for an id that is not
 * listed.
 */
export const shortListNode = <Row extends { id: string }>(rows: ReadAll<Row>) => ({
  id: { resolve: (row: Row) => row.id },
  loadMany: async (ids: string[], context: Context) => {
    // the lists are read by users: a service account has none
    const all = context.identity ? await rows(context) : [];
    // Pothos marks what a node was loaded as, and cached rows are frozen
    const copies = new Map(all.map((row) => [row.id, { ...row }]));
    return ids.map((id) => copies.get(id) ?? null);
  },
});
