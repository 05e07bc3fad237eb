import { keyIdOf } from '../../crypto/aead.ts';
import { Sealed, sealFor } from '../../crypto/fields/sealed.ts';
import type { Keyring } from '../../crypto/keys/keyring.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';

/**
 * Secrets of a user or of the server, which no company's keys could seal: a user belongs to several
 * companies and outlives each. They are sealed under the platform's keys, each bound to its column
 * and row. A new one goes here, with CALL protect_sealed_column.
 */
export const secrets = {
  totp: { model: 'TotpFactor', field: 'secret', scope: 'mfa' },
  contact: { model: 'ContactFactor', field: 'destination', scope: 'mfa' },
  successor: { model: 'RefreshToken', field: 'successor', scope: 'secret' },
  formerSession: { model: 'RotatedSessionToken', field: 'successor', scope: 'secret' },
  signingKey: { model: 'SigningKey', field: 'privateKey', scope: 'secret' },
} as const;
export type SecretKind = keyof typeof secrets;

/**
 * Ciphertext for the row with this id; the scope's key is made at its first use. The platform's
 * company must exist.
 */
export async function sealSecret(
  keyring: Keyring,
  kind: SecretKind,
  rowId: string,
  plain: string,
): Promise<string> {
  const place = secrets[kind];
  const keys = await keyring.ensure(PLATFORM_ID, [[place.scope, 'seal']]);
  return sealFor(keys, place, rowId, plain);
}

/** Opens a value that `sealSecret` sealed for this row. Throws SealBroken. */
export async function openSecret(
  keyring: Keyring,
  kind: SecretKind,
  rowId: string,
  sealed: string,
): Promise<string> {
  const known = await keyring.load(PLATFORM_ID);
  // another instance may have made the key since
  const keys = known.sealing.has(keyIdOf(sealed) ?? '') ? known : await keyring.reload(PLATFORM_ID);
  return new Sealed({ keys }, secrets[kind], rowId, sealed).open();
}
