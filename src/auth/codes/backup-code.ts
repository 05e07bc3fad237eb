import { randomInt } from 'node:crypto';

/** Unambiguous letters and digits: no I, L, O, U, 0 or 1. 58 bits for each code. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';
const GROUPS = 3;
const GROUP = 4;
export const BACKUP_CODES = 10;

/** Returns ten new codes as `XXXX-XXXX-XXXX`. */
export const newBackupCodes = (): string[] => Array.from({ length: BACKUP_CODES }, newCode);

const newCode = (): string =>
  Array.from({ length: GROUPS }, () =>
    Array.from({ length: GROUP }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  ).join('-');

/**
 * Normalizes a typed code (lower case, spaces, missing hyphens). Returns null for malformed text.
 */
export function readBackupCode(typed: string): string | null {
  const plain = typed.replaceAll(/[\s-]/g, '').toUpperCase();
  return new RegExp(`^[${ALPHABET}]{${GROUPS * GROUP}}$`).test(plain) ? plain : null;
}
