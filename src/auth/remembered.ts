import type { Identity } from './actor.ts';

/** At most so many credentials, those that were used last: some two KiB each. */
const MOST = 2_000;

type Kept = { text: string; identity: Identity };
/** By a hash of the credential: what PostgreSQL said of it the last time, and what was read from that. */
const kept = new Map<string, Kept>();

/**
 * What PostgreSQL just said of a credential, as an identity. Said again letter for letter, it is the same object as before, which nobody may
 * change. This answers for nothing by itself: the text has come from PostgreSQL with this very request.
 */
export function identityOf<T extends Identity>(key: string, text: string, read: (text: string) => T): T {
  const before = kept.get(key);
  kept.delete(key); // to the end of the queue
  const now = before?.text === text ? before : { text, identity: frozen(read(text)) };
  kept.set(key, now);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST) break;
    kept.delete(oldest);
  }
  return now.identity as T;
}

/** The credential does not hold any more. */
export const forget = (key: string): void => void kept.delete(key);

/** Whom the credential proved the last time. Good for a guess, never for an answer. */
export const lastProven = (key: string): Identity | null => kept.get(key)?.identity ?? null;

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
