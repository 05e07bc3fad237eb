import type { GraphQLField, GraphQLObjectType, GraphQLResolveInfo } from 'graphql';
import type { Context } from '../../context.ts';
import { ruleOf } from '../../schema/core/authorization-rules.ts';
import { evaluate, type Scopes } from '../../schema/core/authorization-scopes.ts';
import { authorizationOptions, unsupportedOptions } from '../../schema/core/pothos-extensions.ts';
import { unsupported } from './unsupported.ts';

type Answer = Partial<Scopes> | boolean;
type TypeScopes = (row: unknown, context: Context) => Answer;
type FieldScopes = (row: unknown, args: object, context: Context, info: GraphQLResolveInfo) => Answer;

/** The redacted form of a field that the actor may not read. */
export type Redacted = { value: unknown };

/**
 * Compiles a type's authorization: whether the actor may read a row. Unsupported for scopes that
 * are not known.
 */
export function typeAuthorization(type: GraphQLObjectType): (row: unknown, context: Context) => boolean {
  const { authScopes } = known(type);
  if (type.getInterfaces().some((one) => known(one).authScopes !== undefined))
    return unsupported('authorization option');
  if (authScopes === undefined) return () => true;
  const scopesOf = (typeof authScopes === 'function' ? authScopes : () => authScopes) as TypeScopes;
  return (row, context) => evaluate(scopesOf(row, context), context.actor);
}

/** Compiles whether the actor may resolve a field; null for a field without scopes of its own. */
export function mayResolve(field: GraphQLField<unknown, Context>) {
  const { authScopes } = known(field);
  if (authScopes === undefined) return null;
  const scopesOf = (typeof authScopes === 'function' ? authScopes : () => authScopes) as FieldScopes;
  return (row: unknown, args: object, context: Context, info: GraphQLResolveInfo): boolean =>
    evaluate(scopesOf(row, args, context, info), context.actor);
}

/**
 * Compiles a field's own authorization: undefined when the actor may read it, else its redacted
 * form. A denied field without one is unsupported. Null for a field without scopes of its own.
 */
export function fieldAuthorization(field: GraphQLField<unknown, Context>) {
  const { unauthorizedResolver } = known(field);
  const may = mayResolve(field);
  if (!may) return null;
  return (row: unknown, args: object, context: Context, info: GraphQLResolveInfo): Redacted | undefined => {
    if (may(row, args, context, info)) return undefined;
    if (!unauthorizedResolver) return unsupported('denial');
    return { value: unauthorizedResolver(row, args, context as never, info) };
  };
}

function known(of: Parameters<typeof authorizationOptions>[0]) {
  const options = authorizationOptions(of);
  if (unsupportedOptions(of).length > 0) unsupported('authorization option');
  if (options.authScopes !== undefined && !ruleOf(options.authScopes)) unsupported('authorization option');
  return options;
}
