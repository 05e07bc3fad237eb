import { dictionary } from '@zxcvbn-ts/language-common';
import type { PasswordPreset } from '../authorization/sign-in-policy.ts';

/**
 * The presets of password policies. Lengths are code points after normalization; `classes` of four;
 * `history` is the number of rejected earlier passwords. `nist` follows NIST SP 800-63B-4, 3.1.1.2:
 * 15 characters for a single factor, 8 with a second one, a blocklist and no composition rules.
 */
export const presets = {
  classic: { min: 12, minWithSecondFactor: 12, classes: 3, different: 5, history: 5 },
  nist: { min: 15, minWithSecondFactor: 8, classes: 0, different: 0, history: 0 },
} as const satisfies Record<PasswordPreset, object>;

/** Maximum length, which bounds the cost of hashing. */
export const MAX_LENGTH = 256;
/**
 * The context of a new password, whose words it must not contain. `secondFactor`: sign-in also
 * requires one.
 */
export type PasswordFor = {
  email: string;
  name: string;
  companies?: readonly string[];
  preset?: PasswordPreset;
  secondFactor?: boolean;
};
/** Shorter parts of a name occur in good passwords by chance. */
const MIN_NAME_PIECE = 4;

const common = new Set(dictionary['passwords-common']);
const CLASSES = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u];
const LOOKALIKES: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/**
 * Returns the rule that a new password breaks; null for none. The message never contains the
 * password.
 */
export function passwordWeakness(password: string, wanted: PasswordFor): string | null {
  const { min, minWithSecondFactor, classes, different } = presets[wanted.preset ?? 'classic'];
  const shortest = wanted.secondFactor ? minWithSecondFactor : min;
  const text = password.normalize('NFKC');
  const characters = [...text];
  if (characters.length < shortest) return `expected at least ${shortest} characters`;
  if (characters.length > MAX_LENGTH) return `expected at most ${MAX_LENGTH} characters`;
  if (CLASSES.filter((characterClass) => characterClass.test(text)).length < classes)
    return `expected ${classes} of: small letters, capital letters, digits, other characters`;
  if (new Set(characters).size < different) return `expected at least ${different} different characters`;
  return blocked(text, wanted);
}

/** The blocklist: common passwords, repeated characters, and words from the user's context. */
function blocked(text: string, { email, name, companies = [] }: PasswordFor): string | null {
  if (isCommon(text))
    return 'expected a password that is not among the common ones, nor one of them with digits or signs around it';
  if (/^(.{1,4}?)\1+.{0,3}$/su.test(text)) return 'expected more than a few characters over and over';
  if (contains(text, [...piecesOf(email.split('@')[0] ?? ''), ...piecesOf(name)]))
    return 'expected a password without your name or e-mail address';
  if (contains(text, companies.flatMap(piecesOf))) return "expected a password without your company's name";
  return null;
}

/**
 * Returns whether the password, or its word without affixes and lookalikes, is common:
 * `P@ssw0rd2026!` is `password`.
 */
function isCommon(text: string): boolean {
  const lower = text.toLowerCase();
  const word = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const plain = [...word].map((character) => LOOKALIKES[character] ?? character).join('');
  return [lower, word, plain].some((candidate) => common.has(candidate));
}

const piecesOf = (text: string): string[] => [text, ...text.split(/[^\p{L}\p{N}]+/u)];

function contains(text: string, pieces: string[]): boolean {
  const lower = text.toLowerCase();
  return pieces
    .map((piece) => piece.normalize('NFKC').toLowerCase())
    .some((piece) => [...piece].length >= MIN_NAME_PIECE && lower.includes(piece));
}
