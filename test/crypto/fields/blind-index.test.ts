import { expect, test } from 'vitest';
import { deriveKey, newKeyBytes, toKey } from '../../../src/crypto/aead.ts';
import { blindIndex, lastFour, normal } from '../../../src/crypto/fields/blind-index.ts';
import type { CompanyKeys } from '../../../src/crypto/keys/keyring.ts';

function keysOf(companyId: string, secret = toKey(newKeyBytes())): CompanyKeys {
  return {
    companyId,
    sealing: new Map(),
    current: () => undefined,
    indexing: (_, use) => deriveKey(secret, use),
  };
}

test('[E4] spellings of one identifier have one index', () => {
  const keys = keysOf('a');
  const index = (value: string) => blindIndex(keys, 'pii', 'Employee', 'iban', value);
  for (const spelling of ['de12 3456', ' DE123456 ', 'DE12\u00a03456', 'ＤＥ１２３４５６', 'dE12\t3456']) {
    expect(index(spelling), spelling).toBe(index('DE123456'));
  }
  expect(index('DE123457')).not.toBe(index('DE123456'));
  expect(normal('straße ﬁ')).toBe('STRASSEFI');
});

test('[E4] equal values of two companies, models, fields or keys do not show as equal', () => {
  const secret = toKey(newKeyBytes());
  const all = [
    blindIndex(keysOf('a', secret), 'pii', 'Employee', 'iban', 'DE123456'),
    blindIndex(keysOf('b', secret), 'pii', 'Employee', 'iban', 'DE123456'),
    blindIndex(keysOf('a', secret), 'pii', 'Employee', 'civilId', 'DE123456'),
    blindIndex(keysOf('a', secret), 'pii', 'Supplier', 'iban', 'DE123456'),
    blindIndex(keysOf('a'), 'pii', 'Employee', 'iban', 'DE123456'),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test('[E4] an index has 128 bits', () => {
  const text = blindIndex(keysOf('a'), 'pii', 'Employee', 'iban', 'DE123456');
  expect(Buffer.from(text, 'base64url').length * 8).toBe(128);
});

test('[E7] a mask shows four characters at most and hides four at least', () => {
  expect(lastFour('DE12 3456 7890')).toBe('7890');
  expect(lastFour('12345678')).toBe('5678');
  expect(lastFour('123456')).toBe('56');
  expect(lastFour('1234')).toBeNull();
  expect(lastFour('')).toBeNull();
});
