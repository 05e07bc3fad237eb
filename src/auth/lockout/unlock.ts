import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { transactionAs } from '../../db/sql.ts';
import { command } from '../../domain/command.ts';
import { id, token } from '../../domain/input.ts';
import { AppError, notFound } from '../../errors.ts';
import { languageOf, linkTo, notify } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { companyOf } from '../account/first-company.ts';
import { identityCommand } from '../identity-command.ts';
import { createEmailToken, findEmailToken, useEmailToken } from '../tokens/email-token.ts';
import { accountSubject, type Settled, tryKinds } from './limits.ts';

type Locked = { email: string; userId: string };

/** Mails the owner of an account that has just been locked a link that unlocks it. */
export function offerUnlock(services: Services, { email, userId }: Locked, settled: Settled): void {
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

/** By the mailed link: tries of a password count anew. It proves a mailbox, so locks of second factors stay. Error: NOT_FOUND. */
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
    await services.tries.clear(['password'], [accountSubject(email)]);
  },
});

/** By an administrator of a company that the user is a member of; the attempts are cleared once this has committed. */
export const unlockMember = command({
  event: 'account.unlocked',
  permission: 'member.write',
  input: z.object({ memberId: id }),
  run: async ({ tx, input, query, afterCommit }) => {
    const member = await tx.membership.findFirst({ where: { id: input.memberId } });
    if (!member) throw notFound();
    // whoever invites somebody has no say over their account
    if (member.status === 'invited') throw new AppError('CONFLICT', 'This member has not joined yet.');
    afterCommit(({ tries }) => tries.clear(tryKinds, [accountSubject(member.email)]));
    return tx.membership.findFirstOrThrow({ where: { id: member.id }, ...query });
  },
});
