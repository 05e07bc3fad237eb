import { dictionary } from '@zxcvbn-ts/language-common';

/** Characters (code points) after normalisation. The upper limit bounds the work of hashing. */
export const PASSWORD_LENGTH = { min: 12, max: 256 };
const MIN_CLASSES = 3;
const MIN_DIFFERENT = 5;
/** Shorter pieces of a name turn up in good passwords by chance. */
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
 * What is wrong with a new password, as what is expected instead; `null` when nothing is. The message never repeats the password.
 * Length first, classes as the project promises beyond NIST SP 800-63B-4, which asks for the list of common ones.
 */
export function passwordWeakness(password: string, person: { email: string; name: string }): string | null {
  const text = password.normalize('NFKC');
  const characters = [...text];
  if (characters.length < PASSWORD_LENGTH.min) return `expected at least ${PASSWORD_LENGTH.min} characters`;
  if (characters.length > PASSWORD_LENGTH.max) return `expected at most ${PASSWORD_LENGTH.max} characters`;
  if (CLASSES.filter((characterClass) => characterClass.test(text)).length < MIN_CLASSES) {
    return `expected ${MIN_CLASSES} of: small letters, capital letters, digits, other characters`;
  }
  if (new Set(characters).size < MIN_DIFFERENT)
    return `expected at least ${MIN_DIFFERENT} different characters`;
  if (isCommon(text))
    return 'expected a password that is not among the common ones, nor one of them with digits or signs around it';
  if (containsPerson(text, person)) return 'expected a password without your name or e-mail address';
  return null;
}

/** The password itself, or the word that is left without what people put around it: `P@ssw0rd2026!` is `password`. */
function isCommon(text: string): boolean {
  const lower = text.toLowerCase();
  const word = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const plain = [...word].map((character) => LOOKALIKES[character] ?? character).join('');
  return [lower, word, plain].some((candidate) => common.has(candidate));
}

function containsPerson(text: string, { email, name }: { email: string; name: string }): boolean {
  const lower = text.toLowerCase();
  const localPart = email.split('@')[0] ?? '';
  const pieces = [localPart, ...localPart.split(/[^\p{L}\p{N}]+/u), ...name.split(/[^\p{L}\p{N}]+/u)];
  return pieces
    .map((piece) => piece.normalize('NFKC').toLowerCase())
    .some((piece) => [...piece].length >= MIN_NAME_PIECE && lower.includes(piece));
}
