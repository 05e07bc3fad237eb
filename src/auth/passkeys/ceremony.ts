import { z } from 'zod';
import { anonymous, type Performer } from '../../audit/record/body.ts';
import { AppError } from '../../errors.ts';
import { notifyDeferred, now } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { appendFailure } from '../account/failure-bursts.ts';
import { auditLocks } from '../account/locks.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import type { IdentityWork } from '../identity-command.ts';
import { countAttempt, tooManyAttempts } from '../lockout/attempts.ts';
import type { PasskeyPurpose } from './challenge.ts';
import { askForPasskey } from './options.ts';
import { type RelyingParty, relyingParty } from './relying-party.ts';
import { assertionResponse, type PasskeyRefusal, passkeyRefusals } from './response.ts';
import { type RefusedPasskey, type VerifiedPasskey, verifyPasskeyAssertion } from './verify-assertion.ts';

/** The answer to a challenge: the browser's response as JSON. */
export const passkeyAnswer = z.object({
  challengeId: z.uuid('expected the id of a challenge'),
  response: assertionResponse,
});
export type PasskeyAnswer = z.infer<typeof passkeyAnswer>;

/**
 * The user who must present a passkey, and the company of the audit event; null for sign-in by
 * passkey.
 */
export type PasskeyOwner = { userId: string; companyId: string; performer: Performer } | null;
type Purpose = Exclude<PasskeyPurpose, 'register'>;

/** Returns the relying party. Error: UNAVAILABLE for a front end without a host name. */
export function site({ config }: Services): RelyingParty {
  const party = relyingParty(config);
  if (!party) throw new AppError('UNAVAILABLE', 'Passkeys require a host name; APP_URL has an IP address.');
  return party;
}

/** Starts a ceremony for this user, or for any user with a passkey of this site. */
export const startPasskey = (services: Services, purpose: Purpose, userId: string | null) =>
  askForPasskey(services.pool, site(services), purpose, userId);

/**
 * Completes a ceremony. Errors: PASSKEY_REFUSED with its reason; RATE_LIMITED after too many
 * refusals.
 */
export async function verifyPasskey(
  work: IdentityWork,
  purpose: Purpose,
  owner: PasskeyOwner,
  answer: PasskeyAnswer,
): Promise<VerifiedPasskey> {
  const userId = owner?.userId ?? null;
  const outcome = await verifyPasskeyAssertion(work.services.pool, site(work.services), {
    ...answer,
    purpose,
    userId,
  });
  if (outcome.ok) return outcome;
  throw await refusal(work, purpose, owner, outcome);
}

/**
 * Audits a refusal and returns the client's error. Refusals are counted for each network, which
 * bounds the audit log. Valid passkeys are never counted, so that failures of others lock no owner
 * out.
 */
export async function refusal(
  work: IdentityWork,
  purpose: PasskeyPurpose,
  owner: PasskeyOwner,
  { refusal: reason, holder }: Pick<RefusedPasskey, 'refusal' | 'holder'>,
): Promise<AppError> {
  const { services, origin, transaction } = work;
  const result = await countAttempt(services, { kind: 'passkey', account: null, ip: origin.ip }, false);
  if (!result.accepted) return tooManyAttempts(result.waitSeconds);
  const action = reason === 'counter' ? 'passkey.counterRegressed' : 'passkey.refused';
  const userId = owner?.userId ?? holder?.userId;
  const data = {
    purpose,
    reason,
    ...(userId && { userId }),
    ...(holder && { passkeyId: holder.passkeyId }),
  };
  const performer = owner?.performer ?? anonymous;
  const companyId = owner?.companyId ?? holder?.companies[0] ?? PLATFORM_ID;
  if (!owner && reason !== 'counter') await appendFailure(work, companyId, { action, data }, userId ?? null);
  else
    await transaction({ companyId, userId: null }, async (tx) => {
      await tx.append({ action, data }, performer);
      const notice = { address: origin.ip, when: now() };
      if (reason === 'counter' && holder)
        tx.afterCommit(() => notifyDeferred(services, holder, 'passkeyCopied', notice));
    });
  await auditLocks(work, 'passkey', result, { userId: null, companyId: null });
  return refusedBecause(reason);
}

const refusedBecause = (reason: PasskeyRefusal): AppError =>
  new AppError('PASSKEY_REFUSED', passkeyRefusals[reason], { advice: { reason } });
