import { binding, mac } from '../aead.ts';
import type { CompanyKeys } from '../keys/keyring.ts';

/**
 * 128 bits: RFC 2104, 5 requires at least half of the hash, and with 2^40 values a chance match is
 * 1 in 2^48.
 */
const INDEX_BYTES = 16;
const SHOWN = 4;

/**
 * Returns the form in which identifiers are compared: without spaces, upper case, NFKC. 'de12 3456'
 * and 'DE123456' are the same IBAN. Searchable columns are for identifiers, not for text in which
 * spaces or case matter.
 */
export const normal = (value: string): string =>
  value.normalize('NFKC').toUpperCase().normalize('NFKC').replaceAll(/\s/gu, '');

/**
 * Returns HMAC-SHA-256 of the normal form, as 22 characters of base64url, with a key for each
 * company, scope, model and field: equal values of two columns or companies have different indexes.
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

/**
 * Returns the last four characters for a mask, stored in plain text so that masks decrypt nothing;
 * null for short values.
 */
export function lastFour(value: string): string | null {
  const characters = [...normal(value)];
  const shown = Math.min(SHOWN, characters.length - SHOWN);
  return shown > 0 ? characters.slice(-shown).join('') : null;
}
