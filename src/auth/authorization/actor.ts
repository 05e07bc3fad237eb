import { databaseNow } from '../../db/clock.ts';
import type { AccessScope } from '../../db/tenant/context.ts';
import { type Factor, isProtected } from './factor.ts';
import type { Identity, Membership } from './identity.ts';
import { type MfaDemand, mfaDemand } from './mfa-demand.ts';
import type { AccessScopeName, Permission, RoleDefinition } from './permissions.ts';
import { PLATFORM_ID, PLATFORM_LEVEL, permissions } from './permissions.ts';
import { roleDefinition } from './roles.ts';
import { policyOf } from './sign-in-policy.ts';

/** The state of a user's second factor in this session and company. */
export type Assurance = {
  /** The available factors. */
  factors: Factor[];
  /** When a factor was last verified in this session. */
  mfaAt: Date | null;
  /** How long a verified factor counts as recent. */
  stepUpMinutes: number;
  demand: MfaDemand;
  /**
   * The grace period ended without a factor: the user has no permission until enrolment
   * (ENROLMENT_REQUIRED).
   */
  mustEnrol: boolean;
};

/**
 * The performer of an operation, in one company, for one request. Computed once; `can` and
 * `accessScope` are look-ups.
 */
export type Actor = {
  /**
   * A service account comes with an API key: `userId` and `membershipId` are the account's id,
   * `sessionId` the key's. `system` is the deployment itself, which no request is.
   */
  kind: 'user' | 'service' | 'system';
  userId: string;
  email: string;
  name: string;
  /** The language of their mails (BCP 47). */
  language: string;
  /** The session's row: hex SHA-256 of its token. */
  sessionId: string;
  companyId: string;
  companyName: string;
  membershipId: string;
  /** Direct and team roles in this company. */
  roles: string[];
  permissions: ReadonlySet<Permission>;
  readOnly: boolean;
  level: number;
  branches: string[];
  departments: string[];
  teams: string[];
  /** Null for service accounts and the system, which have no factors. */
  assurance: Assurance | null;
  can(permission: Permission): boolean;
  /**
   * Returns the union over the roles that grant the permission; the self scope without one. Accepts
   * any text, for annotations.
   */
  accessScope(permission: string): AccessScope;
};

/** A role of a member; a team's role has scope over that team only. */
export type Held = { role: string; definition: RoleDefinition; teams: string[] };

/** A computed actor and its expiry, the end of a grace period. */
type Worked = { identity: Identity; actor: Actor; until: number };
const worked = new WeakMap<Membership, Worked>();

/**
 * Returns the actor in the session's company, or in a named one of the user's; null without an
 * active membership. Returns the same object for the same identity.
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
 * Returns the union of the membership's direct and team roles (R4), without writing permissions if
 * one is read-only (R5). Ignores unknown roles, and platform roles outside the platform's company.
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

/**
 * A role with branch or department scope covers the membership's place; without a place, only the
 * self scope.
 */
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
