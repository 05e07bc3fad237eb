import { isDeepStrictEqual } from 'node:util';
import type { Identity } from './actor.ts';

/** At most so many credentials, those that were used last: some two KiB each. */
const MOST = 2_000;
/** What PostgreSQL says when a credential proves what it proved under the stamp that it was asked with. */
const AS_BEFORE = '=';

/** What a credential proved the last time, and PostgreSQL's stamp on that. */
export type Remembered = { stamp: string; identity: Identity };
const kept = new Map<string, Remembered>();

/** By a hash of the credential. Good for a guess and to ask by, never for an answer. */
export const remembered = (key: string): Remembered | null => kept.get(key) ?? null;

/**
 * What PostgreSQL says of a credential now (`authenticate_unless`, asked with `before`'s stamp), as an identity; null when it does not hold. As
 * before, it is the same object, which nobody may change. Of itself this knows nothing: every request asks.
 */
export function understood<T extends Identity>(
  key: string,
  before: Remembered | null,
  said: string | null,
  read: (text: string) => T,
): T | null {
  kept.delete(key); // and to the end of the queue
  if (said === null) return null;
  const now = said === AS_BEFORE ? before : newly(before, said, read);
  if (!now) throw new Error('identity: "as before" of a credential that nothing was known of');
  kept.set(key, now);
  if (kept.size > MOST) kept.delete(kept.keys().next().value as string);
  return now.identity as T;
}

/** A stamp moves with changes of other people too: who is the same stays the same object. */
function newly<T extends Identity>(
  before: Remembered | null,
  said: string,
  read: (text: string) => T,
): Remembered {
  const end = said.indexOf('\n');
  const identity = frozen(read(said.slice(end + 1)));
  const same = isDeepStrictEqual(identity, before?.identity);
  return { stamp: said.slice(0, end), identity: same && before ? before.identity : identity };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
