import { beforeEach, describe, expect, it } from 'vitest';
import type { Authenticated } from '../../../src/auth/authorization/identity.ts';
import { type Identities, wholeIdentities } from '../../../src/auth/identity-version/identities.ts';
import { identityVersions } from '../../../src/auth/identity-version/identity-versions.ts';
import { type Use, useOf } from '../../../src/shortcuts.ts';

let use: Use<'identityVersions'>;
let identities: Identities;
/** The versions that PostgreSQL was asked with. */
let asked: (string | null)[];
beforeEach(() => {
  use = useOf('identityVersions');
  identities = identityVersions(use);
  asked = [];
});

const read = (text: string) => JSON.parse(text) as Authenticated;
/** PostgreSQL gives this answer. */
const answering = (of: Identities, key: string, answer: string | null) =>
  of.authenticate(key, {
    ask: async (version) => {
      asked.push(version);
      return answer;
    },
    read,
  });
/** PostgreSQL answers with the identity of a user with a name of this length. */
const whole = (key: string, version: string, length = 10) =>
  answering(
    identities,
    key,
    `${version}\n${JSON.stringify({ user: { id: key, name: 'n'.repeat(length) } })}`,
  );

describe('the cached identity of a credential', () => {
  it('is the same object under another version with equal content', async () => {
    const first = await whole('one', 'a');
    expect(await whole('one', 'b')).toBe(first);
    expect(await answering(identities, 'one', '=')).toBe(first);
    expect(asked).toEqual([null, 'a', 'b']);
    expect(await whole('one', 'c', 11)).not.toBe(first);
  });

  it('is dropped when the credential is rejected', async () => {
    await whole('one', 'a');
    expect(await answering(identities, 'one', null)).toBeNull();
    expect(identities.cached('one')).toBeNull();
    await whole('one', 'b');
    expect(asked).toEqual([null, 'a', null]);
  });

  it('is dropped on request', async () => {
    await whole('one', 'a');
    identities.forget('one');
    expect(identities.cached('one')).toBeNull();
  });

  it('stays when PostgreSQL cannot be asked, and the error is thrown without a second statement', async () => {
    const first = await whole('one', 'a');
    const refused = new Error('connect ECONNREFUSED');
    let calls = 0;
    const ask = () => {
      calls += 1;
      return Promise.reject(refused);
    };
    await expect(identities.authenticate('one', { ask, read })).rejects.toBe(refused);
    expect(calls).toBe(1);
    expect(await answering(identities, 'one', '=')).toBe(first);
  });

  it('is required for a NOT_MODIFIED answer', async () => {
    await expect(answering(identities, 'unknown', '=')).rejects.toThrow('without a cached identity');
  });

  it('is bounded by size: the least recently used is dropped, and an oversized one is not cached', async () => {
    for (const key of ['one', 'two', 'three']) await whole(key, 'a', 1_900_000);
    expect(await answering(identities, 'one', '=')).not.toBeNull();
    await whole('four', 'a', 1_900_000);
    const cached = ['one', 'two', 'three', 'four'].map((key) => identities.cached(key) !== null);
    expect(cached).toEqual([true, false, true, true]);
    await whole('five', 'a', 6_000_000);
    expect(identities.cached('five')).toBeNull();
  });

  it('is counted when it answers, and each other answer by its reason', async () => {
    await whole('one', 'a');
    await answering(identities, 'one', '=');
    await whole('one', 'b');
    await answering(identities, 'one', null);
    expect(use).toEqual({ used: 1, fallbacks: { 'not cached': 1, modified: 1, refused: 1 } });
  });
});

describe('identities without versions', () => {
  it('are asked for as a whole each time, frozen, and not cached', async () => {
    const answer = 'a\n{"user":{"id":"one"}}';
    const first = await answering(wholeIdentities, 'one', answer);
    expect(await answering(wholeIdentities, 'one', answer)).not.toBe(first);
    expect(asked).toEqual([null, null]);
    expect(first).toEqual({ user: { id: 'one' } });
    expect(Object.isFrozen(first?.user)).toBe(true);
    expect(wholeIdentities.cached('one')).toBeNull();
    expect(await answering(wholeIdentities, 'one', null)).toBeNull();
  });
});
