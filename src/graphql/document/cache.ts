import { bounded } from '../../bounded-cache.ts';

/** Parsed documents by their text: at most 2 million characters of it. */
export const documentCache = <T>(maxCharacters = 2_000_000) =>
  bounded<T>(maxCharacters, (text) => text.length);

/** Errors are not kept: they cost little to find again, and what is wrong has no end of variants. */
export const noCache = { get: () => undefined, set: () => undefined };
