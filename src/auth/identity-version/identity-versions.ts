import { isDeepStrictEqual } from 'node:util';
import { bounded } from '../../bounded-cache.ts';
import type { Use } from '../../shortcuts.ts';
import type { Authenticated } from '../authorization/identity.ts';
import { frozen, type Identities, type VersionedIdentity, versioned } from './identities.ts';

/**
 * Characters of what PostgreSQL answered: of some 2,500 credentials, in up to six times as many
 * bytes.
 */
const MOST = 6_000_000;
/** What PostgreSQL answers when the identity still has the version that it was asked with. */
const NOT_MODIFIED = '=';

/** An identity, its version, and the length of both as text. */
type Cached = VersionedIdentity & { size: number };

/**
 * Caches identities with their versions, so that PostgreSQL answers NOT_MODIFIED instead of the
 * whole identity: the principle of an HTTP ETag. An identity that has not changed is the same
 * object.
 */
export function identityVersions(use: Use<'identityVersions'>): Identities {
  const cache = bounded<Cached>(MOST, (_key, { size }) => size);
  return {
    async authenticate(key, { ask, read }) {
      const before = cache.get(key) ?? null;
      const answer = await ask(before?.version ?? null);
      if (answer === null) {
        use.fallbacks.refused += 1;
        cache.delete(key);
        return null;
      }
      const now = answer === NOT_MODIFIED ? before : modified(before, answer, read);
      if (!now) throw new Error('identity: NOT_MODIFIED for a credential without a cached identity');
      if (now === before) use.used += 1;
      else use.fallbacks[before ? 'modified' : 'not cached'] += 1;
      cache.set(key, now);
      return now.identity;
    },
    cached: (key) => cache.get(key) ?? null,
    forget: (key) => cache.delete(key),
  };
}

/**
 * A version changes with other users of the company too: an equal identity stays the same object.
 */
function modified(before: Cached | null, answer: string, read: (identity: string) => Authenticated): Cached {
  const { version, identity: text } = versioned(answer);
  const identity = frozen(read(text));
  const same = before !== null && isDeepStrictEqual(identity, before.identity);
  return { version, identity: same ? before.identity : identity, size: answer.length };
}
