import type { InputFieldMap, InputShapeFromFields, ObjectRef } from '@pothos/core';
import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../../context.ts';
import type { ModelName } from '../../db/guarantees.gen.ts';
import type { Scopes } from '../core/authorization-scopes.ts';
import { builder, type SchemaTypes } from '../core/builder.ts';
import { connectionType } from './connection-types.ts';
import { cursorOf, type Order } from './cursor.ts';
import { keysetQuery } from './keyset.ts';
import { connectionOf, type PageArgs } from './page.ts';
import { shownRows } from './shown-rows.ts';

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
  const { type, description, authScopes, args } = options;
  const resolve = (_root: unknown, given: never, context: Context, info: GraphQLResolveInfo) =>
    pageOfRows(options, given, context, info);
  const field = { type, description, authScopes, args: args ?? {}, resolve };
  builder.queryField(name, (t) => t.connection(field as never, connectionType(type) as never));
}

async function pageOfRows<Args extends InputFieldMap>(
  { type, model, order, where }: ListOptions<Args>,
  args: InputShapeFromFields<Args>,
  context: Context,
  info: GraphQLResolveInfo,
) {
  const by = orderOf(typeof order === 'function' ? order(args) : order);
  const matching = where?.(args, context) ?? {};
  const selection = queryFromInfo({ context, info, select: columnsOf(by), ...nodesOf(type) });
  const rows = delegateOf(context, model);
  const page = keysetQuery(model, args, by, { where: matching, more: context.selectsPageInfo });
  const read = await rows.findMany({ ...selection, ...page });
  const count = () => rows.count({ where: shownRows(model, matching, selection, context) });
  return connectionOf(read, args, (row) => cursorOf(row, by), count);
}

const nodesOf = ({ name }: { name: string }) => ({ typeName: name, path: ['edges', 'node'] });

const columnsOf = (order: Order) => Object.fromEntries(order.map(({ column }) => [column, true]));

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
  const { type, description, authScopes } = options;
  const field = { type, description, ...(authScopes && { authScopes }), ...relationOf(options) };
  const connection = (t: ConnectionFieldBuilder) => t.connection(field, connectionType(type));
  builder.prismaObjectField(parentType as never, name as never, connection as never);
}

type Nested = (selection: object, path: string[]) => object;

/** How a list relation is read with its parent, and turned into a page. */
function relationOf<Parent extends Row>({
  type,
  model,
  relation,
  where,
  ...options
}: RelatedOptions<Parent>) {
  const order = orderOf(options.order);
  return {
    select: (args: PageArgs, context: Context, nested: Nested) => ({
      [relation]: {
        ...nested({ select: columnsOf(order) }, ['edges', 'node']),
        ...keysetQuery(model, args, order, { more: context.selectsPageInfo }),
      },
    }),
    resolve: (
      parent: Parent & Record<string, Row[]>,
      args: PageArgs,
      context: Context,
      info: GraphQLResolveInfo,
    ) => {
      const count = () => {
        const selection = queryFromInfo({ context, info, ...nodesOf(type) });
        const asked = shownRows(model, where(parent), selection, context);
        return delegateOf(context, model).count({ where: asked });
      };
      return connectionOf(parent[relation] as Row[], args, (row) => cursorOf(row, order), count);
    },
  };
}
/**
 * The Prisma plugin's field builder; its types of `connection` have no `select` with a nested
 * selection.
 */
type ConnectionFieldBuilder = { connection(options: object, type: object): never };
