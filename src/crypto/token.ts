import { hash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

/** Returns a new token: 256 bits of the system's generator in base64url, 43 characters. */
export const newToken = (): string => randomBytes(32).toString('base64url');

const TOKEN = /^[A-Za-z0-9_-]{43}$/;
/** Whether a text has the form of `newToken`. */
export const isToken = (text: string): boolean => TOKEN.test(text);

/** Returns a code of six random digits, for a person to type. Bound its lifetime and attempts. */
export const newCode = (): string => String(randomInt(1_000_000)).padStart(6, '0');

/**
 * Returns the SHA-256 (FIPS 180-4) of a token in hex, the only form that is stored. Rows are found
 * by this hash. A token has 256 random bits, so that a slow hash would protect nothing further.
 */
export const hashToken = (token: string): string => hash('sha256', token, 'hex');

/** Compares a given secret, or its hash, with the expected one in constant time. */
export function equalSecrets(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  const comparable = left.length === right.length;
  return timingSafeEqual(left, comparable ? right : left) && comparable;
}
