import { afterEach, describe, expect, it } from 'vitest';
import type { Authenticated } from '../../../src/auth/authorization/identity.ts';
import { forget, remembered, understood } from '../../../src/auth/session/identity-versions.ts';

const keys: string[] = [];
afterEach(() => keys.splice(0).forEach(forget));

/** As PostgreSQL says it, of somebody with a name of this length. */
function said(key: string, stamp: string, length = 10) {
  keys.push(key);
  const text = JSON.stringify({ user: { id: key, name: 'n'.repeat(length) } });
  return understood(key, remembered(key), `${stamp}\n${text}`, (json) => JSON.parse(json) as Authenticated);
}

describe('the cached identity of a credential', () => {
  it('is the same object under another version with equal content', () => {
    const first = said('one', 'a');
    expect(said('one', 'b')).toBe(first);
    expect(remembered('one')).toMatchObject({ stamp: 'b', identity: first });
    expect(said('one', 'c', 11)).not.toBe(first);
  });

  it('is dropped when the credential is rejected', () => {
    said('one', 'a');
    expect(understood('one', remembered('one'), null, JSON.parse)).toBeNull();
    expect(remembered('one')).toBeNull();
  });

  it('is required for a NOT_MODIFIED answer', () => {
    expect(() => understood('nobody', null, '=', JSON.parse)).toThrow('nothing was known of');
  });

  it('is bounded by size: the least recently used is dropped, and an oversized one is not cached', () => {
    for (const key of ['one', 'two', 'three']) said(key, 'a', 1_900_000);
    expect(understood('one', remembered('one'), '=', JSON.parse)).not.toBeNull();
    said('four', 'a', 1_900_000);
    expect(['one', 'two', 'three', 'four'].map((key) => remembered(key) !== null)).toEqual([
      true,
      false,
      true,
      true,
    ]);
    said('five', 'a', 6_000_000);
    expect(remembered('five')).toBeNull();
  });
});
