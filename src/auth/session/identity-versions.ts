import { isDeepStrictEqual } from 'node:util';
import { bounded } from '../../bounded-cache.ts';
import type { Authenticated } from '../authorization/identity.ts';

/** Characters of what PostgreSQL said: of some 2,500 credentials, in up to six times as many bytes. */
const MOST = 6_000_000;
/** What PostgreSQL says when a credential proves what it proved under the stamp that it was asked with. */
const AS_BEFORE = '=';

/** What a credential proved the last time, PostgreSQL's stamp on that, and the length of both as text. */
export type Remembered = { stamp: string; identity: Authenticated; size: number };
const kept = bounded<Remembered>(MOST, (_key, { size }) => size);

/** By a hash of the credential. Good for a guess and to ask by, never for an answer. */
export const remembered = (key: string): Remembered | null => kept.get(key) ?? null;

export const forget = (key: string): void => kept.delete(key);

/**
 * What PostgreSQL says of a credential now (`authenticate_if_changed`, asked with `before`'s stamp), as an identity; null when it does not hold. As
 * before, it is the same object, which nobody may change. Of itself this knows nothing: every request asks.
 */
export function understood(
  key: string,
  before: Remembered | null,
  said: string | null,
  read: (text: string) => Authenticated,
): Authenticated | null {
  if (said === null) {
    forget(key);
    return null;
  }
  const now = said === AS_BEFORE ? before : newly(before, said, read);
  if (!now) throw new Error('identity: "as before" of a credential that nothing was known of');
  kept.set(key, now);
  return now.identity;
}

/** A stamp moves with changes of other people too: who is the same stays the same object. */
function newly(before: Remembered | null, said: string, read: (text: string) => Authenticated): Remembered {
  const end = said.indexOf('\n');
  const identity = frozen(read(said.slice(end + 1)));
  const same = before !== null && isDeepStrictEqual(identity, before.identity);
  return { stamp: said.slice(0, end), identity: same ? before.identity : identity, size: said.length };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
