import { z } from 'zod';
import { token } from '../../domain/input.ts';
import { notFound } from '../../errors.ts';
import { identityCommand } from '../identity-command.ts';
import { accountSubject } from '../lockout/limits.ts';
import { companyOf } from '../policy/first-company.ts';
import { findEmailToken, useEmailToken } from '../tokens/email-token.ts';

/**
 * Clears password attempts with an email token. It verifies only the mailbox, so locks of second
 * factors stay. Error: NOT_FOUND.
 */
export const unlockAccount = identityCommand({
  caller: 'anyone',
  input: z.object({ token }),
  run: async ({ services, input, transaction }) => {
    const user = await findEmailToken(services.pool, input.token, 'unlock');
    if (!user) throw notFound();
    const { userId, email } = user;
    const companyId = await companyOf(services, userId);
    await transaction({ companyId, userId }, async (tx) => {
      if (!(await useEmailToken(tx, input.token))) throw notFound();
      await tx.append({ action: 'account.unlocked', data: { by: 'mail' } }, { kind: 'user', userId });
      tx.afterCommit(() => services.attempts.clear(['password'], [accountSubject(email)]));
    });
    return { email };
  },
});
