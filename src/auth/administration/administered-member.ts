import { catalogueOf } from '../../domain/access/role.ts';
import type { CommandClient } from '../../domain/command.ts';
import type { MembershipTools } from '../../domain/command-tools.ts';
import { notFound } from '../../errors.ts';
import type { Actor } from '../authorization/actor.ts';
import { requireAnotherHuman } from '../authorization/four-eyes.ts';
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

type Tools = { tx: CommandClient; actor: Actor } & Pick<MembershipTools, 'sameHumans'>;

/**
 * The same for a member who is not the actor: what restricts members is lifted by others. Errors:
 * NOT_FOUND, FORBIDDEN.
 */
export async function otherMember(tools: Tools, memberId: string) {
  const member = await administeredMember(tools, memberId);
  await requireAnotherHuman(
    tools,
    { performers: [member.userId] },
    'Members cannot lift their own restrictions.',
  );
  return member;
}
