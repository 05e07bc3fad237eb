import type { Seat } from '../../auth/authorization/role-assignment.ts';
import type { CommandClient } from '../command.ts';

type Place = { branchId?: string | null | undefined; departmentId?: string | null | undefined };

/** Loads a place and teams with their parents. Unknown ids are omitted here; writing them fails. */
export async function seatOf(
  tx: CommandClient,
  { branchId, departmentId }: Place,
  teamIds: string[] = [],
): Promise<Seat> {
  const department = departmentId
    ? await tx.department.findFirst({ where: { id: departmentId }, select: { id: true, branchId: true } })
    : null;
  const teams = await tx.team.findMany({
    where: { id: { in: teamIds } },
    select: { id: true, departmentId: true, department: { select: { branchId: true } } },
  });
  return { branchId: branchId ?? null, department, teams };
}

/** Returns the role assignments of all members with a role, direct or by team. */
export async function seatsOf(tx: CommandClient, slug: string): Promise<Seat[]> {
  const members = await tx.membership.findMany({
    where: {
      OR: [{ roles: { has: slug } }, { teams: { some: { team: { roles: { has: slug } } } } }],
    },
    select: { branchId: true, departmentId: true, teams: { select: { teamId: true } } },
  });
  const seats: Seat[] = [];
  for (const { teams, ...place } of members)
    seats.push(
      await seatOf(
        tx,
        place,
        teams.map(({ teamId }) => teamId),
      ),
    );
  return seats;
}
