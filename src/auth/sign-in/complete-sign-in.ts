import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import type { Origin } from '../../audit/record/body.ts';
import { type Query, queryAs, transactionAs } from '../../db/sql.ts';
import { token } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import { notify, now } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { type Factor, usableFactors } from '../authorization/factor.ts';
import { identityCommand } from '../identity-command.ts';
import {
  createPending,
  type Pending,
  type PendingUser,
  pendingUser,
  usePending,
} from '../mfa/mfa-challenge.ts';
import { code, codeMethods, notYours, prove, signInPurpose } from '../mfa/verify-factor.ts';
import { beginSession, type Completed } from './begin-session.ts';

/** Returns the MFA challenge after a correct password; null for a user without a second factor. */
export async function pendingFor(
  services: Services,
  origin: Origin,
  { userId, companies }: { userId: string; companies: string[] },
): Promise<Pending | null> {
  const factors = await usableFactors(queryAs(services.pool, { companyId: null, userId }));
  if (factors.length === 0) return null;
  const [companyId] = companies as [string, ...string[]];
  return transactionAs(services.pool, { companyId, userId }, async (query) => {
    const facts = { action: 'signIn.secondFactorAsked' as const, data: { userId } };
    await append(query, companyId, [{ ...facts, performer: { kind: 'anonymous' }, origin }]);
    return createPending(query, userId, factors, origin);
  });
}

const completion = z.object({
  challengeToken: token,
  method: z.enum(codeMethods),
  code,
  trustDevice: z.boolean().nullish(),
});

/**
 * The second half of a sign-in. Errors: UNAUTHENTICATED for a pending sign-in that is unknown, used or expired; INVALID_INPUT for a code that
 * is wrong, used or expired; RATE_LIMITED.
 */
export const completeSignIn = identityCommand({
  caller: 'anyone',
  input: completion,
  run: async ({ services, origin, input }) => {
    const given = input;
    const pending = await owing(services, given.challengeToken, given.method);
    const [companyId] = pending.companies as [string, ...string[]];
    const purpose = signInPurpose(given.challengeToken);
    await prove(services, origin, { ...pending, companyId, purpose }, given.method, given.code);
    const trusting = given.trustDevice === true;
    return finishPending(services, origin, given.challengeToken, pending, given.method, trusting);
  },
});

/** Whose pending sign-in this is, by a factor that they have. Errors: UNAUTHENTICATED, INVALID_INPUT. */
export async function owing(services: Services, token: string, factor: Factor): Promise<PendingUser> {
  const pending = await pendingUser(services.pool, token);
  if (!pending || pending.companies.length === 0) throw unknownSignIn();
  if (!pending.methods.includes(factor)) throw notYours();
  return pending;
}

/**
 * Begins the session of who has just proven this factor, and trusts the device if they wish; the pending sign-in is used up with it.
 * Error: UNAUTHENTICATED when it has been.
 */
export async function finishPending(
  services: Services,
  origin: Origin,
  token: string,
  user: PendingUser,
  factor: Factor,
  trusting: boolean,
): Promise<Completed> {
  const write = async (query: Query) => {
    if (!(await usePending(query, token))) throw unknownSignIn();
  };
  const started = await beginSession(services, origin, user, { factor, trusting, write });
  if (factor === 'backupCode') notify(services, started.identity.user, 'backupCodeUsed', { when: now() });
  return started;
}

export const unknownSignIn = () =>
  new AppError('UNAUTHENTICATED', 'This sign-in is unknown, completed or expired; sign in again.');
