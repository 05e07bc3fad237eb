import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  binding,
  CannotOpen,
  decrypt,
  derive,
  encrypt,
  keyIdOf,
  mac,
  newKeyBytes,
  openSeal,
  seal,
  toKey,
} from '../../src/crypto/aead.ts';

type Vector = Record<string, string> & { tcId: number; size: number; flags: string[] };
type Group = { keySize: number; ivSize: number; tagSize: number; tests: Vector[] };
const vectors = (name: string): Group[] =>
  JSON.parse(readFileSync(new URL(`../support/vectors/${name}.json`, import.meta.url), 'utf8')).testGroups;
const hex = (text: string | undefined) => Buffer.from(text ?? '', 'hex');
const keyOf = (text: string | undefined) => createSecretKey(hex(text));

describe('[E2] AES-256-GCM', () => {
  const groups = vectors('aes_gcm_test').filter(
    (group) => group.keySize === 256 && group.ivSize === 96 && group.tagSize === 128,
  );
  const cases = groups.flatMap((group) => group.tests);

  test('every Wycheproof vector of 256-bit key, 96-bit IV and 128-bit tag is met', () => {
    for (const { key, iv, aad, msg, ct, tag, result, tcId } of cases) {
      const open = () => decrypt(keyOf(key), hex(iv), hex(`${ct}${tag}`), hex(aad)).toString('hex');
      if (result === 'valid') {
        expect(encrypt(keyOf(key), hex(iv), hex(msg), hex(aad)).toString('hex'), `tcId ${tcId}`).toBe(
          `${ct}${tag}`,
        );
        expect(open(), `tcId ${tcId}`).toBe(msg);
      } else expect(open, `tcId ${tcId}`).toThrow(CannotOpen);
    }
    expect(cases.length).toBe(66);
    expect(cases.filter(({ result }) => result === 'invalid').length).toBeGreaterThan(20);
  });
});

test('[E4] HMAC-SHA-256 meets every Wycheproof vector', () => {
  let seen = 0;
  for (const { tagSize, tests } of vectors('hmac_sha256_test')) {
    for (const { key, msg, tag, result, tcId } of tests) {
      const ours = mac(keyOf(key), hex(msg))
        .subarray(0, tagSize / 8)
        .toString('hex');
      expect(ours === tag, `tcId ${tcId}`).toBe(result === 'valid');
      seen += 1;
    }
  }
  expect(seen).toBe(174);
});

test('[E3] HKDF-SHA-256 meets every Wycheproof vector', () => {
  let seen = 0;
  for (const { tests } of vectors('hkdf_sha256_test')) {
    for (const { ikm, salt, info, size, okm, result, tcId } of tests) {
      const ours = () => derive(hex(ikm), hex(salt), hex(info), size).toString('hex');
      if (result === 'valid') expect(ours(), `tcId ${tcId}`).toBe(okm);
      else expect(ours, `tcId ${tcId}`).toThrow();
      seen += 1;
    }
  }
  expect(seen).toBe(86);
});

describe('a seal', () => {
  const key = toKey(newKeyBytes());
  const place = binding('row', 'company', 'Employee', 'salary', 'id');
  const text = seal(key, 'k1', '4321.00', place);

  test('[E2] opens with its binding, names its key, and has a 12-byte IV and a 16-byte tag', () => {
    expect(openSeal(key, text, place).toString()).toBe('4321.00');
    expect(keyIdOf(text)).toBe('k1');
    expect(Buffer.from(text.slice('b1.k1.'.length), 'base64url').length).toBe(12 + '4321.00'.length + 16);
  });

  test('[E2] of the same value differs each time', () => {
    const all = new Set(Array.from({ length: 1_000 }, () => seal(key, 'k1', '4321.00', place)));
    expect(all.size).toBe(1_000);
  });

  test('[E2] does not open with any single bit flipped, nor truncated, nor lengthened', () => {
    const bytes = Buffer.from(text.slice('b1.k1.'.length), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => openSeal(key, `b1.k1.${changed.toString('base64url')}`, place)).toThrow(CannotOpen);
    }
    for (let end = 0; end < bytes.length; end += 1) {
      expect(() => openSeal(key, `b1.k1.${bytes.subarray(0, end).toString('base64url')}`, place)).toThrow(
        CannotOpen,
      );
    }
    expect(() =>
      openSeal(key, `b1.k1.${Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64url')}`, place),
    ).toThrow(CannotOpen);
  });

  test('[E2] has a canonical encoding: any other character is rejected', () => {
    for (let position = 'b1.k1.'.length; position < text.length; position += 1) {
      for (const other of ['A', 'B', 'z', '0', '-', '+', '=', ' ']) {
        if (text[position] === other) continue;
        const changed = text.slice(0, position) + other + text.slice(position + 1);
        expect(() => openSeal(key, changed, place), changed).toThrow(CannotOpen);
      }
    }
    for (const changed of [`${text}=`, `${text} `, `${text}\n`])
      expect(() => openSeal(key, changed, place)).toThrow(CannotOpen);
  });

  test('[E2] does not open with another key or binding', () => {
    expect(() => openSeal(toKey(newKeyBytes()), text, place)).toThrow(CannotOpen);
    for (const parts of [
      ['row', 'other', 'Employee', 'salary', 'id'],
      ['row', 'company', 'PayrollRun', 'salary', 'id'],
      ['row', 'company', 'Employee', 'iban', 'id'],
      ['row', 'company', 'Employee', 'salary', 'other'],
      ['row', 'companyEmployee', '', 'salary', 'id'],
    ]) {
      expect(() => openSeal(key, text, binding(...parts))).toThrow(CannotOpen);
    }
  });
});

test('[E2] bindings of different parts differ, whatever the parts contain', () => {
  expect(binding('ab', 'c')).not.toBe(binding('a', 'bc'));
  expect(binding('a', '')).not.toBe(binding('a'));
  expect(binding('1:a')).not.toBe(binding('', 'a'));
  expect(binding('é')).toBe('2:é');
});

test('[E9] a key that is short, long or one byte repeated is refused', () => {
  for (const bytes of [
    Buffer.alloc(0),
    newKeyBytes().subarray(1),
    Buffer.alloc(33, newKeyBytes()),
    Buffer.alloc(32),
    Buffer.alloc(32, 7),
  ]) {
    expect(() => toKey(bytes)).toThrow(/^key: expected/);
  }
});
