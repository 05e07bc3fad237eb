import { describe, expect, it } from 'vitest';
import { deriveKey, newKeyBytes, toKey } from '../../../src/crypto/aead.ts';
import { blindIndex } from '../../../src/crypto/fields/blind-index.ts';
import { readable } from '../../../src/crypto/fields/selection.ts';
import { newWork, refuseOpaque, searchable } from '../../../src/crypto/fields/where.ts';
import type { CompanyKeys } from '../../../src/crypto/keys/keyring.ts';

const secret = toKey(newKeyBytes());
const keys: CompanyKeys = {
  companyId: 'c',
  sealing: new Map(),
  current: () => undefined,
  indexing: (scope, use) => deriveKey(secret, scope + use),
};
const iban = (text: string) => blindIndex(keys, 'pii', 'Employee', 'iban', text);
const civilId = (text: string) => blindIndex(keys, 'pii', 'Employee', 'civilId', text);

/** Prisma's `client.employee.fields.iban`, an object of a class. */
const reference = (modelName: string, name: string) =>
  Object.assign(new (class FieldRef {})(), { modelName, name });

/** The filter as Prisma gets it, once the keys are there, and how many keys it needed. */
function rewritten(model: string, where: unknown): [unknown, number] {
  const work = newWork();
  const result = searchable(model, where, work);
  for (const step of work.steps) step(keys);
  return [result, work.needs.size];
}

describe('[E4] a filter on a searchable column', () => {
  it.each<[string, object, object]>([
    ['equality', { iban: 'DE1' }, { ibanIndex: iban('DE1') }],
    ['equals', { iban: { equals: 'DE1' } }, { ibanIndex: { equals: iban('DE1') } }],
    ['a list', { iban: { in: ['DE1', 'DE2'] } }, { ibanIndex: { in: [iban('DE1'), iban('DE2')] } }],
    ['an empty list', { iban: { in: [] } }, { ibanIndex: { in: [] } }],
    [
      'two operators',
      { iban: { in: ['DE1'], equals: 'DE1' } },
      { ibanIndex: { in: [iban('DE1')], equals: iban('DE1') } },
    ],
    [
      'logic',
      { OR: [{ iban: 'DE1' }, { NOT: { civilId: 'X' } }] },
      { OR: [{ ibanIndex: iban('DE1') }, { NOT: { civilIdIndex: civilId('X') } }] },
    ],
    ['a unique key', { companyId_civilId: { civilId: 'X' } }, { companyId_civilId: { civilId: 'X' } }],
  ])('[E4] asks its blind index: %s', (_what, where, expected) => {
    expect(rewritten('Employee', where)[0]).toEqual(expected);
  });

  it('[E4] asks for null, and for not null, without a key', () => {
    expect(rewritten('Employee', { iban: null })).toEqual([{ iban: null }, 0]);
    const both = { salary: { equals: null, not: null }, iban: { not: null } };
    expect(rewritten('Employee', both)).toEqual([both, 0]);
    expect(rewritten('Employee', { iban: undefined, salary: { equals: undefined } })).toEqual([{}, 0]);
    for (const nothing of [undefined, null]) expect(rewritten('Employee', nothing)).toEqual([nothing, 0]);
  });

  it('[E4] works through a relation, with its operators and without', () => {
    const indexed = { ibanIndex: iban('DE1') };
    expect(rewritten('Attendance', { employee: { iban: 'DE1' } })[0]).toEqual({ employee: indexed });
    expect(rewritten('Attendance', { employee: { is: { iban: 'DE1' } } })[0]).toEqual({
      employee: { is: indexed },
    });
    expect(rewritten('Branch', { employees: { some: { iban: 'DE1' } } })[0]).toEqual({
      employees: { some: indexed },
    });
    expect(rewritten('Employee', { team: null })[0]).toEqual({ team: null });
  });
});

describe('[E1] a filter is refused', () => {
  it.each<[string, object, RegExp]>([
    [
      'equality without a blind index',
      { salary: '1' },
      /Employee.salary is sealed: where equals.*no blind index/,
    ],
    ['a list without a blind index', { passport: { in: ['1'] } }, /Employee.passport is sealed: where in/],
    ['not text', { iban: { not: 'DE1' } }, /where not is refused; ciphertext can be compared/],
    ['a part of the text', { iban: { contains: 'DE' } }, /where contains is refused; ciphertext/],
    ['an order', { iban: { gt: 'DE' } }, /where gt is refused/],
    ['equality with no text', { iban: { equals: 1 } }, /where equals is refused/],
    ['a list with no text', { iban: { in: ['DE1', 1] } }, /expected a list of text/],
    ['no list', { iban: { in: 'DE1' } }, /where in is refused/],
    ['null in a list', { iban: { in: null } }, /where in is refused/],
    ['an empty filter, which would match every row', { iban: {} }, /expected text or null/],
    ['a number', { iban: 1 }, /expected text or null/],
    ['its blind index', { ibanIndex: 'x' }, /Employee.ibanIndex is sealed: where is refused/],
    ['a reference to a sealed column', { name: { equals: reference('Employee', 'iban') } }, /iban is sealed/],
    [
      'a sealed column of another model',
      { name: reference('PayrollItem', 'amount') },
      /PayrollItem.amount is sealed: where on Employee/,
    ],
    ['an object of a class', new Map(), /expected plain objects as query arguments, got Map/],
    ['a class behind a relation', { branch: new Date(0) }, /Branch: expected plain objects/],
  ])('[E1] %s', (_what, where, message) => {
    expect(() => rewritten('Employee', where)).toThrow(message);
  });

  it('[E1] unless it concerns other columns: their masks, references among them', () => {
    const where = { ibanLast4: '4321', name: { equals: reference('Employee', 'email') } };
    expect(rewritten('Employee', where)[0]).toEqual(where);
  });
});

