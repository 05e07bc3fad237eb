import { databaseNow } from '../../db/clock.ts';
import type { AccessScope } from '../../db/tenant/context.ts';
import { type Factor, isProtected } from '../mfa/factor.ts';
import { type MfaDemand, mfaDemand } from '../mfa/policy.ts';
import type { Identity, Membership } from './identity.ts';
import type { AccessScopeName, Permission, RoleDefinition } from './permissions.ts';
import { PLATFORM_ID, PLATFORM_LEVEL, permissions } from './permissions.ts';
import { roleDefinition } from './roles.ts';
import { policyOf } from './sign-in-policy.ts';

/** What is known of a user's second factor in this session and company. */
export type Assurance = {
  /** What they could prove themselves with now. */
  factors: Factor[];
  /** When they last did, in this session. */
  mfaAt: Date | null;
  /** For how long that is recent. */
  stepUpMinutes: number;
  demand: MfaDemand;
  /** The time to add a factor is over and there is none: they hold no permission until there is (ENROLMENT_REQUIRED). */
  mustEnrol: boolean;
};

/** Who asks, in one company, for one request. Computed once; `can` and `accessScope` are look-ups. */
export type Actor = {
  /**
   * A service account comes with an API key: `userId` and `membershipId` are the account's id, `sessionId` the key's. `system` is
   * the deployment itself, which no request is.
   */
  kind: 'user' | 'service' | 'system';
  userId: string;
  email: string;
  name: string;
  /** What mails to them are written in, as a tag (BCP 47). */
  language: string;
  /** The session's row: hex SHA-256 of its token. */
  sessionId: string;
  companyId: string;
  companyName: string;
  membershipId: string;
  /** Direct and team roles that count in this company. */
  roles: string[];
  permissions: ReadonlySet<Permission>;
  readOnly: boolean;
  level: number;
  branches: string[];
  departments: string[];
  teams: string[];
  /** `null` for what is no user, of whom no factor can be asked: the system, a service account. */
  assurance: Assurance | null;
  can(permission: Permission): boolean;
  /** The union over the roles that grant the permission; only oneself when none does. Takes any text, as annotations do. */
  accessScope(permission: string): AccessScope;
};

/** A role that somebody holds; through a team, it reaches that team only. */
export type Held = { role: string; definition: RoleDefinition; teams: string[] };

/** What was worked out of an identity, and until when it is so: a grace period ends by itself. */
type Worked = { identity: Identity; actor: Actor; until: number };
const worked = new WeakMap<Membership, Worked>();

/**
 * The actor in the session's company, or in another of the user's that they name; `null` where they are no active member. The same
 * identity gives the same object.
 */
export function actorOf(
  identity: Identity,
  companyId: string | null = identity.session.companyId,
): Actor | null {
  const membership = identity.memberships.find(({ company }) => company.id === companyId?.toLowerCase());
  if (!membership) return null;
  const before = worked.get(membership);
  const now = databaseNow(); // one time for all that follows: a grace period may end between two looks at the clock
  if (before?.identity === identity && now < before.until) return before.actor;
  const actor = actorIn(membership, identity, now);
  worked.set(membership, { identity, actor, until: changesAt(actor, now) });
  return actor;
}

function changesAt({ assurance }: Actor, now: number): number {
  const ends = assurance?.demand.graceEnds?.getTime() ?? Number.NEGATIVE_INFINITY;
  return ends > now ? ends : Number.POSITIVE_INFINITY;
}

/**
 * The union of the membership's direct and its teams' roles (R4), less everything that writes if one of them is read-only (R5).
 * Unknown roles, and platform roles outside the platform's company, count for nothing.
 */
function actorIn(membership: Membership, { user, session }: Identity, now: number): Actor {
  const held = heldRoles(membership);
  const assurance = assuranceOf(membership, held, { user, session }, now);
  const readOnly = held.some(({ definition }) => definition.readOnly);
  const accessScope = accessScopeByPermission(assurance.mustEnrol ? [] : held, membership, user.id, readOnly);
  const permissions: ReadonlySet<Permission> = new Set(accessScope.keys());
  const onlySelf: AccessScope = { branches: [], departments: [], teams: [], self: user.id };
  return {
    kind: 'user',
    userId: user.id,
    email: user.email,
    name: user.name,
    language: user.language,
    sessionId: session.id,
    companyId: membership.company.id,
    companyName: membership.company.name,
    membershipId: membership.id,
    roles: [...new Set(held.map(({ role }) => role))],
    permissions,
    readOnly,
    level: Math.max(0, ...held.map(({ definition }) => definition.level)),
    ...placesOf(membership),
    assurance,
    can: (permission) => permissions.has(permission),
    accessScope: (permission) => accessScope.get(permission as Permission) ?? onlySelf,
  };
}

function assuranceOf(
  membership: Membership,
  held: Held[],
  { user, session }: Pick<Identity, 'user' | 'session'>,
  now: number,
): Assurance {
  const demand = mfaDemand(
    membership,
    held.map(({ role }) => role),
  );
  const factors = isProtected(user.factors) ? user.factors : [];
  const late = demand.graceEnds !== null && demand.graceEnds.getTime() <= now;
  return {
    factors,
    mfaAt: session.mfaAt,
    stepUpMinutes: policyOf(membership.policy).stepUpMinutes,
    demand,
    mustEnrol: late && factors.length === 0,
  };
}

function placesOf({ branchId, departmentId, teams }: Membership) {
  return {
    branches: branchId ? [branchId] : [],
    departments: departmentId ? [departmentId] : [],
    teams: teams.map(({ id }) => id),
  };
}

export function heldRoles(membership: Membership): Held[] {
  const { teams } = placesOf(membership);
  const named = [
    ...membership.roles.map((role) => ({ role, teams })),
    ...membership.teams.flatMap((team) => team.roles.map((role) => ({ role, teams: [team.id] }))),
  ];
  return named.flatMap(({ role, teams }) => {
    const definition = roleDefinition(role, membership.customRoles);
    const foreign = definition?.level === PLATFORM_LEVEL && membership.company.id !== PLATFORM_ID;
    return definition && !foreign ? [{ role, definition, teams }] : [];
  });
}

export function accessScopeByPermission(
  held: Held[],
  membership: Membership,
  self: string,
  readOnly: boolean,
): Map<Permission, AccessScope> {
  const accessScope = new Map<Permission, AccessScope>();
  for (const { definition, teams } of held) {
    const own = accessScopeOf(definition.accessScope, { ...placesOf(membership), teams }, self);
    for (const permission of definition.permissions) {
      if (readOnly && permissions[permission].writes) continue;
      const before = accessScope.get(permission);
      accessScope.set(permission, before ? union(before, own) : own);
    }
  }
  return accessScope;
}

/** A role that reaches a branch or department reaches the membership's; one without a place covers only oneself. */
function accessScopeOf(
  name: AccessScopeName,
  places: { branches: string[]; departments: string[]; teams: string[] },
  self: string,
): AccessScope {
  if (name === 'company') return 'company';
  return {
    branches: name === 'branch' ? places.branches : [],
    departments: name === 'department' ? places.departments : [],
    teams: name === 'team' ? places.teams : [],
    self,
  };
}

function union(a: AccessScope, b: AccessScope): AccessScope {
  if (a === 'company' || b === 'company') return 'company';
  const both = (x: string[], y: string[]) => [...new Set([...x, ...y])];
  return {
    branches: both(a.branches, b.branches),
    departments: both(a.departments, b.departments),
    teams: both(a.teams, b.teams),
    self: a.self,
  };
}
