import { binding, mac } from '../aead.ts';
import type { CompanyKeys } from '../keys/keyring.ts';

/** 128 bits: RFC 2104 section 5 asks for at least half of the hash, and at 2^40 values a chance match is 1 in 2^48. */
const INDEX_BYTES = 16;
const SHOWN = 4;

/**
 * The one spelling under which identifiers are compared: without spaces, upper case, compatibility forms folded. 'de12 3456' and
 * 'DE123456' are the same IBAN. Searchable columns hold identifiers; text in which spaces or case matter is not for them.
 */
export const normal = (value: string): string =>
  value.normalize('NFKC').toUpperCase().normalize('NFKC').replaceAll(/\s/gu, '');

/**
 * HMAC-SHA-256 of the normal spelling, as 22 characters of base64url, under a key of its own for each company, scope, model and
 * field: equal values of two columns or companies don't show as equal.
 */
export function blindIndex(
  keys: CompanyKeys,
  scope: string,
  model: string,
  field: string,
  value: string,
): string {
  const key = keys.indexing(scope, binding('index', keys.companyId, model, field));
  if (!key) throw new Error(`${model}.${field}: the company has no index key for scope ${scope}`);
  return mac(key, normal(value)).subarray(0, INDEX_BYTES).toString('base64url');
}

/** The end that a mask shows, stored plain so that a mask opens nothing. Four characters of a short value would be most of it. */
export function lastFour(value: string): string | null {
  const characters = [...normal(value)];
  const shown = Math.min(SHOWN, characters.length - SHOWN);
  return shown > 0 ? characters.slice(-shown).join('') : null;
}
