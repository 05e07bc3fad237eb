/**
 * A least-recently-used cache, bounded by characters instead of entries: with a bound on entries,
 * clients could fill memory with a few large ones.
 */
export function bounded<T>(mostCharacters: number, sizeOf: (key: string, value: T) => number) {
  const kept = new Map<string, T>();
  let characters = 0;
  const drop = (key: string) => {
    const value = kept.get(key);
    if (value === undefined) return;
    kept.delete(key);
    characters -= sizeOf(key, value);
  };
  return {
    get(key: string): T | undefined {
      const value = kept.get(key);
      if (value !== undefined) kept.delete(key) && kept.set(key, value);
      return value;
    },
    set(key: string, value: T): void {
      drop(key);
      kept.set(key, value);
      characters += sizeOf(key, value);
      for (const oldest of kept.keys()) {
        if (characters <= mostCharacters) return;
        drop(oldest);
      }
    },
    delete: drop,
  };
}
