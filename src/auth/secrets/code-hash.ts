import { binding, mac } from '../../crypto/aead.ts';
import type { Keyring } from '../../crypto/keys/keyring.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';

/**
 * Short codes need a keyed hash: a plain hash could be reversed by trying all codes. The key is the
 * platform's.
 */
export type CodeUse = 'one-time code' | 'backup code';

/** Returns the stored form of a code: HMAC in base64url, bound to its owner. */
export async function codeHash(
  keyring: Keyring,
  use: CodeUse,
  boundTo: string,
  code: string,
): Promise<string> {
  const keys = await keyring.ensure(PLATFORM_ID, [['mfa', 'index']]);
  const key = keys.indexing('mfa', use);
  if (!key) throw new Error('code hash: the platform has no mfa key');
  return mac(key, binding(boundTo, code)).toString('base64url');
}
