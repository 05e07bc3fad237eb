import type { AccessScope } from '../../db/tenant/context.ts';
import { AppError } from '../../errors.ts';
import type { Actor } from '../authorization/actor.ts';
import { type AccessScopeName, isNarrowed, type Permission } from '../authorization/permissions.ts';
import { type Gain, gainsOf, isWider, loses, type Rights } from './rights.ts';

/** Who may do what before and after a command, by model and id (`rights-rows.ts`). */
export type RightsChange = {
  before: Map<string, Rights>;
  after: Map<string, Rights>;
  /** The holders whose own row the command changed. */
  direct: ReadonlySet<string>;
  /** Where departments and teams lie. */
  structure: Structure;
};
/** Who grants: as much of an actor as granting depends on. */
export type Grantor = Pick<Actor, 'level' | 'can' | 'accessScope'>;

export type Structure = {
  branchOf: ReadonlyMap<string, string>;
  departmentOf: ReadonlyMap<string, string>;
};

/**
 * The highest level that a role for self-service sign-up can have: above it, an administrator
 * appoints by name.
 */
export const SIGN_UP_LEVEL = 2;

/**
 * Holders whose rights may be taken away by any level: revoking a key must never wait for a
 * superior.
 */
const revocable = /^(ServiceAccount|ApiKey|SignInPolicy) /;

/**
 * Decides whether the actor may change rights like this, and returns whether anything was gained.
 * Each holder of a level above the actor's stays as they are. Each gained permission is one that
 * the actor holds, at least as far.
 * Errors: FORBIDDEN, CONFLICT for a sign-up role above its cap.
 */
export function checkRights(actor: Grantor, change: RightsChange): { gained: boolean } {
  let gained = false;
  for (const holder of new Set([...change.before.keys(), ...change.after.keys()])) {
    const [before, after] = [change.before.get(holder), change.after.get(holder)];
    const gains = gainsOf(before, after);
    const raised = after !== undefined && after.level > (before?.level ?? 0);
    const increased = gains.length > 0 || raised;
    if (before && !revocable.test(holder)) {
      const touched = change.direct.has(holder) || increased || loses(before, after);
      if (touched) requireLevel(actor, before);
    }
    if (!increased || !after) continue;
    if (holder.startsWith('SignInPolicy ')) requireSignUpLevel(after);
    requireLevel(actor, after);
    for (const gain of gains) requireHeld(actor, gain, change.structure);
    gained = true;
  }
  return { gained };
}

/** Error: FORBIDDEN for rights of a level above the actor's. */
export function requireLevel(actor: Pick<Grantor, 'level'>, { level }: Pick<Rights, 'level'>): void {
  if (level > actor.level)
    throw new AppError('FORBIDDEN', `This requires level ${level}; yours is ${actor.level}.`);
}

function requireSignUpLevel({ level }: Rights): void {
  if (level > SIGN_UP_LEVEL)
    throw new AppError(
      'CONFLICT',
      `This role is given at sign-up; its level cannot exceed ${SIGN_UP_LEVEL}.`,
    );
}

function requireHeld(actor: Grantor, { permission, scope, places }: Gain, structure: Structure): void {
  if (!actor.can(permission))
    throw new AppError('FORBIDDEN', `This grants ${permission}, which you do not have.`);
  // The same permission over more rows is more than the actor holds.
  if (isWider(scope, widestScope(actor, permission)))
    throw new AppError('FORBIDDEN', `This gives ${permission} a wider access scope than yours.`);
  if (places && isNarrowed(permission) && !covers(actor.accessScope(permission), places, structure))
    throw new AppError('FORBIDDEN', `This gives ${permission} for rows outside your access scope.`);
}

function widestScope(actor: Grantor, permission: Permission): AccessScopeName {
  const scope = actor.accessScope(permission);
  if (scope === 'company') return 'company';
  if (scope.branches.length > 0) return 'branch';
  if (scope.departments.length > 0) return 'department';
  return scope.teams.length > 0 ? 'team' : 'self';
}

/**
 * Whether every place lies within the access scope: a team in its department, a department in its
 * branch.
 */
export function covers(scope: AccessScope, places: AccessScope, structure: Structure): boolean {
  if (scope === 'company') return true;
  if (places === 'company') return false;
  const branch = (id: string | undefined) => id !== undefined && scope.branches.includes(id);
  const department = (id: string | undefined) =>
    id !== undefined && (scope.departments.includes(id) || branch(structure.branchOf.get(id)));
  const team = (id: string) => scope.teams.includes(id) || department(structure.departmentOf.get(id));
  return places.branches.every(branch) && places.departments.every(department) && places.teams.every(team);
}
