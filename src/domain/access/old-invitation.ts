import { z } from 'zod';
import { databaseNow } from '../../db/clock.ts';
import { notFound } from '../../errors.ts';
import { command } from '../command.ts';
import { leaveTeams } from './member.ts';

/**
 * Removes an invitation that has expired, with the address that it was sent to. Error: NOT_FOUND
 * for one that was accepted, sent again or withdrawn meanwhile.
 */
export const removeOldInvitation = command({
  event: 'member.invitationExpired',
  entity: 'Membership',
  permission: 'member.write',
  input: z.object({ memberId: z.uuid() }), // a job's, and no client's
  run: async ({ tx, input, key }) => {
    const expired = { status: 'invited', invitedUntil: { lt: new Date(databaseNow()) } } as const;
    const member = await tx.membership.findFirst({ where: { id: input.memberId, ...expired } });
    if (!member) throw notFound();
    await leaveTeams({ tx, key }, member.id);
    return tx.membership.delete({ where: key(member.id) });
  },
});