describe('[E1] an order or a group by ciphertext is refused', () => {
  it.each<[string, unknown]>([
    ['by name', 'salary'],
    ['in a list', ['name', 'iban']],
    ['in an object', { salary: 'asc' }],
    ['by its blind index', [{ name: 'asc' }, { ibanIndex: 'asc' }]],
    ['by relevance', { _relevance: { fields: ['name', 'salary'], search: 'x' } }],
    ['in logic', { AND: [{ salary: '1' }] }],
  ])('[E1] %s', (_what, order) => {
    expect(() => refuseOpaque('Employee', 'orderBy', order)).toThrow(/sealed: orderBy is refused/);
  });

  it('[E1] through a relation, but not by columns that only share the name', () => {
    expect(() => refuseOpaque('Attendance', 'orderBy', { employee: { salary: 'asc' } })).toThrow(
      /Employee.salary/,
    );
    refuseOpaque('Employee', 'orderBy', [
      { name: 'asc' },
      { salary: undefined },
      { branch: { name: 'desc' } },
    ]);
  });

  it.each(['orderBy', 'distinct', 'cursor', 'by', 'having', '_count', '_min', '_max', '_avg', '_sum'])(
    '[E1] in %s of a query',
    (position) => {
      expect(() => readable('Employee', { [position]: { salary: true } }, newWork())).toThrow(
        `Employee.salary is sealed: ${position} is refused`,
      );
    },
  );
});

describe('[E1] the plan of a result', () => {
  const all = ['salary', 'iban', 'civilId', 'passport'];
  const planOf = (model: string, args: object) => readable(model, args as never, newWork());

  it('[E1] names the sealed columns that are read, and reads the id that they are bound to', () => {
    expect(planOf('Employee', {}).plan).toEqual({ model: 'Employee', columns: all, relations: [] });
    expect(planOf('Employee', { select: { iban: true, name: true, salary: false } })).toEqual({
      args: { select: { iban: true, name: true, salary: false, id: true } },
      plan: { model: 'Employee', columns: ['iban'], relations: [] },
    });
    expect(planOf('Employee', { omit: { iban: true, id: true } })).toEqual({
      args: { omit: { iban: true, id: false } },
      plan: { model: 'Employee', columns: ['salary', 'civilId', 'passport'], relations: [] },
    });
  });

  it('[E1] is null where nothing is sealed, and leaves those arguments alone', () => {
    for (const args of [{}, { select: { name: true } }])
      expect(planOf('Branch', args)).toEqual({ args, plan: null });
    expect(planOf('Employee', { select: { name: true } })).toEqual({
      args: { select: { name: true } },
      plan: null,
    });
  });

  it('[E1] goes into relations, wanted whole or in parts, and not into those left out', () => {
    const whole = { model: 'Employee', columns: all, relations: [] };
    expect(planOf('Attendance', { include: { employee: true } })).toEqual({
      args: { include: { employee: true } },
      plan: { model: 'Attendance', columns: [], relations: [['employee', whole]] },
    });
    expect(planOf('Attendance', { include: { employee: { select: { iban: true } } } })).toEqual({
      args: { include: { employee: { select: { iban: true, id: true } } } },
      plan: {
        ...{ model: 'Attendance', columns: [] },
        relations: [['employee', { model: 'Employee', columns: ['iban'], relations: [] }]],
      },
    });
    expect(planOf('Attendance', { include: { employee: false } }).plan).toBe(null);
  });

  it.each(['select', 'include'])('[E1] is refused for a %s that is no plain object', (position) => {
    expect(() => planOf('Employee', { [position]: new Map() })).toThrow(/Employee: expected plain objects/);
    expect(planOf('Branch', { [position]: null }).plan).toBe(null);
  });

  it('[E4] rewrites the filter of a count', () => {
    const work = newWork();
    const count = (filter: object) => ({ include: { _count: { select: { employees: { where: filter } } } } });
    const { args } = readable('Branch', count({ iban: 'DE1' }), work);
    for (const step of work.steps) step(keys);
    expect(args).toEqual(count({ ibanIndex: iban('DE1') }));
    const plain = { include: { _count: true } };
    expect(readable('Branch', plain, newWork()).args).toEqual(plain);
  });
});
