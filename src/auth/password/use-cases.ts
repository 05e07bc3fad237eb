import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import type { Origin } from '../../audit/record/body.ts';
import { type Query, queryAs, transactionAs } from '../../db/sql.ts';
import { email, newPassword, token } from '../../domain/input.ts';
import { AppError, invalidInput, notFound } from '../../errors.ts';
import { languageOf, notify, now, requireMail } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { offerUnlock } from '../account/unlock.ts';
import { identityCommand } from '../identity-command.ts';
import {
  auditLocks,
  countAttempt,
  countMailRequest,
  refuseLocked,
  tooManyAttempts,
} from '../lockout/attempts.ts';
import { accountSubject } from '../lockout/limits.ts';
import { companyOf } from '../policy/first-company.ts';
import { revokeAllSessions, rotateSession } from '../session/store.ts';
import { start } from '../session/use-cases.ts';
import {
  createEmailToken,
  type EmailToken,
  emailTokenMinutes,
  findEmailToken,
  useEmailToken,
} from '../tokens/email-token.ts';
import { linkTo } from '../tokens/email-token-link.ts';
import { hashPassword, verifyPassword } from './hash.ts';
import { replacePassword, storedHash } from './replace-password.ts';
import { passwordRules, wasUsed, weaknessUnder } from './rules.ts';

const change = z.object({ currentPassword: newPassword, newPassword });

/**
 * Changes the password of a user who knows the current one. Revokes all other sessions and rotates this
 * one. Errors: INVALID_INPUT for a wrong current or an unsuitable new password; RATE_LIMITED; CONFLICT
 * when the password changed meanwhile.
 */
export const changePassword = identityCommand({
  caller: 'user',
  input: change,
  run: async ({ services, origin, identity, actor, input }) => {
    const { user, session } = identity;
    const { companyId } = actor;
    const given = input;
    const query = queryAs(services.pool, { companyId: null, userId: user.id });
    const stored = await storedHash(query);
    await proveCurrent(services, origin, { ...user, companyId }, stored, given.currentPassword);
    await refuseWeak(query, user, stored, given.newPassword, 'input.newPassword');
    const hash = await hashPassword(given.newPassword);
    const place = { companyId, userId: user.id };
    const started = await start(services, origin, place, { action: 'password.changed' }, async (own) => {
      if (!(await replacePassword(own, user.id, stored, hash)))
        throw new AppError('CONFLICT', 'The password was changed by another request; sign in again.');
      await revokeAllSessions(own, user.id, session.id);
      // sign-ins that the old password started must not complete
      await own('DELETE FROM "MfaChallenge" WHERE "userId" = $1', [user.id]);
      return rotateSession(own, session.id);
    });
    notify(services, user, 'passwordChanged', { when: now() });
    return started;
  },
});

type Owner = { id: string; email: string; companyId: string };

/** Counts attempts as those of sign-in, so that a stolen session cannot guess the password. */
async function proveCurrent(
  services: Services,
  origin: Origin,
  { id, email, companyId }: Owner,
  stored: string | null,
  password: string,
): Promise<void> {
  const tried = { kind: 'password' as const, account: email, ip: origin.ip };
  await refuseLocked(services, tried);
  const correct = await verifyPassword(stored, password);
  const settled = await countAttempt(services, tried, correct);
  if (!settled.accepted) throw tooManyAttempts(settled.waitSeconds);
  if (correct) return;
  await auditLocks(services, origin, 'password', settled, { userId: id, companyId });
  offerUnlock(services, { email, userId: id }, settled);
  throw invalidInput({ 'input.currentPassword': 'expected your present password' });
}

/** Rejects with INVALID_INPUT and the combined policy of the user's companies. `query` runs in the user's context. */
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
 * after the answer. Errors: UNAVAILABLE, INVALID_INPUT, RATE_LIMITED for a network with too many requests.
 */
export const requestPasswordReset = identityCommand({
  caller: 'anyone',
  input: z.object({ email }),
  run: async ({ services, origin, input }) => {
    requireMail(services);
    const account = input.email;
    const asked = await countMailRequest(services, 'resetMail', account, origin.ip);
    if (asked) services.mailer.defer(() => mailReset(services, origin, account, asked.lastFor));
    return { email: account };
  },
});

/**
 * Its link holds until another one can be asked for, and the usual time beyond. Nothing for an address without an account, nor for one without a password yet: its way in is its invitation, which expires.
 */
async function mailReset(services: Services, origin: Origin, email: string, lastFor: number): Promise<void> {
  const minutes = emailTokenMinutes.resetPassword + Math.ceil(lastFor / 60);
  const anybody = queryAs(services.pool, { companyId: null, userId: null });
  const [user] = await anybody<{ id: string; password_hash: string | null; companies: string[] }>(
    'SELECT id, password_hash, companies FROM user_for_sign_in($1)',
    [email],
  );
  const companyId = user?.companies[0];
  if (!user?.password_hash || !companyId) return;
  const userId = user.id;
  const made = await transactionAs(services.pool, { companyId, userId }, async (query) => {
    const facts = { action: 'password.resetRequested' as const, data: { userId } };
    await append(query, companyId, [{ ...facts, performer: { kind: 'anonymous' }, origin }]);
    return createEmailToken(query, userId, 'resetPassword', { minutes });
  });
  const link = linkTo(services, 'resetPassword', made);
  const reader = { email, language: await languageOf(services, userId) };
  notify(services, reader, 'resetPassword', { link, minutes });
}

const reset = z.object({ token, password: newPassword });

/**
 * Sets a new password with an email token. Revokes every session and trusted device, and lifts the lock
 * for wrong passwords. Starts no session; second factors stay.
 * Errors: NOT_FOUND for an unknown, used or expired token; INVALID_INPUT.
 */
export const resetPassword = identityCommand({
  caller: 'anyone',
  input: reset,
  run: async ({ services, origin, input }) => {
    const given = input;
    const link = await findEmailToken(services.pool, given.token, 'resetPassword');
    if (!link) throw notFound();
    await putInPlace(services, origin, link, given);
    await services.attempts.clear(['password'], [accountSubject(link.email)]);
    notify(services, link, 'passwordChanged', { when: now() });
    return { email: link.email };
  },
});

async function putInPlace(
  services: Services,
  origin: Origin,
  link: EmailToken,
  given: z.infer<typeof reset>,
): Promise<void> {
  const { userId } = link;
  const query = queryAs(services.pool, { companyId: null, userId });
  const stored = await storedHash(query);
  if (stored === null) throw notFound();
  await refuseWeak(query, link, stored, given.password, 'input.password');
  const hash = await hashPassword(given.password);
  const companyId = await companyOf(services, userId);
  await transactionAs(services.pool, { companyId, userId }, async (own) => {
    if (!(await useEmailToken(own, given.token)) || !(await replacePassword(own, userId, stored, hash)))
      throw notFound();
    await revokeAllSessions(own, userId);
    await own('DELETE FROM "TrustedDevice" WHERE "userId" = $1', [userId]);
    await own('DELETE FROM "MfaChallenge" WHERE "userId" = $1', [userId]);
    await own('UPDATE "User" SET "emailVerifiedAt" = COALESCE("emailVerifiedAt", now()) WHERE id = $1', [
      userId,
    ]);
    await append(own, companyId, [{ action: 'password.reset', performer: { kind: 'user', userId }, origin }]);
  });
}
