import { z } from 'zod';
import { anonymous } from '../../audit/record/body.ts';
import { queryAs } from '../../db/sql.ts';
import { email, token } from '../../domain/input.ts';
import { invalidInput, notFound } from '../../errors.ts';
import { languageOf, notify, now, type Recipient, requireMail } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { type IdentityWork, identityCommand } from '../identity-command.ts';
import { countAttempt, countMessage, tooManyAttempts } from '../lockout/attempts.ts';
import { companyOf } from '../policy/first-company.ts';
import { revokeAllSessions } from '../session/session-rows.ts';
import { createEmailToken, emailTokenMinutes, findEmailToken, useEmailToken } from '../tokens/email-token.ts';
import { linkTo } from '../tokens/email-token-link.ts';
import { userOfChallenge } from './mfa-challenge.ts';

const HOURS = emailTokenMinutes.recoverMfa / 60;

/**
 * Sets the recovery address, for when every factor is lost. It takes effect once the token mailed
 * there is verified.
 * Errors: STEP_UP_REQUIRED, INVALID_INPUT, UNAVAILABLE, RATE_LIMITED.
 */
export const setRecoveryEmail = identityCommand({
  caller: 'user',
  stepUp: true,
  input: z.object({ email }),
  run: async (work) => {
    const { services, identity, actor, origin, input, transaction } = work;
    requireMail(services);
    const address = input.email;
    if (address === identity.user.email)
      throw invalidInput({ 'input.email': 'expected another address than the one that you sign in with' });
    const { companyId, userId } = actor;
    const result = await countMessage(services, `recovery ${userId}`, origin.ip);
    if (!result.accepted) throw tooManyAttempts(result.waitSeconds);
    return transaction({ companyId, userId }, async (tx) => {
      await tx('UPDATE "User" SET "recoveryEmail" = $2, "recoveryEmailVerifiedAt" = NULL WHERE id = $1', [
        userId,
        address,
      ]);
      await tx.append({ action: 'mfa.recoveryEmailSet' });
      const made = await createEmailToken(tx, userId, 'verifyRecoveryEmail');
      tx.afterCommit(() => mailVerification(services, identity.user, address, made));
      return { recoveryEmail: address };
    });
  },
});

function mailVerification(services: Services, user: Recipient, address: string, made: string): void {
  const hours = emailTokenMinutes.verifyRecoveryEmail / 60;
  const link = linkTo(services, 'verifyRecoveryEmail', made);
  notify(services, { ...user, email: address }, 'verifyRecoveryEmail', { link, hours });
  notify(services, user, 'recoveryEmailSet', { when: now() });
}

/**
 * Verifies the recovery address. Error: NOT_FOUND for a token that is unknown, used, expired, or of
 * a replaced address.
 */
export const verifyRecoveryEmail = identityCommand({
  caller: 'anyone',
  input: z.object({ token }),
  run: async ({ services, input, transaction }) => {
    const user = await findEmailToken(services.pool, input.token, 'verifyRecoveryEmail');
    if (!user) throw notFound();
    const { userId } = user;
    const companyId = await companyOf(services, userId);
    return transaction({ companyId, userId }, async (tx) => {
      if (!(await useEmailToken(tx, input.token))) throw notFound();
      const [verified] = await tx<{ recoveryEmail: string }>(
        'UPDATE "User" SET "recoveryEmailVerifiedAt" = now() WHERE id = $1 RETURNING "recoveryEmail"',
        [userId],
      );
      await tx.append({ action: 'mfa.recoveryEmailVerified' }, { kind: 'user', userId });
      if (!verified) throw notFound();
      return verified;
    });
  },
});

/**
 * Mails an email token of 24 hours to the recovery address of a user who gave the password and has
 * lost every factor, so that recovery takes the password and a second mailbox. The account's own
 * address is notified at once. The answer is the same with and without a recovery address. Errors:
 * UNAVAILABLE, UNAUTHENTICATED, RATE_LIMITED.
 */
export const startRecovery = identityCommand({
  caller: 'anyone',
  input: z.object({ challengeToken: token }),
  run: async (work) => {
    const { services, origin, input } = work;
    requireMail(services);
    const { userId, email, companies } = await userOfChallenge(services.pool, input.challengeToken);
    const [companyId] = companies as [string, ...string[]];
    const result = await countAttempt(services, { kind: 'recovery', account: email, ip: origin.ip }, false);
    if (!result.accepted) throw tooManyAttempts(result.waitSeconds);
    services.mailer.defer(() => mailRecovery(work, { userId, email, companyId }));
    return { expiresAt: new Date(Date.now() + emailTokenMinutes.recoverMfa * 60_000) };
  },
});

type Owner = { userId: string; email: string; companyId: string };

async function mailRecovery(
  { services, transaction }: IdentityWork,
  { userId, email, companyId }: Owner,
): Promise<void> {
  const to = await recoveryAddress(services, userId);
  if (!to) return;
  const made = await transaction({ companyId, userId }, async (tx) => {
    await tx.append({ action: 'mfa.recoveryStarted', data: { userId } }, anonymous);
    return createEmailToken(tx, userId, 'recoverMfa');
  });
  const language = await languageOf(services, userId);
  const link = linkTo(services, 'recoverMfa', made);
  notify(services, { email: to, language }, 'recovery', { link, hours: HOURS });
  notify(services, { email, language }, 'recoveryStarted', { when: now() });
}

async function recoveryAddress({ pool }: Services, userId: string): Promise<string | null> {
  const [user] = await queryAs(pool, { companyId: null, userId })<{ to: string | null }>(
    'SELECT "recoveryEmail" AS to FROM "User" WHERE id = $1 AND "recoveryEmailVerifiedAt" IS NOT NULL',
    [userId],
  );
  return user?.to ?? null;
}

/** Everything that serves as, or replaces, a second factor. */
const FACTORS = [
  ...['TotpFactor', 'ContactFactor', 'BackupCode', 'Passkey'],
  ...['TrustedDevice', 'MfaChallenge', 'OneTimeCode'],
];

/**
 * Removes all second factors and revokes all sessions with an email token. Starts no session.
 * Error: NOT_FOUND for an unknown, used or expired token.
 */
export const recoverAccount = identityCommand({
  caller: 'anyone',
  input: z.object({ token }),
  run: async ({ services, input, transaction }) => {
    const user = await findEmailToken(services.pool, input.token, 'recoverMfa');
    if (!user) throw notFound();
    const { userId, email, language } = user;
    const companyId = await companyOf(services, userId);
    const to = await recoveryAddress(services, userId);
    return transaction({ companyId, userId }, async (tx) => {
      if (!(await useEmailToken(tx, input.token))) throw notFound();
      for (const table of FACTORS) await tx(`DELETE FROM "${table}" WHERE "userId" = $1`, [userId]);
      const sessions = await revokeAllSessions(tx, userId);
      await tx.append({ action: 'mfa.recovered', data: { sessions } }, { kind: 'user', userId });
      for (const address of [email, ...(to ? [to] : [])])
        tx.afterCommit(() => notify(services, { email: address, language }, 'recovered', { when: now() }));
      return { email };
    });
  },
});
