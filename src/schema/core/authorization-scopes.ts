import type { Permission } from '../../auth/authorization/permissions.ts';
import type { Context } from '../../context.ts';
import { counters } from '../../counters.ts';

type CurrentActor = Context['actor'];

/** The scopes that a type or field may require, and what each requires. */
export type Scopes = {
  /** No credential is required. `publicFields` lists all such fields. */
  public: boolean;
  /** A user or a service account. */
  authenticated: boolean;
  /** A user with a session; no API key. */
  signedIn: boolean;
  /** A user, also past the grace period for MFA, when only enrolment and sign-out are left. */
  enrolling: boolean;
  /** The permission. */
  can: Permission;
};
type ScopeName = keyof Scopes;

/** Returns whether the actor is authenticated and may do more than enrol a second factor. */
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
 * Returns whether the actor fulfils all scopes. It is the only place that decides it: for the
 * executor of Pothos (builder.ts) and for the query plan. Throws for an unknown or missing scope.
 */
export function evaluate(scopes: Partial<Scopes> | boolean, actor: CurrentActor): boolean {
  const may = typeof scopes === 'boolean' ? scopes : fulfils(scopes, actor);
  counters.decisions[may ? 'allowed' : 'denied'] += 1;
  return may;
}

function fulfils(scopes: Partial<Scopes>, actor: CurrentActor): boolean {
  const names = Object.keys(scopes);
  const unknown = names.filter((name) => !isScopeName(name));
  if (names.length === 0 || unknown.length > 0)
    throw new Error(`authorization: expected known scopes, got: ${unknown.join(', ') || 'none'}`);
  return (names as ScopeName[]).every((name) => checks[name](scopes[name] as never, actor));
}

/** Returns the scopes in the form that scope-auth loads once a request. */
export const scopeLoaders = (actor: CurrentActor) =>
  Object.fromEntries(
    scopeNames.map((name) => [name, (required: unknown) => evaluate({ [name]: required }, actor)]),
  ) as { [Name in ScopeName]: (required: Scopes[Name]) => boolean };
