import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { equalSecrets, hashToken, isToken, newToken } from '../../src/crypto/token.ts';

describe('a token', () => {
  it('has 256 bits in base64url, other ones each time', () => {
    const tokens = Array.from({ length: 100 }, newToken);
    expect(new Set(tokens).size).toBe(100);
    for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(tokens.every(isToken)).toBe(true);
  });

  it.each(['', 'x', 'a'.repeat(42), 'a'.repeat(44), `${'a'.repeat(42)}=`, `${'a'.repeat(43)}\n`])(
    'does not have the form of %j',
    (text) => expect(isToken(text)).toBe(false),
  );

  it('is stored as its SHA-256 in hex', () => {
    const token = newToken();
    expect(hashToken(token)).toBe(createHash('sha256').update(token).digest('hex'));
  });
});

describe('equalSecrets', () => {
  it('accepts the same text', () => expect(equalSecrets('abc', 'abc')).toBe(true));

  it.each([
    ['abc', 'abd'],
    ['abc', ''],
    ['', 'abc'],
    ['abc', 'abcd'],
    ['é', 'e\u0301'],
  ])('refuses %j where %j is expected', (given, expected) =>
    expect(equalSecrets(given, expected)).toBe(false),
  );
});
