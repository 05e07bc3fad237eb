import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { newKeyBytes, toKey } from '../../../src/crypto/aead.ts';
import { open, openings, SealBroken, Sealed, sealFor } from '../../../src/crypto/fields/sealed.ts';
import type { CompanyKeys } from '../../../src/crypto/keys/keyring.ts';

const keysOf = (companyId: string, key = toKey(newKeyBytes())): CompanyKeys => ({
  companyId,
  sealing: new Map([['k1', key]]),
  current: () => ({ id: 'k1', key }),
  indexing: () => undefined,
});
const salary = { model: 'Employee', field: 'salary', scope: 'pii' };
const keys = keysOf('company');
const text = sealFor(keys, salary, 'row', '4321.00');

describe('[E7] a sealed value', () => {
  const value = new Sealed({ keys }, salary, 'row', text);

  test('opens on demand, and each opening is counted', () => {
    const before = openings.count;
    expect(value.open()).toBe('4321.00');
    expect(open(value)).toBe('4321.00');
    expect(openings.count - before).toBe(2);
  });

  test('reveals nothing when it is printed, logged, spread, copied or serialised', () => {
    const before = openings.count;
    const shown = [
      JSON.stringify({ value }),
      inspect({ value }, { showHidden: true, depth: 9 }),
      `${value}`,
      String(value),
      value + '',
    ];
    const copies = [{ ...value }, structuredClone(value), Object.assign({}, value)];
    for (const output of [...shown, ...copies.map((copy) => inspect(copy, { showHidden: true }))]) {
      expect(output).not.toContain('4321');
      expect(output).not.toContain(text.slice(-10));
    }
    expect(shown.slice(0, 3)).toEqual(['{"value":{}}', '{ value: [sealed] }', '[sealed]']);
    expect(openings.count).toBe(before);
  });

  test('returns its ciphertext for snapshots', () => expect(value.ciphertext).toBe(text));
});

test('[E7] open takes a sealed value or null, and refuses anything else: plain text would mean that a seal is missing', () => {
  expect(open(null)).toBeNull();
  expect(() => open(undefined)).toThrow('is it selected');
  expect(() => open('4321.00')).toThrow('got string');
});

test('[E2] a value of another row, field, model or company does not open, and the error names its place only', () => {
  const moved = [
    new Sealed({ keys }, salary, 'other', text),
    new Sealed({ keys }, { ...salary, field: 'iban' }, 'row', text),
    new Sealed({ keys }, { ...salary, model: 'PayrollRun' }, 'row', text),
    new Sealed({ keys: { ...keys, companyId: 'other' } }, salary, 'row', text),
    new Sealed({ keys: keysOf('company') }, salary, 'row', text),
    new Sealed({ keys }, salary, 'row', text.replace('k1', 'k2')),
    new Sealed({ keys }, salary, 'row', '4321.00'),
    new Sealed({ keys }, salary, 'row', text.slice(0, -4)),
  ];
  for (const value of moved) {
    const error = caught(() => value.open());
    expect(error).toBeInstanceOf(SealBroken);
    expect(error.message).toMatch(/^\w+\.\w+ of row \w+ does not open: /);
    expect(inspect(error)).not.toContain('4321');
    expect(inspect(error)).not.toContain(text.slice(8, 20));
  }
});

function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected it to throw');
}
