import type { Seat } from '../../auth/authorization/role-assignment.ts';
import type { CommandClient } from '../command.ts';

type Place = { branchId?: string | null | undefined; departmentId?: string | null | undefined };

/** A place and some teams, with what they lie in. An id that the company doesn't have is left out here and fails when it is written. */
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

/** The seats of all who hold a role, by themselves or by a team. */
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
