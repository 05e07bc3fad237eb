import { describe, expect, test } from 'vitest';
import { replacedWords, wideComments } from '../../scripts/check-words.ts';

describe('the word check', () => {
  test.each([
    ['src/db/pool.ts', '// waits for a free lane', 'shared connection'],
    ['test/db/pool.test.ts', "test('takes the short way', () => {});", 'fast path'],
    ['docs/operations.md', 'Nobody is notified.', 'name the subject'],
    ['test/auth/x.test.ts', "it('refuses whoever is unknown', () => {});", 'name the subject'],
    ['prisma/migrations/0001_x/migration.sql', '-- each change is on the record', 'audited'],
  ])('names path, line and replacement of a replaced word in %s', (path, line, say) => {
    expect(replacedWords(path, `\n${line}`)).toEqual([expect.stringMatching(`^${path}:2: .*${say}`)]);
  });

  test('accepts the vocabulary', () => {
    expect(replacedWords('src/db/pool.ts', '// Returns a shared connection from the fast path.')).toEqual([]);
  });

  test('accepts lanes as a parameter of Argon2', () => {
    expect(replacedWords('src/auth/password/hash.ts', 'const lanes = 1;')).toEqual([]);
  });

  test('names a comment of 101 columns, and accepts one of 100', () => {
    const wide = `  // ${'x'.repeat(96)}`;
    expect(wideComments('src/a.ts', wide)).toEqual([expect.stringMatching('^src/a.ts:1: a comment of 101')]);
    expect(wideComments('src/a.ts', wide.slice(0, -1))).toEqual([]);
  });
});
