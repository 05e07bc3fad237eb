import type { Permission } from '../auth/policy.ts';

/**
 * The whole of what asks for no session. `signIn` must not; the viewer's types carry what the caller's own credential proves and are
 * reached through `viewer` (signed in) and `signIn`'s answer alone.
 */
export const publicFields = [
  'Mutation.signIn',
  'SignInPayload',
  'Viewer',
  'ViewerPerson',
  'ViewerMembership',
  'ViewerCompany',
];

/** What a rule says, as data: the policy export and the start-up check read it from here. */
export type Rule = { can?: Permission; self?: string; company?: true; signedIn?: true; public?: true };

type Described<F> = F & { rule: Rule };
const described = <F extends object>(rule: Rule, check: F): Described<F> => Object.assign(check, { rule });

/** A type whose rows belong to a company: the permission, and the row's company is the actor's. Select `companyId`. */
export const companyRow = (can: Permission) =>
  described({ can, company: true }, (row: { companyId: string }) => ({
    $all: { can, company: row.companyId },
  }));

/** The same for the company's own row, whose id is the company. */
export const companyItself = (can: Permission) =>
  described({ can, company: true }, (row: { id: string }) => ({ $all: { can, company: row.id } }));

/** Where a row stands inside the company. */
export type Place = {
  branchId: string;
  departmentId: string;
  teamId: string | null;
  personId: string | null;
};

/** The permission, as far as it reaches, or the row is the person's own. Select the columns of `Place`. */
export const canOrSelf = (can: Permission) =>
  described({ can, self: 'personId' }, (row: Place) => ({
    $any: { reaches: { can, row }, self: row.personId },
  }));

/** The permission, for the whole company. */
export const everywhere = (can: Permission) => described({ can }, () => ({ everywhere: can }));

/** The data behind any `authScopes`: an object of scopes, or a function made above. `null` for anything else. */
export function ruleOf(authScopes: unknown): Rule | null {
  if (typeof authScopes === 'function') return (authScopes as Partial<Described<object>>).rule ?? null;
  if (typeof authScopes !== 'object' || authScopes === null) return null;
  const known = ['can', 'signedIn', 'public'];
  const entries = Object.entries(authScopes);
  const sound =
    entries.length > 0 &&
    entries.every(([name, value]) => known.includes(name) && value !== false && value !== null);
  return sound ? (authScopes as Rule) : null;
}
