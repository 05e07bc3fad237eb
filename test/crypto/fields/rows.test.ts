import { describe, expect, it } from 'vitest';
import { deriveKey, newKeyBytes, toKey } from '../../../src/crypto/aead.ts';
import { blindIndex } from '../../../src/crypto/fields/blind-index.ts';
import { changedRow, changedRows, newRow } from '../../../src/crypto/fields/row.ts';
import { open, Sealed } from '../../../src/crypto/fields/sealed.ts';
import { newWork, type Work } from '../../../src/crypto/fields/where.ts';
import type { CompanyKeys } from '../../../src/crypto/keys/keyring.ts';

const secret = toKey(newKeyBytes());
const keys: CompanyKeys = {
  companyId: 'c',
  sealing: new Map([['k1', secret]]),
  current: () => ({ id: 'k1', key: secret }),
  indexing: (scope, use) => deriveKey(secret, scope + use),
};
type Row = Record<string, unknown>;
/** The row as Prisma gets it, once the keys are there, and the keys that it needed. */
function written(make: (work: Work) => Row): { row: Row; needs: string[] } {
  const work = newWork();
  const row = make(work);
  for (const step of work.steps) step(keys);
  return { row, needs: [...work.needs.keys()].sort() };
}
const opened = (field: string, rowId: string, text: unknown) =>
  open(new Sealed({ keys }, { model: 'Employee', field }, rowId, text as string));
const where = { key: { companyId: 'c', id: 'r' } };

describe('[E1] a new row', () => {
  it('[E1] has ciphertext, blind index and mask in place of the value, bound to its id', () => {
    const given = { id: 'r', companyId: 'c', name: 'Ada', iban: 'DE89 3704', salary: '1.50' };
    const { row, needs } = written((work) => newRow('Employee', given, 'c', work));
    expect(opened('iban', 'r', row.iban)).toBe('DE89 3704');
    expect(opened('salary', 'r', row.salary)).toBe('1.50');
    expect(row).toMatchObject({
      ...{ name: 'Ada', ibanLast4: '3704' },
      ibanIndex: blindIndex(keys, 'pii', 'Employee', 'iban', 'DE893704'),
    });
    expect(Object.keys(row).sort()).toEqual([...Object.keys(given), 'ibanIndex', 'ibanLast4'].sort());
    expect(needs).toEqual(['index pii', 'seal pii']);
    expect(given.iban).toBe('DE89 3704');
  });

  it('[E1] gets an id, and no more for a model without sealed columns', () => {
    expect(written((work) => newRow('Employee', {}, 'c', work)).row.id).toMatch(/^[\da-f-]{36}$/);
    expect(written((work) => newRow('Branch', { name: 'x' }, 'c', work))).toEqual({
      row: { name: 'x' },
      needs: [],
    });
  });

  it('[E1] needs no key for null, nor one for an index that a column lacks', () => {
    const nothing = written((work) => newRow('Employee', { id: 'r', iban: null, salary: null }, 'c', work));
    expect(nothing).toEqual({
      row: { id: 'r', iban: null, ibanIndex: null, ibanLast4: null, salary: null },
      needs: [],
    });
    expect(written((work) => newRow('Employee', { salary: '1' }, 'c', work)).needs).toEqual(['seal pii']);
  });

  it.each<[string, unknown, RegExp]>([
    ['of another company', { companyId: 'other' }, /companyId is not the company of this context/],
    ['with an id that is no text', { id: 7 }, /Employee.id: expected a UUID as text, got number/],
    ['with a companion of its own', { ibanIndex: 'x' }, /writing a companion is refused/],
    ['with a nested write', { team: { create: {} } }, /Employee.team: nested writes are refused/],
    ['with a relation by any value', { team: null }, /Employee.team: nested writes are refused/],
    ['that is none', 'text', /expected a row's data, got string/],
    [
      'with a number for a sealed column',
      { salary: 1 },
      /writing a number is refused; give a decimal as text/,
    ],
    ['with a number for sealed text', { iban: 1 }, /writing a number is refused; give text/],
    ['with a sealed value of another row', { iban: {} }, /writing a sealed value is refused/],
    ['with an operator', { salary: { increment: '1' } }, /increment is refused; give the plain value/],
    ['with two operators', { salary: { set: '1', increment: '1' } }, /set, increment is refused/],
  ])('[E1] %s is refused', (_what, row, message) => {
    expect(() => newRow('Employee', row, 'c', newWork())).toThrow(message);
  });

  it('[E1] may leave relations and companions undefined', () => {
    const row = { id: 'r', team: undefined, ibanIndex: undefined };
    expect(newRow('Employee', row, 'c', newWork())).toEqual(row);
  });

  it.each([
    '01',
    '1.',
    '.5',
    '1e3',
    '-0',
    '-0.00',
    '+1',
    ' 1',
    '1,5',
    '',
    `1${'0'.repeat(30)}`,
    `0.${'1'.repeat(21)}`,
  ])('[E1] with %j for a decimal is invalid input', (salary) => {
    expect(() => newRow('Employee', { salary }, 'c', newWork())).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: 'salary: expected a decimal such as 1234.50.',
      }),
    );
  });
  it.each(['0', '0.00', '-1', '-0.5', '12.50', `1${'0'.repeat(29)}.${'1'.repeat(20)}`])(
    '[E1] with %j for a decimal is valid',
    (salary) => {
      expect(
        opened(
          'salary',
          'r',
          written((work) => newRow('Employee', { id: 'r', salary }, 'c', work)).row.salary,
        ),
      ).toBe(salary);
    },
  );

  it('[E1] with blank text for a searchable column, or ill-formed text, is invalid input', () => {
    for (const [row, expected] of [
      [{ iban: ' \t' }, 'iban: expected text that is not blank.'],
      [{ passport: '\uD800' }, 'passport: expected well-formed text.'],
    ] as const)
      expect(() => newRow('Employee', row, 'c', newWork())).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT', message: expected }),
      );
    expect(
      written((work) => newRow('Employee', { id: 'r', passport: ' ' }, 'c', work)).row.passportLast4,
    ).toBe(null);
  });
});

