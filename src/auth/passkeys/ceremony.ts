import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import { anonymous, type Origin, type Performer } from '../../audit/record/body.ts';
import { AppError } from '../../errors.ts';
import { notifyDeferred, now } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { auditLocks, countAttempt, tooManyAttempts } from '../lockout/attempts.ts';
import type { PasskeyPurpose } from './challenge.ts';
import { askForPasskey } from './options.ts';
import { type RelyingParty, relyingParty } from './relying-party.ts';
import { assertionResponse, type PasskeyRefusal, passkeyRefusals } from './response.ts';
import { type PasskeyProven, type PasskeyRefused, verifyPasskeyAssertion } from './verify-assertion.ts';

/** The answer to a challenge: the browser's response as JSON. */
export const passkeyAnswer = z.object({
  challengeId: z.uuid('expected the id of a challenge'),
  response: assertionResponse,
});
export type PasskeyAnswer = z.infer<typeof passkeyAnswer>;

/** The user who must present a passkey, and the company of the audit event; null for sign-in by passkey. */
export type Prover = { userId: string; companyId: string; performer: Performer } | null;
type Asked = Exclude<PasskeyPurpose, 'register'>;

/** Returns the relying party. Error: UNAVAILABLE for a front end without a host name. */
export function site({ config }: Services): RelyingParty {
  const party = relyingParty(config);
  if (!party) throw new AppError('UNAVAILABLE', 'Passkeys require a host name; APP_URL has an IP address.');
  return party;
}

/** Starts a ceremony for this user, or for any user with a passkey of this site. */
export const startPasskey = (services: Services, purpose: Asked, userId: string | null) =>
  askForPasskey(services.pool, site(services), purpose, userId);

/** Completes a ceremony. Errors: PASSKEY_REFUSED with its reason; RATE_LIMITED after too many refusals. */
export async function provePasskey(
  services: Services,
  origin: Origin,
  purpose: Asked,
  prover: Prover,
  answer: PasskeyAnswer,
): Promise<PasskeyProven> {
  const userId = prover?.userId ?? null;
  const outcome = await verifyPasskeyAssertion(services.pool, site(services), {
    ...answer,
    purpose,
    userId,
  });
  if (outcome.ok) return outcome;
  throw await refusal(services, origin, purpose, prover, outcome);
}

/**
 * Audits a refusal and returns the client's error. Refusals are counted for each network, which bounds
 * the audit log. Valid passkeys are never counted, so that failures of others lock no owner out.
 */
export async function refusal(
  services: Services,
  origin: Origin,
  purpose: PasskeyPurpose,
  prover: Prover,
  { refusal: reason, holder }: Pick<PasskeyRefused, 'refusal' | 'holder'>,
): Promise<AppError> {
  const settled = await countAttempt(services, { kind: 'passkey', account: null, ip: origin.ip }, false);
  if (!settled.accepted) return tooManyAttempts(settled.waitSeconds);
  const action = reason === 'counter' ? 'passkey.counterRegressed' : 'passkey.refused';
  const userId = prover?.userId ?? holder?.userId;
  const data = {
    purpose,
    reason,
    ...(userId && { userId }),
    ...(holder && { passkeyId: holder.passkeyId }),
  };
  const performer = prover?.performer ?? anonymous;
  await append(services.pool, prover?.companyId ?? holder?.companies[0] ?? PLATFORM_ID, [
    { action, data, performer, origin },
  ]);
  await auditLocks(services, origin, 'passkey', settled, { userId: null, companyId: null });
  if (reason === 'counter' && holder)
    notifyDeferred(services, holder, 'passkeyCopied', { address: origin.ip, when: now() });
  return refusedBecause(reason);
}

const refusedBecause = (reason: PasskeyRefusal): AppError =>
  new AppError('PASSKEY_REFUSED', passkeyRefusals[reason], { advice: { reason } });
