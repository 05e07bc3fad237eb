import { describe, expect, test } from 'vitest';
import { uniqueFilter } from '../../../src/db/operations/unique-selector.ts';

const companyId = crypto.randomUUID();
const id = crypto.randomUUID();

describe('a unique selector as a filter', () => {
  test('has the columns of a compound key at the top', () => {
    expect(uniqueFilter('Branch', { key: { companyId, id } })).toEqual({ companyId, id });
  });

  test('keeps a condition beside the key', () => {
    const beside = [{ name: 'x' }];
    expect(uniqueFilter('Branch', { key: { companyId, id }, AND: beside })).toEqual({
      ...{ companyId, id },
      AND: beside,
    });
  });

  test.each([
    ['nothing', {}],
    ['a key without a part', { key: { companyId } }],
    ['a key with an undefined part', { key: { companyId, id: undefined } }],
    ['an undefined key', { key: undefined }],
    ['a key with one part too many', { key: { companyId, id, name: 'x' } }],
    ['an undefined column', { id: undefined }],
  ])('is refused for %s', (_, where) => {
    expect(() => uniqueFilter('Branch', where)).toThrow('expected a complete unique key');
  });
});
