/**
 * Invisible on screen: what renderers ignore, unassigned ones too (UAX 44), spaces, and the blank
 * Braille pattern.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Zs}\u2800]/gu;
/**
 * Control characters, noncharacters, line and paragraph separators, and what changes the direction
 * of its neighbours (UAX 9).
 */
const REFUSED = /[\p{Cc}\p{Noncharacter_Code_Point}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/**
 * Returns a line of text in its canonical form: NFC (UAX 15), trimmed.
 * The text must be well-formed.
 */
export const normalizedText = (text: string): string => text.normalize('NFC').trim();

/** Returns the rule that a line of text breaks; null when it is readable. */
export function textProblem(text: string, max: number): string | null {
  if (!text.isWellFormed()) return 'expected well-formed Unicode';
  const normalized = normalizedText(text);
  if (REFUSED.test(normalized)) return 'expected text without control characters';
  if (normalized.replaceAll(INVISIBLE, '') === '') return 'expected some visible text';
  return normalized.length > max ? `expected at most ${max} characters` : null;
}
