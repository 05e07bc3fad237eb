import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import { COSEALG } from '@simplewebauthn/server/helpers';
import { queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { DIALOG_SECONDS, keepChallenge, type PasskeyPurpose } from './challenge.ts';
import type { RelyingParty } from './relying-party.ts';

/** A started ceremony; `options` are passed to the browser unchanged. */
export type Ceremony<Options> = { challengeId: string; options: Options };

/**
 * Requests a passkey of this user, as second factor or for step-up; of any user with one for this
 * site when `userId` is null, without a user name (discoverable credentials, WebAuthn Level 3,
 * 6.2.2).
 */
export async function askForPasskey(
  pool: TenantPool,
  site: RelyingParty,
  purpose: Exclude<PasskeyPurpose, 'register'>,
  userId: string | null,
): Promise<Ceremony<PublicKeyCredentialRequestOptionsJSON>> {
  const options = await generateAuthenticationOptions({
    rpID: site.id,
    userVerification: 'required',
    timeout: DIALOG_SECONDS * 1000,
    ...(userId && { allowCredentials: await credentialsOf(pool, userId) }),
  });
  return { challengeId: await keepChallenge(pool, purpose, userId, options.challenge), options };
}

async function credentialsOf(pool: TenantPool, userId: string) {
  const query = queryAs(pool, { companyId: null, userId });
  const rows = await query<{ credentialId: string; transports: string[] }>(
    'SELECT "credentialId", transports FROM "Passkey" WHERE "userId" = $1 ORDER BY "createdAt"',
    [userId],
  );
  return rows.map(({ credentialId, transports }) => ({ id: credentialId, transports: transports as never }));
}

/**
 * Algorithms of which every authenticator has one; pinned, so that a newer Node or library adds
 * none.
 */
export const ALGORITHMS = [COSEALG.EdDSA, COSEALG.ES256, COSEALG.RS256];

type User = { id: string; email: string; name: string };

/**
 * Requests a discoverable passkey with user verification. A device that already has one of this
 * user refuses.
 */
export async function askForNewPasskey(
  pool: TenantPool,
  site: RelyingParty,
  { id, email, name }: User,
): Promise<Ceremony<PublicKeyCredentialCreationOptionsJSON>> {
  const options = await generateRegistrationOptions({
    rpID: site.id,
    rpName: site.id,
    userID: userHandleOf(id),
    userName: email,
    userDisplayName: name,
    timeout: DIALOG_SECONDS * 1000,
    attestationType: 'none',
    excludeCredentials: await credentialsOf(pool, id),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
  return { challengeId: await keepChallenge(pool, 'register', id, options.challenge), options };
}

/**
 * Returns the user handle: the user's id, which is random and reveals nothing (WebAuthn Level 3,
 * 14.6.1).
 */
export const userHandleOf = (userId: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(userId.replaceAll('-', ''), 'hex'));
