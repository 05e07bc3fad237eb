import type { Permission } from '../../auth/authorization/permissions.ts';
import type { Context } from '../../context.ts';
import type { AccessScope } from '../../db/tenant/context.ts';
import { isScopeName } from './authorization-scopes.ts';

/**
 * All fields that require no credential. A mailed token or a refresh token is a credential of its
 * own. The types of the viewer show what the caller's credential proves; only `viewer` and the
 * payloads of sign-ins return them.
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

/** A rule as data, for the policy export and the start-up check. */
export type Rule = {
  can?: Permission;
  self?: string;
  company?: true;
  /** Only for the whole company, even if the permission can be narrowed. */
  everywhere?: true;
  authenticated?: true;
  signedIn?: true;
  enrolling?: true;
  public?: true;
};

type Described<F> = F & { rule: Rule };
const described = <F extends object>(rule: Rule, check: F): Described<F> => Object.assign(check, { rule });

type Asking = Pick<Context, 'actor'>;

/** Requires the permission, for rows of the actor's company. The type selects `companyId`. */
export const companyRow = (can: Permission) =>
  described(
    { can, company: true },
    (row: { companyId: string }, { actor }: Asking) =>
      actor !== null && actor.companyId === row.companyId && actor.can(can),
  );

/** Requires the permission, for the row of the actor's company itself. */
export const companyItself = (can: Permission) =>
  described(
    { can, company: true },
    (row: { id: string }, { actor }: Asking) =>
      actor !== null && actor.companyId === row.id && actor.can(can),
  );

/** The place of a row inside the company. */
export type Place = {
  branchId: string;
  departmentId: string;
  teamId: string | null;
  userId: string | null;
};

/**
 * Requires the permission within its access scope, or that the row is the own row of the user. The
 * field selects the columns of `Place`.
 */
export const canOrSelf = (can: Permission) =>
  described({ can, self: 'userId' }, (row: Place, _args: object, { actor }: Asking) => {
    if (actor === null) return false;
    return row.userId === actor.userId || (actor.can(can) && covers(actor.accessScope(can), row));
  });

/** Requires the permission for the whole company. */
export const everywhere = (can: Permission) =>
  described(
    { can, everywhere: true },
    (_row: unknown, _args: object, { actor }: Asking) =>
      actor?.can(can) === true && actor.accessScope(can) === 'company',
  );

/**
 * A sum is shown to a reader who may not read its values while at least this many of them are
 * unknown to the reader (docs/decisions/small-totals.md).
 */
export const LEAST_UNKNOWN_VALUES = 5;

/**
 * Requires `can` and, of a sum, that no value follows from it: the reader may read all values
 * (`values`, for the whole company), or none but their own and there are enough others. Who may
 * read some of the values could subtract them. The field selects `itemCount`.
 */
export const sumOf = (can: Permission, values: Permission) =>
  described({ can }, ({ itemCount }: { itemCount: number }, _args: object, { actor }: Asking) => {
    if (!actor?.can(can)) return false;
    if (actor.can(values)) return actor.accessScope(values) === 'company';
    const ownValue = 1;
    return itemCount - ownValue >= LEAST_UNKNOWN_VALUES;
  });

/**
 * Returns whether an access scope covers a row; db/tenant/visibility.ts has the same condition for
 * PostgreSQL.
 */
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

/**
 * Returns the rule behind `authScopes`: an object of scopes, or a function of this file. Null for
 * anything else.
 */
export function ruleOf(authScopes: unknown): Rule | null {
  if (typeof authScopes === 'function') return (authScopes as Partial<Described<object>>).rule ?? null;
  if (typeof authScopes !== 'object' || authScopes === null) return null;
  const entries = Object.entries(authScopes);
  const sound =
    entries.length > 0 &&
    entries.every(([name, value]) => isScopeName(name) && value !== false && value !== null);
  return sound ? (authScopes as Rule) : null;
}
