import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { anonymous, type Origin, performerOf } from '../../audit/record/body.ts';
import { nothing, token } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { identityCommand } from '../identity-command.ts';
import { countAttempt, tooManyAttempts } from '../lockout/attempts.ts';
import { userOfChallenge } from '../mfa/mfa-challenge.ts';
import { steppedUp } from '../mfa/step-up-session.ts';
import { beginSession } from '../sign-in/begin-session.ts';
import { completeChallenge } from '../sign-in/complete-sign-in.ts';
import { passkeyAnswer, provePasskey, startPasskey } from './ceremony.ts';

/** Starts a sign-in without user name: the browser offers its passkeys for this site. Errors: UNAVAILABLE, RATE_LIMITED. */
export const startPasskeySignIn = identityCommand({
  caller: 'anyone',
  input: nothing,
  run: async ({ services, origin }) => {
    await mayBegin(services, origin);
    return startPasskey(services, 'signIn', null);
  },
});

/** Each beginning writes a row, and asks for no session. Error: RATE_LIMITED for a network that begins too many. */
async function mayBegin(services: Services, { ip }: Origin): Promise<void> {
  const settled = await countAttempt(services, { kind: 'challenge', account: null, ip }, false);
  if (!settled.accepted) throw tooManyAttempts(settled.waitSeconds);
}

const wish = z.object({ isDeviceTrusted: z.boolean().nullish() });
const signing = passkeyAnswer.extend(wish.shape);

/**
 * Signs in by a passkey alone, which is several factors at once: what one has, and what unlocks it. No wrong password locks it. Errors:
 * INVALID_INPUT, PASSKEY_REFUSED, RATE_LIMITED; UNAUTHENTICATED for who is a member of no company.
 */
export const finishPasskeySignIn = identityCommand({
  caller: 'anyone',
  input: signing,
  run: async ({ services, origin, input }) => {
    const { isDeviceTrusted, ...answer } = input;
    const proven = await provePasskey(services, origin, 'signIn', null, answer);
    if (proven.companies.length > 0)
      return beginSession(services, origin, proven, {
        factor: 'passkey',
        alone: true,
        trustDevice: isDeviceTrusted === true,
      });
    const data = { reason: 'no active membership', userId: proven.userId };
    await append(services.pool, PLATFORM_ID, [
      { action: 'session.signInFailed', data, performer: anonymous, origin },
    ]);
    throw new AppError('UNAUTHENTICATED', 'This user is not a member of any company.');
  },
});

const challenge = z.object({ challengeToken: token });
const completion = signing.extend(challenge.shape);

/** Requests a passkey as second factor. Errors: UNAUTHENTICATED, INVALID_INPUT for a user without one, RATE_LIMITED. */
export const startPasskeySecondFactor = identityCommand({
  caller: 'anyone',
  input: challenge,
  run: async ({ services, origin, input }) => {
    const { challengeToken } = input;
    const { userId } = await userOfChallenge(services.pool, challengeToken, 'passkey');
    await mayBegin(services, origin);
    return startPasskey(services, 'secondFactor', userId);
  },
});

/** The second half of a sign-in by password. Errors: UNAUTHENTICATED, INVALID_INPUT, PASSKEY_REFUSED, RATE_LIMITED. */
export const completeSignInByPasskey = identityCommand({
  caller: 'anyone',
  input: completion,
  run: async ({ services, origin, input }) => {
    const { challengeToken, isDeviceTrusted, ...answer } = input;
    const user = await userOfChallenge(services.pool, challengeToken, 'passkey');
    const [companyId] = user.companies as [string, ...string[]];
    const prover = { userId: user.userId, companyId, performer: anonymous };
    await provePasskey(services, origin, 'secondFactor', prover, answer);
    return completeChallenge(services, origin, challengeToken, user, 'passkey', isDeviceTrusted === true);
  },
});

/** Error: UNAVAILABLE. */
export const startPasskeyStepUp = identityCommand({
  caller: 'user',
  input: nothing,
  run: async ({ services, actor }) => {
    const { userId } = actor;
    return startPasskey(services, 'stepUp', userId);
  },
});

/** A recent second factor for the session, under a new token. Errors: INVALID_INPUT, PASSKEY_REFUSED, RATE_LIMITED. */
export const stepUpByPasskey = identityCommand({
  caller: 'user',
  input: passkeyAnswer,
  run: async ({ services, origin, identity, actor, input }) => {
    const answer = input;
    const { userId, companyId } = actor;
    const prover = { userId, companyId, performer: performerOf(actor) };
    await provePasskey(services, origin, 'stepUp', prover, answer);
    return steppedUp(services, origin, identity, actor, 'passkey');
  },
});
