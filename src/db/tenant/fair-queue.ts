/** Runs work when a place is free and it is the key's turn. */
export type FairQueue = (key: string, work: () => Promise<void>) => void;

type Waiting = { running: number; works: (() => Promise<void>)[] };

/**
 * Returns a queue that runs at most `most` works at a time, at most `mostOfOne` of them for one
 * key. Keys that wait take turns; works of one key start in their order. Works must not reject.
 */
export function fairQueue(most: number, mostOfOne: number): FairQueue {
  // in the order of turns: a key goes to the end when a work of it starts or ends
  const keys = new Map<string, Waiting>();
  let running = 0;

  function nextKey(): string | undefined {
    for (const [key, { running, works }] of keys) if (works.length > 0 && running < mostOfOne) return key;
    return undefined;
  }

  function toEnd(key: string): Waiting {
    const waiting = keys.get(key) as Waiting;
    keys.delete(key);
    keys.set(key, waiting);
    return waiting;
  }

  function startNext(): void {
    const key = running < most ? nextKey() : undefined;
    if (key === undefined) return;
    const waiting = toEnd(key);
    running += 1;
    waiting.running += 1;
    void waiting.works
      .shift()?.()
      .finally(() => finished(key, waiting));
  }

  function finished(key: string, waiting: Waiting): void {
    running -= 1;
    waiting.running -= 1;
    toEnd(key);
    if (waiting.running === 0 && waiting.works.length === 0) keys.delete(key);
    startNext();
  }

  return (key, work) => {
    const waiting = keys.get(key) ?? { running: 0, works: [] };
    waiting.works.push(work);
    keys.set(key, waiting);
    startNext();
  };
}
