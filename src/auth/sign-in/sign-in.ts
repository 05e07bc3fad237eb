import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { anonymous, type Origin } from '../../audit/record/body.ts';
import { email } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { offerUnlock } from '../account/unlock.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { identityCommand } from '../identity-command.ts';
import { auditLocks, countAttempt, refuseLocked, tooManyAttempts } from '../lockout/attempts.ts';
import type { Attempt, AttemptResult } from '../lockout/limits.ts';
import { challengeFor } from '../mfa/mfa-challenge.ts';
import { knownDevice, standsIn } from '../mfa/trusted-devices.ts';
import { beginSession } from './begin-session.ts';
import { type NotSignedIn, verifySignIn } from './verify-sign-in.ts';

const credentials = z.object({
  email,
  password: z.string().min(1, 'expected a password').max(1024, 'expected at most 1024 characters'),
  deviceToken: z.string().nullish(),
});

/**
 * A session, or for who has a second factor the token of a sign-in that waits for it. Errors: INVALID_INPUT; RATE_LIMITED while the e-mail or the network is locked, whether there is such an account or not; and one
 * UNAUTHENTICATED for every way in which e-mail and password may not fit. The token of a
 * trusted device stands in for the factor, and its tries are counted by themselves.
 */
export const signIn = identityCommand({
  caller: 'anyone',
  input: credentials,
  run: async ({ services, origin, input }) => {
    const { email, password } = input;
    const device = await knownDevice(services, input.deviceToken ?? null, email);
    const tried: Attempt = { kind: 'password', account: email, device, ip: origin.ip };
    await refuseLocked(services, tried);
    const outcome = await verifySignIn(
      services.pool,
      email,
      password,
      (failure, settled) => recordFailure(services, origin, email, failure, settled),
      (succeeded) => countAttempt(services, tried, succeeded),
    );
    if (outcome.ok) {
      const trusted = device !== null && (await standsIn(services, outcome.userId, device));
      const challenge = trusted ? null : await challengeFor(services, origin, outcome);
      return challenge ? { challenge } : beginSession(services, origin, outcome);
    }
    if (outcome.reason === 'locked') throw tooManyAttempts(outcome.waitSeconds);
    throw new AppError('UNAUTHENTICATED', 'Invalid email or password.');
  },
});

/**
 * On the record of the user's first company, or the platform's; within the time that every failure takes. What a lock brings with it is
 * done later, so that it takes no longer where there is an account.
 */
async function recordFailure(
  services: Services,
  origin: Origin,
  email: string,
  { reason, userId, companies }: NotSignedIn,
  settled: AttemptResult,
): Promise<void> {
  const companyId = companies[0] ?? null;
  const data = { reason, ...(userId && { userId }) };
  await append(services.pool, companyId ?? PLATFORM_ID, [
    { action: 'session.signInFailed', data, performer: anonymous, origin },
  ]);
  await auditLocks(services, origin, 'password', settled, { userId, companyId });
  if (userId) offerUnlock(services, { email, userId }, settled);
}
