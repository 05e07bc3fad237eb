/**
 * The cache of parsed documents, bounded by their text (2 million characters) and not by their number: a thousand documents of the
 * largest size would be hundreds of megabytes that anyone could make the server keep. Oldest use leaves first.
 */
export function documentCache<T>(maxCharacters = 2_000_000) {
  const kept = new Map<string, T>();
  let characters = 0;
  const drop = (text: string) => {
    if (kept.delete(text)) characters -= text.length;
  };
  return {
    get(text: string): T | undefined {
      const value = kept.get(text);
      if (value !== undefined) kept.delete(text) && kept.set(text, value);
      return value;
    },
    set(text: string, value: T): void {
      drop(text);
      kept.set(text, value);
      characters += text.length;
      for (const oldest of kept.keys()) {
        if (characters <= maxCharacters) return;
        drop(oldest);
      }
    },
  };
}

/** Errors are not kept: they cost little to find again, and what is wrong has no end of variants. */
export const noCache = { get: () => undefined, set: () => undefined };
