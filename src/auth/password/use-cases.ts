import { z } from 'zod';
import { anonymous } from '../../audit/record/body.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import { email, newPassword, token } from '../../domain/input.ts';
import { AppError, invalidInput, notFound } from '../../errors.ts';
import { languageOf, notify, now, requireMail } from '../../notifications/notify.ts';
import { auditLocks, offerUnlock } from '../account/locks.ts';
import { type IdentityWork, identityCommand } from '../identity-command.ts';
import { countAttempt, countMailRequest, refuseLocked, tooManyAttempts } from '../lockout/attempts.ts';
import { accountSubject } from '../lockout/limits.ts';
import { companyOf } from '../policy/first-company.ts';
import { revokeAllSessions, rotateSession } from '../session/session-rows.ts';
import { startSession } from '../session/store.ts';
import { createEmailToken, emailTokenMinutes, findEmailToken, useEmailToken } from '../tokens/email-token.ts';
import { linkTo } from '../tokens/email-token-link.ts';
import { hashPassword, verifyPassword } from './hash.ts';
import { replacePassword, storedHash } from './replace-password.ts';
import { passwordRules, wasUsed, weaknessUnder } from './rules.ts';

const change = z.object({ currentPassword: newPassword, newPassword });

/**
 * Changes the password of a user who knows the current one. Revokes all other sessions and rotates
 * this one. Errors: INVALID_INPUT for a wrong current or an unsuitable new password; RATE_LIMITED;
 * CONFLICT when the password changed meanwhile.
 */
export const changePassword = identityCommand({
  caller: 'user',
  input: change,
  run: async (work) => {
    const { services, identity, actor, input } = work;
    const { user, session } = identity;
    const place = { companyId: actor.companyId, userId: user.id };
    const query = queryAs(services.pool, { companyId: null, userId: user.id });
    const stored = await storedHash(query);
    await verifyCurrent(work, { ...place, email: user.email }, stored, input.currentPassword);
    await refuseWeak(query, user, stored, input.newPassword, 'input.newPassword');
    const hash = await hashPassword(input.newPassword);
    return startSession(work, place, { action: 'password.changed' }, async (tx) => {
      if (!(await replacePassword(tx, user.id, stored, hash)))
        throw new AppError('CONFLICT', 'The password was changed by another request; sign in again.');
      await revokeAllSessions(tx, user.id, session.id);
      // sign-ins that the old password started must not complete
      await tx('DELETE FROM "MfaChallenge" WHERE "userId" = $1', [user.id]);
      tx.afterCommit(() => notify(services, user, 'passwordChanged', { when: now() }));
      return rotateSession(tx, session.id);
    });
  },
});

type Owner = { userId: string; email: string; companyId: string };

/** Counts attempts as those of sign-in, so that a stolen session cannot guess the password. */
async function verifyCurrent(
  work: IdentityWork,
  { userId, email, companyId }: Owner,
  stored: string | null,
  password: string,
): Promise<void> {
  const { services, origin } = work;
  const attempt = { kind: 'password' as const, account: email, ip: origin.ip };
  await refuseLocked(services, attempt);
  const correct = await verifyPassword(stored, password);
  const result = await countAttempt(services, attempt, correct);
  if (!result.accepted) throw tooManyAttempts(result.waitSeconds);
  if (correct) return;
  await auditLocks(work, 'password', result, { userId, companyId });
  offerUnlock(work, { email, userId }, result);
  throw invalidInput({ 'input.currentPassword': 'expected your present password' });
}

/**
 * Rejects with INVALID_INPUT and the combined policy of the user's companies. `query` runs in the
 * user's context.
 */
export async function refuseWeak(
  query: Query,
  user: { email: string; name: string },
  stored: string | null,
  password: string,
  field: string,
): Promise<void> {
  const rules = await passwordRules(query);
  const weakness =
    weaknessUnder(rules, password, user) ??
    ((await wasUsed(query, password, stored, rules.history))
      ? 'expected one that you have not had lately'
      : null);
  if (weakness) throw invalidInput({ [field]: weakness });
}

