import { bounded } from '../../bounded-cache.ts';

/** A key id is a thumbprint (RFC 7638) by SHA-256: anything else is no key's. */
const KEY_ID = /^[\w-]{43}$/;
/**
 * Milliseconds for which an id counts as unknown once it was looked up, and how many such ids are
 * kept.
 */
const KEPT_MS = 60_000;
const MOST = 1000;

type LookUp = { found: Promise<boolean>; at: number };

/**
 * Returns a look-up of key ids that asks the database once a minute for each unknown id at most,
 * however many requests name it. A failed look-up is forgotten.
 */
export function unknownKeys(exists: (id: string) => Promise<boolean>): (id: string) => Promise<boolean> {
  const lookUps = bounded<LookUp>(MOST, () => 1);
  return (id) => {
    if (!KEY_ID.test(id)) return Promise.resolve(false);
    const before = lookUps.get(id);
    if (before && performance.now() - before.at < KEPT_MS) return before.found;
    const found = exists(id);
    lookUps.set(id, { found, at: performance.now() });
    found.then((is) => is && lookUps.delete(id)).catch(() => lookUps.delete(id));
    return found;
  };
}
