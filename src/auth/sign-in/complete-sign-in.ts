import { z } from 'zod';
import type { Origin } from '../../audit/record/body.ts';
import type { Query } from '../../db/sql.ts';
import { token } from '../../domain/input.ts';
import { notify, now } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import type { Factor } from '../authorization/factor.ts';
import { identityCommand } from '../identity-command.ts';
import { type ChallengedUser, consumeChallenge, userOfChallenge } from '../mfa/mfa-challenge.ts';
import { code, codeMethods, signInPurpose, verifyFactor } from '../mfa/verify-factor.ts';
import { beginSession, type Completed } from './begin-session.ts';

const completion = z.object({
  challengeToken: token,
  method: z.enum(codeMethods),
  code,
  isDeviceTrusted: z.boolean().nullish(),
});

/**
 * Completes a sign-in that requires a second factor. Errors: UNAUTHENTICATED for a challenge that is unknown, used or expired;
 * INVALID_INPUT for a code that is wrong, used or expired; RATE_LIMITED.
 */
export const completeSignIn = identityCommand({
  caller: 'anyone',
  input: completion,
  run: async ({ services, origin, input: { challengeToken, method, code, isDeviceTrusted } }) => {
    const user = await userOfChallenge(services.pool, challengeToken, method);
    const [companyId] = user.companies as [string, ...string[]];
    const purpose = signInPurpose(challengeToken);
    await verifyFactor(services, origin, { ...user, companyId, purpose }, method, code);
    return completeChallenge(services, origin, challengeToken, user, method, isDeviceTrusted === true);
  },
});

/**
 * Begins the session of a user who has just verified this factor, consumes the challenge in the same transaction, and trusts the
 * device on request. Error: UNAUTHENTICATED for a challenge that was consumed meanwhile.
 */
export async function completeChallenge(
  services: Services,
  origin: Origin,
  token: string,
  user: ChallengedUser,
  factor: Factor,
  trustDevice: boolean,
): Promise<Completed> {
  const write = (query: Query) => consumeChallenge(query, token);
  const started = await beginSession(services, origin, user, { factor, trustDevice, write });
  if (factor === 'backupCode') notify(services, started.identity.user, 'backupCodeUsed', { when: now() });
  return started;
}
