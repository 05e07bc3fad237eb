import type { RecordedChange } from '../../audit/record/declaration.ts';
import type { Membership } from '../authorization/identity.ts';
import { mfaDemand } from '../authorization/mfa-demand.ts';
import type { CustomRole, RoleCatalogue } from '../authorization/roles.ts';
import type { SignInPolicy } from '../authorization/sign-in-policy.ts';
import { type Rights, rightsOf } from './rights.ts';

type Moment = Date | string | null;

export type MembershipRow = {
  status: 'invited' | 'active' | 'suspended';
  roles: string[];
  branchId: string | null;
  departmentId: string | null;
  mfaRequired: boolean;
  mfaGraceFrom: Moment;
  invitedUntil: Moment;
};
type PolicyRow = SignInPolicy & { signUpMode: string; signUpRoles: string[] };

/** The rows from which rights follow, by model and id. */
export type RightsRows = {
  Membership: Map<string, MembershipRow>;
  TeamMember: Map<string, { teamId: string; membershipId: string }>;
  Team: Map<string, { departmentId: string; roles: string[] }>;
  Role: Map<string, CustomRole & { slug: string }>;
  ServiceAccount: Map<string, { roles: string[]; disabledAt: Moment }>;
  ApiKey: Map<string, { serviceAccountId: string; expiresAt: Moment; revokedAt: Moment }>;
  SignInPolicy: Map<string, PolicyRow>;
};
export type RightsModel = keyof RightsRows;

export const rightsModels: readonly string[] = [
  ...(['Membership', 'TeamMember', 'Team', 'Role'] as const),
  ...(['ServiceAccount', 'ApiKey', 'SignInPolicy'] as const),
] satisfies RightsModel[];

/** Returns the rows as they were before the changes. */
export function rowsBefore(rows: RightsRows, changes: readonly RecordedChange[]): RightsRows {
  const before = Object.fromEntries(
    Object.entries(rows).map(([model, table]) => [model, new Map<string, object>(table)]),
  );
  for (const { entity, entityId, before: snapshot } of changes.toReversed()) {
    const table = before[entity];
    if (!snapshot) table?.delete(entityId);
    else table?.set(entityId, { ...table.get(entityId), ...snapshot });
  }
  return before as RightsRows;
}

export const catalogueIn = (rows: RightsRows): RoleCatalogue =>
  Object.fromEntries([...rows.Role.values()].map((role) => [role.slug, role]));

/**
 * Returns what each member, role, team, service account, API key and future sign-up may do, by
 * model and id.
 */
export function holdersIn(companyId: string, rows: RightsRows, now: Date): Map<string, Rights> {
  const customRoles = catalogueIn(rows);
  const [policy = null] = rows.SignInPolicy.values();
  const shape = { company: { id: companyId, name: '', currency: '' }, customRoles, policy };
  const holding = (roles: string[], id: string, usable = true) =>
    rightsOf({ ...shape, ...nowhere, id, roles }, usable);
  const holders = new Map<string, Rights>();
  for (const [id, row] of rows.Membership) {
    const member = memberOf(id, row, rows, shape);
    holders.set(`Membership ${id}`, rightsOf(member, isUsable(row, member, now)));
  }
  for (const [id, { slug }] of rows.Role) holders.set(`Role ${id}`, holding([slug], id));
  for (const [id, { roles }] of rows.Team) holders.set(`Team ${id}`, holding(roles, id));
  for (const [id, { roles, disabledAt }] of rows.ServiceAccount)
    holders.set(`ServiceAccount ${id}`, holding(roles, id, !disabledAt));
  for (const [id, key] of rows.ApiKey) {
    const account = rows.ServiceAccount.get(key.serviceAccountId);
    const valid = !key.revokedAt && !account?.disabledAt && !isPast(key.expiresAt, now);
    holders.set(`ApiKey ${id}`, holding(account?.roles ?? [], id, valid));
  }
  // while sign-up is closed its roles give nothing to anyone; opening it gives them as a whole
  for (const [id, { signUpRoles, signUpMode }] of rows.SignInPolicy)
    if (selfService.includes(signUpMode)) holders.set(`SignInPolicy ${id}`, holding(signUpRoles, id));
  return holders;
}

/** Sign-up modes that need no approval of a member. */
const selfService = ['open', 'domain'];

/** A holder that works nowhere in particular, of whom no second factor is required. */
const nowhere = { branchId: null, departmentId: null, teams: [], mfaRequired: false, mfaGraceFrom: null };

type Shape = Pick<Membership, 'company' | 'customRoles' | 'policy'>;

function memberOf(id: string, row: MembershipRow, rows: RightsRows, shape: Shape): Membership {
  const own = [...rows.TeamMember.values()].filter(({ membershipId }) => membershipId === id);
  const teams = own.map(({ teamId }) => ({ id: teamId, roles: rows.Team.get(teamId)?.roles ?? [] }));
  const { roles, branchId, departmentId, mfaRequired } = row;
  const mfaGraceFrom = row.mfaGraceFrom && new Date(row.mfaGraceFrom).toISOString();
  return { ...shape, id, roles, branchId, departmentId, teams, mfaRequired, mfaGraceFrom };
}

/**
 * Whether a membership's rights can be used. Whether its user has a second factor is the user's
 * own: past the grace period they count as locked out, so that a new grace period is a gain.
 */
function isUsable({ status, invitedUntil }: MembershipRow, member: Membership, now: Date): boolean {
  if (status === 'invited') return !isPast(invitedUntil, now);
  const roles = [...member.roles, ...member.teams.flatMap((team) => team.roles)];
  const { graceEnds } = mfaDemand(member, roles);
  return status === 'active' && !(graceEnds && graceEnds <= now);
}

const isPast = (moment: Moment, now: Date): boolean => moment !== null && new Date(moment) <= now;
