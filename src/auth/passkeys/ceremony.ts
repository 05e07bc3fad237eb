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

/** What a client answers a challenge with: what the browser gave, as JSON. */
export const passkeyAnswer = z.object({
  challengeId: z.uuid('expected the id of a challenge'),
  response: assertionResponse,
});
export type PasskeyAnswer = z.infer<typeof passkeyAnswer>;

/** Who has to prove a passkey, and in which company that is on the record; nobody yet while they sign in by it. */
export type Prover = { userId: string; companyId: string; performer: Performer } | null;
type Asked = Exclude<PasskeyPurpose, 'register'>;

/** Error: UNAVAILABLE where the front end has no name. */
export function site({ config }: Services): RelyingParty {
  const party = relyingParty(config);
  if (!party) throw new AppError('UNAVAILABLE', 'Passkeys require a host name; APP_URL has an IP address.');
  return party;
}

/** Begins a ceremony: of this user, or of anybody who has a passkey for this site. */
export const startPasskey = (services: Services, purpose: Asked, userId: string | null) =>
  askForPasskey(services.pool, site(services), purpose, userId);

/** Ends a ceremony. Errors: PASSKEY_REFUSED with its reason; RATE_LIMITED for what is refused after too many refusals. */
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
 * Puts a refusal on the record and returns the client's error. Failures are counted for each network, so that nobody floods the record;
 * a passkey that is right is never counted, so nobody's failures lock its owner out.
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
