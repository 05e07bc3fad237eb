import type { Permission } from '../../auth/authorization/permissions.ts';
import type { Context } from '../../context.ts';
import type { AccessScope } from '../../db/tenant/context.ts';
import { isScopeName } from './authorization-scopes.ts';

/**
 * The whole of what asks for no session: signing in and up must not, and a mailed link or a refresh token is a credential of its own; the
 * viewer's types carry what the caller's own credential proves and are
 * reached through `viewer` (signed in) and `signIn`'s answer alone.
 */
export const publicFields = [
  'Mutation.signIn',
  'Mutation.completeSignIn',
  'Mutation.requestCode',
  'Mutation.verifyRecoveryEmail',
  'Mutation.startRecovery',
  'Mutation.recoverAccount',
  'Mutation.signUp',
  'Mutation.verifyEmail',
  'Mutation.acceptInvitation',
  'Mutation.requestPasswordReset',
  'Mutation.resetPassword',
  'Mutation.unlockAccount',
  'Mutation.refreshTokens',
  'Mutation.startPasskeySignIn',
  'Mutation.finishPasskeySignIn',
  'Mutation.startPasskeySecondFactor',
  'Mutation.finishPasskeySecondFactor',
  'MfaChallenge',
  'Viewer',
  'ViewerUser',
  'ViewerMembership',
  'ViewerCompany',
  'ViewerSecondFactor',
];

/** What a rule says, as data: the policy export and the start-up check read it from here. */
export type Rule = {
  can?: Permission;
  self?: string;
  company?: true;
  /** Only for the whole company, however far the permission can be narrowed. */
  everywhere?: true;
  authenticated?: true;
  signedIn?: true;
  enrolling?: true;
  public?: true;
};

type Described<F> = F & { rule: Rule };
const described = <F extends object>(rule: Rule, check: F): Described<F> => Object.assign(check, { rule });

type Asking = Pick<Context, 'actor'>;

/** A type whose rows belong to a company: the permission, and the row's company is the actor's. Select `companyId`. */
export const companyRow = (can: Permission) =>
  described(
    { can, company: true },
    (row: { companyId: string }, { actor }: Asking) =>
      actor !== null && actor.companyId === row.companyId && actor.can(can),
  );

/** The same for the company's own row, whose id is the company. */
export const companyItself = (can: Permission) =>
  described(
    { can, company: true },
    (row: { id: string }, { actor }: Asking) =>
      actor !== null && actor.companyId === row.id && actor.can(can),
  );

/** Where a row stands inside the company. */
export type Place = {
  branchId: string;
  departmentId: string;
  teamId: string | null;
  userId: string | null;
};

/** the permission, as far as its access scope goes, or the row is the user's own. Select the columns of `Place`. */
export const canOrSelf = (can: Permission) =>
  described({ can, self: 'userId' }, (row: Place, _args: object, { actor }: Asking) => {
    if (actor === null) return false;
    return row.userId === actor.userId || (actor.can(can) && covers(actor.accessScope(can), row));
  });

/** The permission, for the whole company. */
export const everywhere = (can: Permission) =>
  described(
    { can, everywhere: true },
    (_row: unknown, _args: object, { actor }: Asking) =>
      actor?.can(can) === true && actor.accessScope(can) === 'company',
  );

/** Whether a reach covers a row: the same question that db/tenant/visibility.ts asks PostgreSQL. */
function covers(accessScope: AccessScope, { branchId, departmentId, teamId, userId }: Place): boolean {
  if (accessScope === 'company') return true;
  const { branches, departments, teams, self } = accessScope;
  return (
    branches.includes(branchId) ||
    departments.includes(departmentId) ||
    (teamId !== null && teams.includes(teamId)) ||
    userId === self
  );
}

/** The data behind any `authScopes`: an object of scopes, or a function made above. `null` for anything else. */
export function ruleOf(authScopes: unknown): Rule | null {
  if (typeof authScopes === 'function') return (authScopes as Partial<Described<object>>).rule ?? null;
  if (typeof authScopes !== 'object' || authScopes === null) return null;
  const entries = Object.entries(authScopes);
  const sound =
    entries.length > 0 &&
    entries.every(([name, value]) => isScopeName(name) && value !== false && value !== null);
  return sound ? (authScopes as Rule) : null;
}
