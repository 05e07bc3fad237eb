import leven from 'leven';

/** A name that is not known, and the known one that was probably meant. */
export type Unknown = { name: string; meant: string | undefined };

/**
 * Returns the names that are not known, each with the most similar known name, if one is similar.
 */
export const unknownNames = (names: string[], known: string[]): Unknown[] =>
  names.filter((name) => !known.includes(name)).map((name) => ({ name, meant: mostSimilar(name, known) }));

/** Returns the known name that was probably meant. */
export const mostSimilar = (name: string, known: string[]): string | undefined =>
  known.filter((candidate) => isSimilar(name, candidate)).sort((a, b) => leven(name, a) - leven(name, b))[0];

/** A few letters differ, or each word begins alike: TRUST_PROXY and TRUSTED_PROXIES. */
function isSimilar(name: string, known: string): boolean {
  const [a, b] = [name.toUpperCase(), known.toUpperCase()];
  const [words, others] = [a.split('_'), b.split('_')];
  const alike = (word: string, other = '') => word.slice(0, 4).startsWith(other.slice(0, 4));
  if (words.length > 1 && words.length === others.length && words.every((word, i) => alike(word, others[i])))
    return true;
  return leven(a, b) <= Math.max(1, Math.floor(Math.min(a.length, b.length) / 4));
}
