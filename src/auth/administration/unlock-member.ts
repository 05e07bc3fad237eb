import { z } from 'zod';
import { command } from '../../domain/command.ts';
import { id } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import { accountSubject, attemptKinds } from '../lockout/limits.ts';
import { otherMember } from './administered-member.ts';

/**
 * Clears the attempts of another member whose level is not above the actor's. A member of another
 * company too unlocks the account by mail: no company may reset the attempts that protect another
 * one.
 * Errors: NOT_FOUND, FORBIDDEN, STEP_UP_REQUIRED, CONFLICT for an invited member and for a member
 * of another company.
 */
export const unlockMember = command({
  event: 'account.unlocked',
  permission: 'member.write',
  stepUp: true,
  input: z.object({ memberId: id }),
  run: async (tools) => {
    const { tx, input, query, isMemberElsewhere, afterCommit } = tools;
    const member = await otherMember(tools, input.memberId);
    if (member.status === 'invited') throw new AppError('CONFLICT', 'This member has not joined yet.');
    if (await isMemberElsewhere(member.email))
      throw new AppError(
        'CONFLICT',
        'This user is a member of another company too; they unlock the account by mail.',
      );
    // attempts count by address or by user, depending on their kind
    const names = [member.email, member.userId].map(accountSubject);
    afterCommit((services) => services.attempts.clear(attemptKinds, names));
    return tx.membership.findFirstOrThrow({ where: { id: member.id }, ...query });
  },
});
