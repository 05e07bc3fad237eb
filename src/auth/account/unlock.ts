import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { transactionAs } from '../../db/sql.ts';
import { catalogueOf } from '../../domain/access/role.ts';
import { command } from '../../domain/command.ts';
import { id, token } from '../../domain/input.ts';
import { AppError, notFound } from '../../errors.ts';
import { languageOf, linkTo, notify } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { mayGrant } from '../authorization/grants.ts';
import { identityCommand } from '../identity-command.ts';
import { type AttemptResult, accountSubject, attemptKinds } from '../lockout/limits.ts';
import { companyOf } from '../policy/first-company.ts';
import { createEmailToken, findEmailToken, useEmailToken } from '../tokens/email-token.ts';

type LockedAccount = { email: string; userId: string };

/** Mails the owner of an account that has just been locked a link that unlocks it. */
export function offerUnlock(
  services: Services,
  { email, userId }: LockedAccount,
  settled: AttemptResult,
): void {
  if (!settled.locked.includes(accountSubject(email)) || !services.mailer.canSend('email')) return;
  services.mailer.defer(async () => {
    const made = await transactionAs(services.pool, { companyId: null, userId }, (query) =>
      createEmailToken(query, userId, 'unlock'),
    );
    const link = linkTo(services, 'unlock', made);
    const language = await languageOf(services, userId);
    const minutes = Math.ceil(settled.waitSeconds / 60);
    notify(services, { email, language }, 'accountLocked', { link, minutes });
  });
}

/** Clears password attempts with an email token. It verifies only the mailbox, so locks of second factors stay. Error: NOT_FOUND. */
export const unlockAccount = identityCommand({
  caller: 'anyone',
  input: z.object({ token }),
  run: async ({ services, origin, input }) => {
    const given = input.token;
    const link = await findEmailToken(services.pool, given, 'unlock');
    if (!link) throw notFound();
    const { userId, email } = link;
    const companyId = await companyOf(services, userId);
    await transactionAs(services.pool, { companyId, userId }, async (query) => {
      if (!(await useEmailToken(query, given))) throw notFound();
      const facts = { action: 'account.unlocked' as const, data: { by: 'mail' } };
      await append(query, companyId, [{ ...facts, performer: { kind: 'user', userId }, origin }]);
    });
    await services.attempts.clear(['password'], [accountSubject(email)]);
    return { email };
  },
});

/**
 * By an administrator, for a member whose level is not above their own. A user who is a member elsewhere unlocks their account
 * by the mailed link: no company may reset the attempts that protect another one.
 * Errors: NOT_FOUND, FORBIDDEN, STEP_UP_REQUIRED, CONFLICT for an invited member and for a member of another company.
 */
export const unlockMember = command({
  event: 'account.unlocked',
  permission: 'member.write',
  stepUp: true,
  input: z.object({ memberId: id }),
  run: async ({ tx, input, actor, query, isMemberElsewhere, afterCommit }) => {
    const member = await tx.membership.findFirst({
      where: { id: input.memberId },
      include: { teams: { select: { team: { select: { roles: true } } } } },
    });
    if (!member) throw notFound();
    const roles = [...member.roles, ...member.teams.flatMap(({ team }) => team.roles)];
    mayGrant(actor, roles, await catalogueOf(tx), 'change');
    if (member.status === 'invited') throw new AppError('CONFLICT', 'This member has not joined yet.');
    if (await isMemberElsewhere(member.email))
      throw new AppError(
        'CONFLICT',
        'This user is a member of another company too; they unlock the account by mail.',
      );
    afterCommit((services) => services.attempts.clear(attemptKinds, [accountSubject(member.email)]));
    return tx.membership.findFirstOrThrow({ where: { id: member.id }, ...query });
  },
});
