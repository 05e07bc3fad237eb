import { z } from 'zod';
import { anonymous, type Origin, performerOf } from '../../audit/record/body.ts';
import { nothing, token } from '../../domain/input.ts';
import { AppError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { appendFailure } from '../account/failure-bursts.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { identityCommand } from '../identity-command.ts';
import { countAttempt, tooManyAttempts } from '../lockout/attempts.ts';
import { userOfChallenge } from '../mfa/mfa-challenge.ts';
import { steppedUp } from '../mfa/step-up-session.ts';
import { beginSession } from '../sign-in/begin-session.ts';
import { completeChallenge } from '../sign-in/sign-in.ts';
import { passkeyAnswer, startPasskey, verifyPasskey } from './ceremony.ts';

/**
 * Starts a sign-in without user name: the browser offers its passkeys for this site. Errors:
 * UNAVAILABLE, RATE_LIMITED.
 */
export const startPasskeySignIn = identityCommand({
  caller: 'anyone',
  input: nothing,
  run: async ({ services, origin }) => {
    await countCeremony(services, origin);
    return startPasskey(services, 'signIn', null);
  },
});

/**
 * Limits ceremonies, each of which writes a row and needs no session. Error: RATE_LIMITED for a
 * network that starts too many.
 */
async function countCeremony(services: Services, { ip }: Origin): Promise<void> {
  const result = await countAttempt(services, { kind: 'challenge', account: null, ip }, false);
  if (!result.accepted) throw tooManyAttempts(result.waitSeconds);
}

const wish = z.object({ isDeviceTrusted: z.boolean().nullish() });
const signing = passkeyAnswer.extend(wish.shape);

/**
 * Signs in by a passkey alone, which is multi-factor: a device, and the biometrics or PIN that
 * unlock it. Failed passwords do not lock it. Errors: INVALID_INPUT, PASSKEY_REFUSED, RATE_LIMITED;
 * UNAUTHENTICATED for a user who is a member of no company.
 */
export const finishPasskeySignIn = identityCommand({
  caller: 'anyone',
  input: signing,
  run: async (work) => {
    const { isDeviceTrusted, ...answer } = work.input;
    const user = await verifyPasskey(work, 'signIn', null, answer);
    if (user.companies.length > 0)
      return beginSession(work, user, {
        factor: 'passkey',
        alone: true,
        trustDevice: isDeviceTrusted === true,
      });
    const data = { reason: 'no active membership', userId: user.userId };
    await appendFailure(work, PLATFORM_ID, { action: 'session.signInFailed', data }, user.userId);
    throw new AppError('UNAUTHENTICATED', 'This user is not a member of any company.');
  },
});

const challenge = z.object({ challengeToken: token });
const completion = signing.extend(challenge.shape);

/**
 * Requests a passkey as second factor. Errors: UNAUTHENTICATED, INVALID_INPUT for a user without
 * one, RATE_LIMITED.
 */
export const startPasskeySecondFactor = identityCommand({
  caller: 'anyone',
  input: challenge,
  run: async ({ services, origin, input }) => {
    const { challengeToken } = input;
    const { userId } = await userOfChallenge(services.pool, challengeToken, 'passkey');
    await countCeremony(services, origin);
    return startPasskey(services, 'secondFactor', userId);
  },
});

/**
 * Completes a sign-in by password with a passkey as second factor. Errors: UNAUTHENTICATED,
 * INVALID_INPUT, PASSKEY_REFUSED, RATE_LIMITED.
 */
export const completeSignInByPasskey = identityCommand({
  caller: 'anyone',
  input: completion,
  run: async (work) => {
    const { challengeToken, isDeviceTrusted, ...answer } = work.input;
    const user = await userOfChallenge(work.services.pool, challengeToken, 'passkey');
    const [companyId] = user.companies as [string, ...string[]];
    const owner = { userId: user.userId, companyId, performer: anonymous };
    await verifyPasskey(work, 'secondFactor', owner, answer);
    return completeChallenge(work, challengeToken, user, 'passkey', isDeviceTrusted === true);
  },
});

/** Starts a step-up by passkey. Error: UNAVAILABLE. */
export const startPasskeyStepUp = identityCommand({
  caller: 'user',
  input: nothing,
  run: ({ services, actor }) => startPasskey(services, 'stepUp', actor.userId),
});

/**
 * Verifies a passkey as a recent second factor and rotates the session's token. Errors:
 * INVALID_INPUT, PASSKEY_REFUSED, RATE_LIMITED.
 */
export const stepUpByPasskey = identityCommand({
  caller: 'user',
  input: passkeyAnswer,
  run: async (work) => {
    const { identity, actor, input } = work;
    const { userId, companyId } = actor;
    const owner = { userId, companyId, performer: performerOf(actor) };
    await verifyPasskey(work, 'stepUp', owner, input);
    return steppedUp(work, identity, actor, 'passkey');
  },
});