/**
 * Mails a password reset. Answer and time are equal with and without an account, which is looked up
 * after the answer. Errors: UNAVAILABLE, INVALID_INPUT, RATE_LIMITED for a network with too many
 * requests.
 */
export const requestPasswordReset = identityCommand({
  caller: 'anyone',
  input: z.object({ email }),
  run: async (work) => {
    const { services, origin, input } = work;
    requireMail(services);
    const counted = await countMailRequest(services, 'resetMail', input.email, origin.ip);
    if (counted) services.mailer.defer(() => mailReset(work, input.email, counted.lastFor));
    return { email: input.email };
  },
});

/**
 * Its token lasts until another one can be requested, and its usual time beyond. Mails nothing to
 * an address without an account, nor to a user without a password, who has an invitation.
 */
async function mailReset(
  { services, transaction }: IdentityWork,
  email: string,
  lastFor: number,
): Promise<void> {
  const minutes = emailTokenMinutes.resetPassword + Math.ceil(lastFor / 60);
  const query = queryAs(services.pool, { companyId: null, userId: null });
  const [user] = await query<{ id: string; password_hash: string | null; companies: string[] }>(
    'SELECT id, password_hash, companies FROM user_for_sign_in($1)',
    [email],
  );
  const companyId = user?.companies[0];
  if (!user?.password_hash || !companyId) return;
  const userId = user.id;
  const made = await transaction({ companyId, userId }, async (tx) => {
    await tx.append({ action: 'password.resetRequested', data: { userId } }, anonymous);
    return createEmailToken(tx, userId, 'resetPassword', { minutes });
  });
  const link = linkTo(services, 'resetPassword', made);
  const reader = { email, language: await languageOf(services, userId) };
  notify(services, reader, 'resetPassword', { link, minutes });
}

const reset = z.object({ token, password: newPassword });

/**
 * Sets a new password with an email token. Revokes every session and trusted device, and lifts the
 * lock for wrong passwords. Starts no session; second factors stay.
 * Errors: NOT_FOUND for an unknown, used or expired token; INVALID_INPUT.
 */
export const resetPassword = identityCommand({
  caller: 'anyone',
  input: reset,
  run: async ({ services, input, transaction }) => {
    const user = await findEmailToken(services.pool, input.token, 'resetPassword');
    if (!user) throw notFound();
    const { userId, email } = user;
    const query = queryAs(services.pool, { companyId: null, userId });
    const stored = await storedHash(query);
    if (stored === null) throw notFound();
    await refuseWeak(query, user, stored, input.password, 'input.password');
    const hash = await hashPassword(input.password);
    const companyId = await companyOf(services, userId);
    return transaction({ companyId, userId }, async (tx) => {
      if (!(await useEmailToken(tx, input.token)) || !(await replacePassword(tx, userId, stored, hash)))
        throw notFound();
      await voidAfterReset(tx, userId);
      await tx.append({ action: 'password.reset' }, { kind: 'user', userId });
      tx.afterCommit(() => services.attempts.clear(['password'], [accountSubject(email)]));
      tx.afterCommit(() => notify(services, user, 'passwordChanged', { when: now() }));
      return { email };
    });
  },
});

/**
 * Revokes what the old password began, and marks the address as verified, which the token has done.
 */
async function voidAfterReset(query: Query, userId: string): Promise<void> {
  await revokeAllSessions(query, userId);
  await query('DELETE FROM "TrustedDevice" WHERE "userId" = $1', [userId]);
  await query('DELETE FROM "MfaChallenge" WHERE "userId" = $1', [userId]);
  await query('UPDATE "User" SET "emailVerifiedAt" = COALESCE("emailVerifiedAt", now()) WHERE id = $1', [
    userId,
  ]);
}