describe('[E1] a changed row', () => {
  it.each([{ where }, { where: { id: 'r' } }])('[E1] is sealed for the id in $where', ({ where }) => {
    const given = { iban: { set: 'DE89' } };
    const { row } = written((work) => changedRow('Employee', given, where, work));
    expect(opened('iban', 'r', row.iban)).toBe('DE89');
    expect(given).toEqual({ iban: { set: 'DE89' } });
  });

  it('[E1] keeps what is not in the change', () => {
    expect(written((work) => changedRow('Employee', { name: 'x' }, where, work))).toEqual({
      row: { name: 'x' },
      needs: [],
    });
  });

  it.each([{ id: 'other' }, { companyId: 'other' }])('[E2] does not move: %o', (data) => {
    const [name] = Object.keys(data);
    const message = `Employee.${name} cannot change`;
    expect(() => changedRow('Employee', data, where, newWork())).toThrow(message);
    expect(() => changedRows('Employee', data, newWork())).toThrow(message);
    expect(changedRow('Branch', data, where, newWork())).toEqual(data);
  });

  it('[E2] is refused without its id, but for null', () => {
    for (const selector of [{ companyId_email: {} }, { key: {} }, null])
      expect(() => changedRow('Employee', { salary: '1' }, selector, newWork())).toThrow(
        /a write without the row’s id is refused/,
      );
    expect(changedRow('Employee', { iban: null }, null, newWork())).toEqual({
      ...{ iban: null, ibanIndex: null, ibanLast4: null },
    });
  });
});

describe('[E1] a change of many rows', () => {
  it('[E1] sets sealed columns to null only', () => {
    const change = (data: Row) => changedRows('Employee', data, newWork());
    expect(change({ name: 'x', iban: { set: null } })).toEqual({
      ...{ name: 'x', iban: null, ibanIndex: null, ibanLast4: null },
    });
    expect(() => change({ salary: '1' })).toThrow(/updateMany is refused; write such rows one by one/);
    expect(() => change({ salary: { set: '1' } })).toThrow(/updateMany is refused/);
  });
});
