import { catalogueOf } from '../../domain/access/role.ts';
import type { CommandClient } from '../../domain/command.ts';
import { notFound } from '../../errors.ts';
import type { Actor } from '../authorization/actor.ts';
import { standingOf } from '../authorization/roles.ts';
import { requireLevel } from '../rights/check.ts';

/** Returns a member whose level is not above the actor's. Errors: NOT_FOUND, FORBIDDEN. */
export async function administeredMember(
  { tx, actor }: { tx: CommandClient; actor: Actor },
  memberId: string,
) {
  const member = await tx.membership.findFirst({
    where: { id: memberId },
    include: { teams: { select: { team: { select: { roles: true } } } } },
  });
  if (!member) throw notFound();
  const roles = [...member.roles, ...member.teams.flatMap(({ team }) => team.roles)];
  requireLevel(actor, standingOf(roles, await catalogueOf(tx)));
  return member;
}
