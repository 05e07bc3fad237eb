import { resolveNodes } from '@pothos/plugin-relay';
import { type GraphQLObjectType, type GraphQLResolveInfo, isObjectType } from 'graphql';
import type { Context } from '../../context.ts';
import { AppError, invalidInput } from '../../errors.ts';
import { ruleOf } from './authorization-rules.ts';
import { evaluate, isScopeName } from './authorization-scopes.ts';
import { builder } from './builder.ts';
import { authorizationOptions } from './pothos-extensions.ts';

type GlobalId = { typename: string; id: string };

/**
 * Returns the objects in the order of their ids (Relay Object Identification § 4); null for each
 * that does not exist or that the caller may not see. A type that the caller may not read is
 * FORBIDDEN for every id, so that no answer reveals whether one exists. Error: INVALID_INPUT for an
 * id of a type that is no Node.
 */
async function nodesOf(ids: GlobalId[], context: Context, info: GraphQLResolveInfo): Promise<unknown[]> {
  const refused = ids.map((id) => (mayRead(typeOf(id, info), context) ? null : refusal(context, info)));
  const readable = ids.map((id, index) => (refused[index] ? null : id));
  const found = await resolveNodes(builder, context, info, readable);
  return ids.map((_id, index) => refused[index] ?? found[index] ?? null);
}

function typeOf({ typename }: GlobalId, { schema, fieldName }: GraphQLResolveInfo): GraphQLObjectType {
  const type = schema.getType(typename);
  if (isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node')) return type;
  throw invalidInput({ [fieldName === 'node' ? 'id' : 'ids']: 'expected an id that this server gave' });
}

/**
 * Returns whether the caller may read objects of the type. PostgreSQL and the rule of the type
 * decide which.
 */
function mayRead(type: GraphQLObjectType, { actor }: Context): boolean {
  const rule = ruleOf(authorizationOptions(type).authScopes) ?? {};
  const scopes = Object.entries(rule).filter(([name]) => isScopeName(name));
  return evaluate(Object.fromEntries(scopes), actor);
}

function refusal({ failures }: Context, { fieldName }: GraphQLResolveInfo): AppError {
  failures.deny(`Query.${fieldName}`);
  return new AppError('FORBIDDEN', `You may not use Query.${fieldName} for objects of this type.`);
}

const common = { type: builder.nodeInterfaceRef(), authScopes: { authenticated: true } } as const;

builder.queryFields((t) => ({
  node: t.field({
    ...common,
    nullable: true,
    description: 'Any object by its id; null where there is none that the caller may see.',
    args: { id: t.arg.globalID({ required: true, description: 'The id of the object.' }) },
    resolve: async (_root, { id }, context, info) => (await nodesOf([id], context, info))[0] as never,
  }),
  nodes: t.field({
    ...common,
    type: [common.type],
    nullable: { list: false, items: true },
    listSize: 'ids',
    description: 'Objects by their ids, in the same order; null where there is none that the caller may see.',
    args: { ids: t.arg.globalIDList({ required: true, description: 'The ids of the objects.' }) },
    resolve: (_root, { ids }, context, info) => nodesOf(ids, context, info) as never,
  }),
}));
