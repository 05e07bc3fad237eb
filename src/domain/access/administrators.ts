import {
  administers,
  type RoleCatalogue,
  type Standing,
  standingOf,
} from '../../auth/authorization/roles.ts';
import { AppError } from '../../errors.ts';
import type { Tools } from '../command.ts';

/**
 * Runs a change of members, teams or roles and verifies its result: no permission is removed from a
 * member of a higher level, also not through a shared team or role (FORBIDDEN), and the company keeps an
 * administrator (CONFLICT). Serialized by company, so that two administrators cannot remove each other.
 */
export async function keepingAnAdministrator<T>(tools: Tools<unknown>, change: () => Promise<T>): Promise<T> {
  const { actor, lock } = tools;
  await lock('administrators');
  const before = await memberships(tools);
  const result = await change();
  const after = await memberships(tools);
  for (const [id, { standing }] of before) {
    if (standing.level > actor.level && takesFrom(standing, after.get(id)?.standing)) {
      throw new AppError('FORBIDDEN', 'This would remove permissions from a member above your level.');
    }
  }
  if (![...after.values()].some(({ administers }) => administers)) {
    throw new AppError(
      'CONFLICT',
      'This would leave the company without an administrator; appoint another one first.',
    );
  }
  return result;
}

const takesFrom = (before: Standing, after: Standing | undefined): boolean =>
  !after ||
  after.level < before.level ||
  [...before.permissions].some((permission) => !after.permissions.has(permission));

type Held = { standing: Standing; administers: boolean };

/** The permissions of each active member, by their own roles and their teams'. */
async function memberships({ tx }: Tools<unknown>): Promise<Map<string, Held>> {
  const members = await tx.membership.findMany({
    where: { status: 'active' },
    select: { id: true, roles: true, teams: { select: { team: { select: { roles: true } } } } },
  });
  const own = await tx.role.findMany();
  const catalogue = Object.fromEntries(own.map((role) => [role.slug, role])) as RoleCatalogue;
  return new Map(
    members.map(({ id, roles, teams }) => {
      const all = [...roles, ...teams.flatMap(({ team }) => team.roles)];
      return [id, { standing: standingOf(all, catalogue), administers: administers(all, catalogue) }];
    }),
  );
}
