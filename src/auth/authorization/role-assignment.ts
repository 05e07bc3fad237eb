import { AppError } from '../../errors.ts';
import type { Actor } from './actor.ts';
import { type AccessScopeName, isNarrowed, type Permission, permissions } from './permissions.ts';
import { type RoleCatalogue, roleDefinition } from './roles.ts';

/** Where somebody's roles count: their branch, their department, and the teams in question, each with what it lies in. */
export type Seat = {
  branchId: string | null;
  department: { id: string; branchId: string } | null;
  teams: { id: string; departmentId: string; department: { branchId: string } }[];
};

/**
 * May these roles count in these seats by the actor's doing? A branch manager may make another of their own branch, and of no other:
 * every permission that rows are narrowed by must reach as far as the seat does. What the roles hold is for `mayGrant` to say.
 * The seats are asked for only where the actor's own reach ends somewhere. Error: FORBIDDEN.
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

/** The permissions of a role that are narrowed, for the role and for the actor. */
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
  company: () => true, // the same in every seat: mayGrant has looked
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
