import type { GraphQLField, GraphQLObjectType, GraphQLResolveInfo } from 'graphql';
import type { Context } from '../../context.ts';
import { ruleOf } from '../../schema/core/authorization-rules.ts';
import { evaluate, isScopeName, type Scopes } from '../../schema/core/authorization-scopes.ts';
import { leave } from './unsupported.ts';

type Asked = (row: unknown, context: Context) => unknown;
type AskedOfField = (row: unknown, args: object, context: Context, info: GraphQLResolveInfo) => unknown;
type Options = { authScopes?: unknown; unauthorizedResolver?: AskedOfField };

/** What a reader without the right gets instead of the field's value. */
export type Gate = { shown: unknown };

/** What scope-auth knows beside a rule: other times and places to ask it. Nothing here uses them, and nothing here knows them. */
const STRANGE = ['grantScopes', 'runScopesOnType', 'skipTypeScopes', 'skipInterfaceScopes'];

function optionsOf(of: { extensions: object }): Options {
  const options = (of.extensions as { pothosOptions?: Options }).pothosOptions ?? {};
  return STRANGE.some((name) => name in options) ? leave() : options;
}

/** A type's rule, asked of each row. One that isn't known here lets nothing through: the operation goes the long way. */
export function typeRule(type: GraphQLObjectType): (row: unknown, context: Context) => boolean {
  const { authScopes } = optionsOf(type);
  if (type.getInterfaces().some((one) => optionsOf(one).authScopes !== undefined)) return leave();
  if (authScopes === undefined) return () => true;
  if (!ruleOf(authScopes)) return leave();
  const asked = (typeof authScopes === 'function' ? authScopes : () => authScopes) as Asked;
  return (row, context) => holds(asked(row, context), context);
}

/** A field's own rule: nothing when it passes, else what its redacted form is. Without one, it goes the long way. */
export function fieldRule(field: GraphQLField<unknown, Context>) {
  const { authScopes, unauthorizedResolver } = optionsOf(field);
  if (authScopes === undefined) return null;
  if (!ruleOf(authScopes)) return leave();
  const asked = (typeof authScopes === 'function' ? authScopes : () => authScopes) as AskedOfField;
  return (row: unknown, args: object, context: Context, info: GraphQLResolveInfo): Gate | undefined => {
    if (holds(asked(row, args, context, info), context)) return undefined;
    return unauthorizedResolver ? { shown: unauthorizedResolver(row, args, context, info) } : leave();
  };
}

/** An answer of yes or no, or scopes, all of which must hold. A scope that is not known declines the plan. */
function holds(answer: unknown, { actor }: Context): boolean {
  if (typeof answer === 'boolean') return answer;
  const scopes = (answer ?? leave()) as Partial<Scopes>;
  return Object.keys(scopes).every(isScopeName) ? evaluate(scopes, actor) : leave();
}
