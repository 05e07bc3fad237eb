import { z } from 'zod';
import { databaseTime } from '../../db/clock.ts';
import { command } from '../../domain/command.ts';
import { id } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import { notifyDeferred, now } from '../../notifications/notify.ts';
import { administeredMember, otherMember } from './administered-member.ts';

/**
 * Removes every second factor, trusted device and session of a member whose level is not above the
 * actor's. Errors: NOT_FOUND, FORBIDDEN, CONFLICT for a member of another company too, whose
 * factors protect that one: they recover the account themselves.
 */
export const disableMemberFactors = command({
  event: 'factor.disabled',
  permission: 'security.write',
  stepUp: true,
  input: z.object({ memberId: id }),
  run: async ({ tx, input, actor, query, disableFactors, afterCommit }) => {
    const member = await administeredMember({ tx, actor }, input.memberId);
    if (member.status === 'invited') throw new AppError('CONFLICT', 'This member has not joined yet.');
    if (!(await disableFactors(member.userId)))
      throw new AppError(
        'CONFLICT',
        'This user is a member of another company too; their second factors cannot be removed here.',
      );
    afterCommit((services) => notifyDeferred(services, member, 'factorsDisabled', { when: now() }));
    return tx.membership.findFirstOrThrow({ where: { id: member.id }, ...query });
  },
});

/**
 * Restarts the grace period of another member. Errors: NOT_FOUND, FORBIDDEN, CONFLICT without a
 * requirement.
 */
export const resetMemberGrace = command({
  event: 'mfa.graceReset',
  entity: 'Membership',
  permission: 'security.write',
  stepUp: true,
  input: z.object({ memberId: id }),
  run: async (tools) => {
    const { tx, input, query, key } = tools;
    const member = await otherMember(tools, input.memberId);
    if (member.mfaGraceFrom === null)
      throw new AppError('CONFLICT', 'This member is not required to have a second factor.');
    const startedAt = databaseTime();
    await tx.mfaGrace.update({ where: key(member.userId), data: { startedAt } });
    return tx.membership.update({ where: key(member.id), data: { mfaGraceFrom: startedAt }, ...query });
  },
});

/**
 * Requires a second factor of one member, whatever their roles and the company's policy; of another
 * one also no longer. Errors: NOT_FOUND, FORBIDDEN.
 */
export const requireMemberFactor = command({
  event: 'mfa.memberRequired',
  entity: 'Membership',
  permission: 'security.write',
  stepUp: true,
  input: z.object({ memberId: id, isRequired: z.boolean() }),
  run: async (tools) => {
    const { tx, input, query, key } = tools;
    const member = await (input.isRequired ? administeredMember : otherMember)(tools, input.memberId);
    return tx.membership.update({ where: key(member.id), data: { mfaRequired: input.isRequired }, ...query });
  },
});
