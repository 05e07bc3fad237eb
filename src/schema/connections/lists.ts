import type { InputFieldMap, InputShapeFromFields, ObjectRef } from '@pothos/core';
import { queryFromInfo } from '@pothos/plugin-prisma';
import type { Context } from '../../context.ts';
import type { ModelName } from '../../db/guarantees.gen.ts';
import type { Scopes } from '../core/authorization-scopes.ts';
import { builder, type SchemaTypes } from '../core/builder.ts';
import { connectionType } from './connection-types.ts';
import { cursorOf, type Order } from './cursor.ts';
import { keysetQuery } from './keyset.ts';
import { connectionOf, type PageArgs } from './page.ts';

type Where = Record<string, unknown>;
type Row = { id: string };
type Delegate = {
  findMany(args: object): Promise<Row[]>;
  count(args: { where: Where }): Promise<number>;
};

/**
 * The order of a list: columns without null, `-` in front of a descending one. The tie-break `id`
 * is added.
 */
export type OrderBy = readonly string[];

export const orderOf = (by: OrderBy): Order =>
  [...by, by[0]?.startsWith('-') ? '-id' : 'id'].map((term) => ({
    column: term.replace(/^-/, ''),
    direction: term.startsWith('-') ? 'desc' : 'asc',
  }));

type ListOptions<Args extends InputFieldMap> = {
  type: ObjectRef<SchemaTypes, unknown>;
  model: ModelName;
  description: string;
  authScopes: Partial<Scopes>;
  args?: Args;
  order: OrderBy | ((args: InputShapeFromFields<Args>) => OrderBy);
  where?: (args: InputShapeFromFields<Args>, context: Context) => Where;
};

/** Declares a query of a company's rows as a connection, narrowed to the actor's access scope. */
export function listQuery<Args extends InputFieldMap>(name: string, options: ListOptions<Args>): void {
  const { type, model, description, authScopes, args, order, where } = options;
  builder.queryField(name, (t) =>
    t.connection(
      {
        type,
        description,
        authScopes,
        args: args ?? {},
        resolve: async (_root: unknown, given: never, context: Context, info: never) => {
          const by = orderOf(typeof order === 'function' ? order(given) : order);
          const rowsWhere = where?.(given, context) ?? {};
          const select = Object.fromEntries(
            ['id', ...by.map(({ column }) => column)].map((column) => [column, true]),
          );
          const selection = queryFromInfo({
            context,
            info,
            select,
            typeName: type.name,
            path: ['edges', 'node'],
          });
          const delegate = delegateOf(context, model);
          const rows = await delegate.findMany({ ...selection, ...keysetQuery(model, given, by, rowsWhere) });
          const count = () => delegate.count({ where: rowsWhere });
          return connectionOf(rows, given, (row) => cursorOf(row, by), count);
        },
      } as never,
      connectionType(type) as never,
    ),
  );
}

const delegateOf = ({ db }: Context, model: ModelName): Delegate =>
  db[(model[0]?.toLowerCase() + model.slice(1)) as keyof Context['db']] as unknown as Delegate;

type RelatedOptions<Parent> = {
  type: ObjectRef<SchemaTypes, unknown>;
  model: ModelName;
  relation: string;
  description: string;
  authScopes?: Partial<Scopes>;
  order: OrderBy;
  /** The related rows of this row, for `totalCount`. */
  where: (parent: Parent) => Where;
};

/** Declares a list relation of a type as a connection. */
export function relatedList<Parent extends Row>(
  parentType: string,
  name: string,
  options: RelatedOptions<Parent>,
): void {
  const { type, model, relation, description, authScopes, where } = options;
  const order = orderOf(options.order);
  const columns = Object.fromEntries(order.map(({ column }) => [column, true]));
  builder.prismaObjectField(
    parentType as never,
    name as never,
    ((t: ConnectionFieldBuilder) =>
      t.connection(
        {
          type,
          description,
          ...(authScopes && { authScopes }),
          select: (
            args: PageArgs,
            _context: Context,
            nested: (selection: object, path: string[]) => object,
          ) => ({
            [relation]: {
              ...nested({ select: columns }, ['edges', 'node']),
              ...keysetQuery(model, args, order),
            },
          }),
          resolve: (parent: Parent & Record<string, Row[]>, args: PageArgs, context: Context) =>
            connectionOf(
              parent[relation] as Row[],
              args,
              (row) => cursorOf(row, order),
              () => delegateOf(context, model).count({ where: where(parent) }),
            ),
        },
        connectionType(type),
      )) as never,
  );
}
/**
 * The Prisma plugin's field builder; its types of `connection` have no `select` with a nested
 * selection.
 */
type ConnectionFieldBuilder = { connection(options: object, type: object): never };
