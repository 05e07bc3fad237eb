import type { GraphQLField, GraphQLObjectType, GraphQLResolveInfo } from 'graphql';
import type { Context } from '../../context.ts';
import { mayAct, ruleOf } from '../../schema/core/authorization-rules.ts';
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

/** The scopes of builder.ts, all of which must hold; a function of rules.ts has answered with yes or no already. */
function holds(answer: unknown, { actor }: Context): boolean {
  if (typeof answer === 'boolean') return answer;
  const scopes = (answer ?? leave()) as Record<string, unknown>;
  const { can, authenticated, signedIn, enrolling, public: everybody, ...others } = scopes;
  if (Object.keys(others).length > 0) return leave();
  if ([can, authenticated, signedIn, enrolling, everybody].every((one) => one === undefined)) return false;
  if (authenticated !== undefined && !mayAct(actor)) return false;
  if (signedIn !== undefined && !(actor?.kind === 'user' && mayAct(actor))) return false;
  if (enrolling !== undefined && actor?.kind !== 'user') return false;
  return can === undefined || (actor?.can(can as never) ?? false);
}
