import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { transactionAs } from '../../db/sql.ts';
import { token } from '../../domain/input.ts';
import { notFound } from '../../errors.ts';
import { languageOf, notify } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { identityCommand } from '../identity-command.ts';
import { type AttemptResult, accountSubject } from '../lockout/limits.ts';
import { companyOf } from '../policy/first-company.ts';
import { createEmailToken, findEmailToken, useEmailToken } from '../tokens/email-token.ts';
import { linkTo } from '../tokens/email-token-link.ts';

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
