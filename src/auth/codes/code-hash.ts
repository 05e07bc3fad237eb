import { binding, mac } from '../../crypto/aead.ts';
import type { Keyring } from '../../crypto/keys/keyring.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';

/** Codes that people type are short: a plain hash of one is found by trying them all, so they are kept under a key of the platform's. */
export type CodeUse = 'one-time code' | 'backup code';

/** What is stored of a code, bound to whose or what it is: HMAC in base64url. */
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
