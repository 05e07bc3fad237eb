import { randomInt } from 'node:crypto';

/** Letters and digits that nobody takes for one another: no I, L, O, U, 0 or 1. 58 bits a code. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';
const GROUPS = 3;
const GROUP = 4;
export const BACKUP_CODES = 10;

/** Ten new codes as `XXXX-XXXX-XXXX`. */
export const newBackupCodes = (): string[] => Array.from({ length: BACKUP_CODES }, newCode);

const newCode = (): string =>
  Array.from({ length: GROUPS }, () =>
    Array.from({ length: GROUP }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  ).join('-');

/** The code however it was typed: small letters, spaces, no dashes. `null` for what is none. */
export function readBackupCode(typed: string): string | null {
  const plain = typed.replaceAll(/[\s-]/g, '').toUpperCase();
  return new RegExp(`^[${ALPHABET}]{${GROUPS * GROUP}}$`).test(plain) ? plain : null;
}
