import { AppError } from '../../errors.ts';
import type { Actor } from './actor.ts';
import { type AccessScopeName, isNarrowed, type Permission, permissions } from './permissions.ts';
import { type RoleCatalogue, roleDefinition } from './roles.ts';

/** The scope of an assignment: branch, department and teams, each with its parents. */
export type Seat = {
  branchId: string | null;
  department: { id: string; branchId: string } | null;
  teams: { id: string; departmentId: string; department: { branchId: string } }[];
};

/**
 * Verifies that the actor may assign these roles in these scopes: a branch manager may appoint another
 * of their own branch only. Every narrowed permission of the actor must cover the scope; `mayGrant`
 * verifies the permissions. Scopes are loaded only for an actor with a limited scope. Error: FORBIDDEN.
 */
export async function maySeat(
  actor: Actor,
  names: readonly string[],
  catalogue: RoleCatalogue,
  seats: () => Promise<Seat[]>,
): Promise<void> {
  const limited = names.flatMap((name) => limitedParts(actor, name, catalogue));
  if (limited.length === 0) return;
  for (const seat of await seats()) {
    const beyond = limited.find(({ accessScope, places }) => !within[accessScope](places, seat));
    if (beyond) {
      throw new AppError(
        'FORBIDDEN',
        `The role ${beyond.name} gives ${beyond.permission} for rows outside your access scope.`,
      );
    }
  }
}

type Places = { branches: string[]; departments: string[]; teams: string[] };
type Part = { name: string; permission: Permission; accessScope: AccessScopeName; places: Places };

/** Returns the permissions of a role that are narrowed for the role and for the actor. */
function limitedParts(actor: Actor, name: string, catalogue: RoleCatalogue): Part[] {
  const role = roleDefinition(name, catalogue);
  if (!role) return [];
  const counts = role.permissions.filter((one) => !(role.readOnly && permissions[one].writes));
  return counts.filter(isNarrowed).flatMap((permission) => {
    const places = actor.accessScope(permission);
    return places === 'company' ? [] : [{ name, permission, accessScope: role.accessScope, places }];
  });
}

const within: Record<AccessScopeName, (places: Places, seat: Seat) => boolean> = {
  company: () => true, // independent of the scope: mayGrant verified it
  self: () => true,
  branch: ({ branches }, { branchId }) => branchId === null || branches.includes(branchId),
  department: (places, { department }) =>
    department === null || inDepartment(places, department.id, department.branchId),
  team: (places, { teams }) =>
    teams.every(
      ({ id, departmentId, department }) =>
        places.teams.includes(id) || inDepartment(places, departmentId, department.branchId),
    ),
};

const inDepartment = ({ branches, departments }: Places, id: string, branchId: string): boolean =>
  departments.includes(id) || branches.includes(branchId);
