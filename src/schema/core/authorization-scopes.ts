import type { Permission } from '../../auth/authorization/permissions.ts';
import type { Context } from '../../context.ts';

type CurrentActor = Context['actor'];

/** The scopes that a type or field may require, and what each requires. */
export type Scopes = {
  /** Open to everybody, signed in or not; `publicFields` lists them all. */
  public: boolean;
  /** A user or a service account. */
  authenticated: boolean;
  /** A user with a session; no API key. */
  signedIn: boolean;
  /** Also a user whose grace period for MFA is over, who may only enrol a factor or sign out. */
  enrolling: boolean;
  /** The permission. */
  can: Permission;
};
export type ScopeName = keyof Scopes;

/** Whether the actor is authenticated and not past the grace period for MFA, when only enrolment is left. */
export const mayAct = (actor: CurrentActor): boolean => actor !== null && !actor.assurance?.mustEnrol;

type Checks = { [Name in ScopeName]: (required: Scopes[Name], actor: CurrentActor) => boolean };

const checks: Checks = {
  public: (required) => required === true,
  authenticated: (required, actor) => required === true && mayAct(actor),
  signedIn: (required, actor) => required === true && actor?.kind === 'user' && mayAct(actor),
  enrolling: (required, actor) => required === true && actor?.kind === 'user',
  can: (permission, actor) => actor?.can(permission) ?? false,
};

export const scopeNames = Object.keys(checks) as ScopeName[];

export const isScopeName = (name: string): name is ScopeName => Object.hasOwn(checks, name);

/**
 * Whether the actor fulfils all of the scopes. The only place that decides it: Pothos' executor asks it for each scope (builder.ts),
 * the query plan for all of a type or field. Throws for an unknown or missing scope, which never passes.
 */
export function evaluate(scopes: Partial<Scopes> | boolean, actor: CurrentActor): boolean {
  if (typeof scopes === 'boolean') return scopes;
  const names = Object.keys(scopes);
  const unknown = names.filter((name) => !isScopeName(name));
  if (names.length === 0 || unknown.length > 0)
    throw new Error(`authorization: expected known scopes, got: ${unknown.join(', ') || 'none'}`);
  return (names as ScopeName[]).every((name) => checks[name](scopes[name] as never, actor));
}

/** The scopes in the form that scope-auth loads once a request. */
export const scopeLoaders = (actor: CurrentActor) =>
  Object.fromEntries(
    scopeNames.map((name) => [name, (required: unknown) => evaluate({ [name]: required }, actor)]),
  ) as { [Name in ScopeName]: (required: Scopes[Name]) => boolean };
