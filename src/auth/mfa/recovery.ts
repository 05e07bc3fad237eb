import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { type Origin, performerOf } from '../../audit/record/body.ts';
import { queryAs, transactionAs } from '../../db/sql.ts';
import { email, token } from '../../domain/input.ts';
import { invalidInput, notFound } from '../../errors.ts';
import { languageOf, notify, now, requireMail } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { identityCommand } from '../identity-command.ts';
import { countAttempt, tooManyAttempts } from '../lockout/attempts.ts';
import { companyOf } from '../policy/first-company.ts';
import { revokeAllSessions } from '../session/store.ts';
import { createEmailToken, emailTokenMinutes, findEmailToken, useEmailToken } from '../tokens/email-token.ts';
import { linkTo } from '../tokens/email-token-link.ts';
import { userOfChallenge } from './mfa-challenge.ts';

const HOURS = emailTokenMinutes.recoverMfa / 60;

/** Another address of one's own, for when every factor is lost; it counts once the link that is mailed there was opened. */
export const setRecoveryEmail = identityCommand({
  caller: 'user',
  stepUp: true,
  input: z.object({ email }),
  run: async ({ services, origin, identity, actor, input }) => {
    const { user } = identity;
    requireMail(services);
    const address = input.email;
    if (address === user.email)
      throw invalidInput({ 'input.email': 'expected another address than the one that you sign in with' });
    const { companyId, userId } = actor;
    const made = await transactionAs(services.pool, { companyId, userId }, async (query) => {
      await query('UPDATE "User" SET "recoveryEmail" = $2, "recoveryEmailVerifiedAt" = NULL WHERE id = $1', [
        userId,
        address,
      ]);
      await append(query, companyId, [
        { action: 'mfa.recoveryEmailSet', performer: performerOf(actor), origin },
      ]);
      return createEmailToken(query, userId, 'verifyRecoveryEmail');
    });
    const link = linkTo(services, 'verifyRecoveryEmail', made);
    notify(services, { email: address, language: user.language }, 'verifyRecoveryEmail', {
      link,
      hours: emailTokenMinutes.verifyRecoveryEmail / 60,
    });
    notify(services, user, 'recoveryEmailSet', { when: now() });
    return { recoveryEmail: address };
  },
});

/** Error: NOT_FOUND for a link that is unknown, used, expired, or for an address that has been replaced since. */
export const verifyRecoveryEmail = identityCommand({
  caller: 'anyone',
  input: z.object({ token }),
  run: async ({ services, origin, input }) => {
    const given = input.token;
    const link = await findEmailToken(services.pool, given, 'verifyRecoveryEmail');
    if (!link) throw notFound();
    const { userId } = link;
    const companyId = await companyOf(services, userId);
    return transactionAs(services.pool, { companyId, userId }, async (query) => {
      if (!(await useEmailToken(query, given))) throw notFound();
      const [verified] = await query<{ recoveryEmail: string }>(
        'UPDATE "User" SET "recoveryEmailVerifiedAt" = now() WHERE id = $1 RETURNING "recoveryEmail"',
        [userId],
      );
      const facts = { action: 'mfa.recoveryEmailVerified' as const };
      await append(query, companyId, [{ ...facts, performer: { kind: 'user', userId }, origin }]);
      if (!verified) throw notFound();
      return verified;
    });
  },
});

/**
 * For who gave the right password and has lost every factor: a link, for 24 hours, to the recovery address. So it takes the password and
 * another mailbox. The account's own address hears of it at once. The answer is the same with a recovery address and without.
 * Errors: UNAVAILABLE, UNAUTHENTICATED, RATE_LIMITED.
 */
export const startRecovery = identityCommand({
  caller: 'anyone',
  input: z.object({ challengeToken: token }),
  run: async ({ services, origin, input }) => {
    requireMail(services);
    const { userId, email, companies } = await userOfChallenge(services.pool, input.challengeToken);
    const [companyId] = companies as [string, ...string[]];
    const settled = await countAttempt(services, { kind: 'recovery', account: email, ip: origin.ip }, false);
    if (!settled.accepted) throw tooManyAttempts(settled.waitSeconds);
    services.mailer.defer(() => mailRecovery(services, origin, { userId, email, companyId }));
    return { expiresAt: new Date(Date.now() + emailTokenMinutes.recoverMfa * 60_000) };
  },
});

type Owner = { userId: string; email: string; companyId: string };

async function mailRecovery(
  services: Services,
  origin: Origin,
  { userId, email, companyId }: Owner,
): Promise<void> {
  const to = await recoveryAddress(services, userId);
  if (!to) return;
  const made = await transactionAs(services.pool, { companyId, userId }, async (query) => {
    const facts = { action: 'mfa.recoveryStarted' as const, data: { userId } };
    await append(query, companyId, [{ ...facts, performer: { kind: 'anonymous' }, origin }]);
    return createEmailToken(query, userId, 'recoverMfa');
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

/** Removes all second factors and revokes all sessions with an email token. Starts no session. Error: NOT_FOUND for an unknown, used or expired token. */
export const recoverAccount = identityCommand({
  caller: 'anyone',
  input: z.object({ token }),
  run: async ({ services, origin, input }) => {
    const given = input.token;
    const link = await findEmailToken(services.pool, given, 'recoverMfa');
    if (!link) throw notFound();
    const { userId, email, language } = link;
    const companyId = await companyOf(services, userId);
    const to = await recoveryAddress(services, userId);
    await transactionAs(services.pool, { companyId, userId }, async (query) => {
      if (!(await useEmailToken(query, given))) throw notFound();
      for (const table of FACTORS) await query(`DELETE FROM "${table}" WHERE "userId" = $1`, [userId]);
      const sessions = await revokeAllSessions(query, userId);
      const facts = { action: 'mfa.recovered' as const, data: { sessions } };
      await append(query, companyId, [{ ...facts, performer: { kind: 'user', userId }, origin }]);
    });
    for (const address of [email, ...(to ? [to] : [])])
      notify(services, { email: address, language }, 'recovered', { when: now() });
    return { email };
  },
});
