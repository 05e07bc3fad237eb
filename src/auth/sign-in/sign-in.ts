import { z } from 'zod';
import { email, token } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import { appendFailure } from '../account/failure-bursts.ts';
import { auditLocks, offerUnlock } from '../account/locks.ts';
import type { Factor } from '../authorization/factor.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { type IdentityWork, identityCommand } from '../identity-command.ts';
import { countAttempt, refuseLocked, tooManyAttempts } from '../lockout/attempts.ts';
import type { AttemptResult } from '../lockout/limits.ts';
import {
  type ChallengedUser,
  challengeFor,
  consumeChallenge,
  userOfChallenge,
} from '../mfa/mfa-challenge.ts';
import { knownDevice, replacesFactor } from '../mfa/trusted-devices.ts';
import { code, codeMethods, signInPurpose, verifyFactor } from '../mfa/verify-factor.ts';
import { beginSession, type Completed } from './begin-session.ts';
import { type NotSignedIn, verifySignIn } from './verify-sign-in.ts';

const credentials = z.object({
  email,
  password: z.string().min(1, 'expected a password').max(1024, 'expected at most 1024 characters'),
  deviceToken: z.string().nullish(),
});

/**
 * Signs in with a password: returns a session, or an MFA challenge for a user with a second factor.
 * A trusted device replaces the factor, and its attempts are counted separately. Errors:
 * INVALID_INPUT; RATE_LIMITED while the e-mail address or the network is locked, with or without
 * such an account; one UNAUTHENTICATED for every other failure.
 */
export const signIn = identityCommand({
  caller: 'anyone',
  input: credentials,
  run: async (work) => {
    const { services, origin, input } = work;
    const { email, password } = input;
    const device = await knownDevice(services, input.deviceToken ?? null, email);
    const attempt = { kind: 'password' as const, account: email, device, ip: origin.ip };
    await refuseLocked(services, attempt);
    const outcome = await verifySignIn(
      services.pool,
      email,
      password,
      (failure, result) => auditFailure(work, email, failure, result),
      (succeeded) => countAttempt(services, attempt, succeeded),
    );
    if (!outcome.ok && outcome.reason === 'locked') throw tooManyAttempts(outcome.waitSeconds);
    if (!outcome.ok) throw new AppError('UNAUTHENTICATED', 'Invalid email or password.');
    const trusted = device !== null && (await replacesFactor(services, outcome.userId, device));
    const challenge = trusted ? null : await challengeFor(work, outcome);
    return challenge ? { challenge } : beginSession(work, { ...outcome, email });
  },
});

/**
 * Audits a failure in the user's first company, else on the platform, within the time that every
 * failure takes.
 */
async function auditFailure(
  work: IdentityWork,
  email: string,
  { reason, userId, companies }: NotSignedIn,
  result: AttemptResult,
): Promise<void> {
  const companyId = companies[0] ?? PLATFORM_ID;
  const facts = { action: 'session.signInFailed' as const, data: { reason, ...(userId && { userId }) } };
  await appendFailure(work, companyId, facts, userId);
  await auditLocks(work, 'password', result, { userId, companyId });
  if (userId) offerUnlock(work, { email, userId }, result);
}

const completion = z.object({
  challengeToken: token,
  method: z.enum(codeMethods),
  code,
  isDeviceTrusted: z.boolean().nullish(),
});

/**
 * Completes a sign-in that requires a second factor. Errors: UNAUTHENTICATED for a challenge that
 * is unknown, used or expired; INVALID_INPUT for a code that is wrong, used or expired;
 * RATE_LIMITED.
 */
export const completeSignIn = identityCommand({
  caller: 'anyone',
  input: completion,
  run: async (work) => {
    const { challengeToken, method, code, isDeviceTrusted } = work.input;
    const user = await userOfChallenge(work.services.pool, challengeToken, method);
    const [companyId] = user.companies as [string, ...string[]];
    const purpose = signInPurpose(challengeToken);
    await verifyFactor(work, { ...user, companyId, purpose }, method, code);
    return completeChallenge(work, challengeToken, user, method, isDeviceTrusted === true);
  },
});

/**
 * Begins the session of a user who has just verified this factor, consumes the challenge in the
 * same transaction, and trusts the device on request. Error: UNAUTHENTICATED for a challenge that
 * was consumed meanwhile.
 */
export const completeChallenge = (
  work: IdentityWork,
  token: string,
  user: ChallengedUser,
  factor: Factor,
  trustDevice: boolean,
): Promise<Completed> =>
  beginSession(work, user, { factor, trustDevice, write: (tx) => consumeChallenge(tx, token) });
