import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealExtension } from '../../../src/crypto/fields/extension.ts';
import { open, openings } from '../../../src/crypto/fields/sealed.ts';
import { withTenant } from '../../../src/db/tenant/context.ts';
import { employee, newCompany, type Place, sealedDatabase } from '../../support/db/crypto-database.ts';

let sealed: Awaited<ReturnType<typeof sealedDatabase>>;
let place: Place;
let id: string;

beforeAll(async () => {
  sealed = await sealedDatabase();
  place = await newCompany(sealed.owner);
  const row = { ...employee(place), salary: '4321.00', iban: 'DE123456789' };
  id = row.id;
  await sealed.write(place.companyId, (tx) => tx.employee.create({ data: row }));
});
afterAll(() => sealed.drop());

// Most of these calls are not typed: they are what untyped code, or a cast, would send.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Call = (tx: any) => Promise<unknown>;
const key = () => ({ key: { companyId: place.companyId, id } });
const row = () => employee(place);
const without = () => ({ name: 'Ada', email: `${randomUUID()}@example.com`, startedOn: new Date() });

const NESTED: Record<string, Call> = {
  'create in create': (tx) =>
    tx.department.create({ data: { ...key(), name: 'X', employees: { create: row() } } }),
  'createMany in update': (tx) =>
    tx.department.update({
      where: { key: { companyId: place.companyId, id: place.departmentId } },
      data: { employees: { createMany: { data: [row()] } } },
    }),
  connectOrCreate: (tx) =>
    tx.payrollItem.create({
      data: { runId: id, amount: '1', employee: { connectOrCreate: { where: key(), create: without() } } },
    }),
  'update in update': (tx) =>
    tx.department.update({
      where: { key: { companyId: place.companyId, id: place.departmentId } },
      data: { employees: { updateMany: { where: {}, data: { salary: '1' } } } },
    }),
  'upsert in update': (tx) =>
    tx.branch.update({
      where: { key: { companyId: place.companyId, id: place.branchId } },
      data: { employees: { upsert: { where: key(), create: without(), update: { salary: '1' } } } },
    }),
  'connect in update of a sealed model': (tx) =>
    tx.employee.update({
      where: key(),
      data: { department: { connect: { key: { companyId: place.companyId, id: place.departmentId } } } },
    }),
};

/**
 * What ciphertext cannot answer, by position. Each message names the model, the column and the
 * position.
 */
const REFUSED: Record<string, [call: Call, message: RegExp]> = {
  'where equals without an index': [
    (tx) => tx.employee.findMany({ where: { salary: '4321.00' } }),
    /^Employee\.salary is sealed: where equals .* no blind index/,
  ],
  'where in without an index': [
    (tx) => tx.employee.count({ where: { passport: { in: ['P1'] } } }),
    /^Employee\.passport is sealed: where in/,
  ],
  'where gt': [
    (tx) => tx.employee.findMany({ where: { salary: { gt: '1' } } }),
    /^Employee\.salary is sealed: where gt/,
  ],
  ...Object.fromEntries(
    ['not', 'notIn', 'lt', 'lte', 'gt', 'gte', 'contains', 'startsWith', 'endsWith', 'mode', 'search'].map(
      (operator) => [
        `where ${operator} on a searchable column`,
        [
          (tx) =>
            tx.employee.findMany({ where: { iban: { [operator]: operator === 'notIn' ? ['a'] : 'a' } } }),
          new RegExp(`^Employee\\.iban is sealed: where ${operator} `),
        ],
      ],
    ),
  ),
  'where with a number': [
    (tx) => tx.employee.findMany({ where: { iban: 12 } }),
    /^Employee\.iban is sealed: where .* expected text or null/,
  ],
  'where in with null': [
    (tx) => tx.employee.findMany({ where: { iban: { in: [null] } } }),
    /^Employee\.iban is sealed: where in/,
  ],
  'where with a sealed value': [
    async (tx) =>
      tx.employee.findMany({ where: { iban: (await tx.employee.findFirst({ where: { id } })).iban } }),
    /^Employee\.iban is sealed: where/,
  ],
  'where on the index itself': [
    (tx) => tx.employee.findMany({ where: { ibanIndex: 'x' } }),
    /^Employee\.ibanIndex is sealed: where .* the sealed column itself/,
  ],
  'a unique selector with an index': [
    (tx) =>
      tx.employee.findUnique({
        where: { companyId_civilIdIndex: { companyId: place.companyId, civilIdIndex: 'x' } },
      }),
    /^Employee\.civilIdIndex is sealed/,
  ],
  'where against another column': [
    (tx) => tx.employee.findMany({ where: { name: { equals: tx.employee.fields.iban } } }),
    /^Employee\.iban is sealed: where on Employee/,
  ],
  'where deep in OR, NOT and relations': [
    (tx) =>
      tx.branch.findMany({
        where: {
          OR: [{ departments: { some: { NOT: [{ employees: { none: { salary: { lt: '1' } } } }] } } }],
        },
      }),
    /^Employee\.salary is sealed: where lt/,
  ],
  'where of an update': [
    (tx) => tx.employee.update({ where: { ...key(), salary: '1' }, data: { name: 'x' } }),
    /^Employee\.salary is sealed: where/,
  ],
  'where of a delete': [
    (tx) => tx.employee.deleteMany({ where: { passport: 'x' } }),
    /^Employee\.passport is sealed: where/,
  ],
  'where of an included list': [
    (tx) => tx.department.findMany({ include: { employees: { where: { salary: '1' } } } }),
    /^Employee\.salary is sealed: where/,
  ],
  'where of a count': [
    (tx) =>
      tx.department.findMany({ select: { _count: { select: { employees: { where: { salary: '1' } } } } } }),
    /^Employee\.salary is sealed: where/,
  ],
  orderBy: [
    (tx) => tx.employee.findMany({ orderBy: { salary: 'asc' } }),
    /^Employee\.salary is sealed: orderBy/,
  ],
  'orderBy with nulls': [
    (tx) => tx.employee.findMany({ orderBy: [{ name: 'asc' }, { iban: { sort: 'asc', nulls: 'last' } }] }),
    /^Employee\.iban is sealed: orderBy/,
  ],
  'orderBy an index': [
    (tx) => tx.employee.findMany({ orderBy: { ibanIndex: 'asc' } }),
    /^Employee\.ibanIndex is sealed: orderBy/,
  ],
  'orderBy through a relation': [
    (tx) => tx.payrollItem.findMany({ orderBy: { employee: { salary: 'asc' } } }),
    /^Employee\.salary is sealed: orderBy/,
  ],
  'orderBy relevance': [
    (tx) => tx.employee.findMany({ orderBy: { _relevance: { fields: ['iban'], search: 'x', sort: 'asc' } } }),
    /^Employee\.iban is sealed: orderBy/,
  ],
  'orderBy of an included list': [
    (tx) => tx.department.findMany({ include: { employees: { orderBy: { salary: 'desc' } } } }),
    /^Employee\.salary is sealed: orderBy/,
  ],
  distinct: [(tx) => tx.employee.findMany({ distinct: ['salary'] }), /^Employee\.salary is sealed: distinct/],
  'distinct of one': [
    (tx) => tx.employee.findMany({ distinct: 'ibanIndex' }),
    /^Employee\.ibanIndex is sealed: distinct/,
  ],
  'distinct of a selected list': [
    (tx) => tx.department.findMany({ select: { employees: { distinct: ['iban'] } } }),
    /^Employee\.iban is sealed: distinct/,
  ],
  cursor: [
    (tx) =>
      tx.employee.findMany({
        cursor: { companyId_civilIdIndex: { companyId: place.companyId, civilIdIndex: 'x' } },
      }),
    /^Employee\.civilIdIndex is sealed: cursor/,
  ],
  'groupBy by': [(tx) => tx.employee.groupBy({ by: ['salary'] }), /^Employee\.salary is sealed: by/],
  'groupBy having': [
    (tx) => tx.employee.groupBy({ by: ['name'], having: { OR: [{ salary: { _max: { gt: '1' } } }] } }),
    /^Employee\.salary is sealed: having/,
  ],
  'groupBy orderBy': [
    (tx) => tx.employee.groupBy({ by: ['name'], orderBy: { _max: { salary: 'asc' } } }),
    /^Employee\.salary is sealed: orderBy/,
  ],
  'groupBy aggregate': [
    (tx) => tx.employee.groupBy({ by: ['name'], _min: { salary: true } }),
    /^Employee\.salary is sealed: _min/,
  ],
  'aggregate max': [
    (tx) => tx.employee.aggregate({ _max: { salary: true } }),
    /^Employee\.salary is sealed: _max/,
  ],
  'aggregate sum and average': [
    (tx) => tx.employee.aggregate({ _avg: { salary: true }, _sum: { salary: true } }),
    /^Employee\.salary is sealed: _avg/,
  ],
  'aggregate count of a column': [
    (tx) => tx.employee.aggregate({ _count: { iban: true } }),
    /^Employee\.iban is sealed: _count/,
  ],
  'count select': [(tx) => tx.employee.count({ select: { iban: true } }), /^Employee\.iban is sealed: count/],
  'updateMany to a value': [
    (tx) => tx.employee.updateMany({ where: {}, data: { salary: '1' } }),
    /^Employee\.salary is sealed: updateMany/,
  ],
  'updateManyAndReturn to a value': [
    (tx) => tx.employee.updateManyAndReturn({ where: {}, data: { salary: { set: '1' } } }),
    /^Employee\.salary is sealed: updateMany/,
  ],
  'update without the row’s id': [
    (tx) =>
      tx.employee.update({
        where: { companyId_email: { companyId: place.companyId, email: 'x@example.com' } },
        data: { salary: '1' },
      }),
    /^Employee\.salary is sealed: a write without the row’s id/,
  ],
  'update by another operator': [
    (tx) => tx.employee.update({ where: key(), data: { salary: { increment: 1 } } }),
    /^Employee\.salary is sealed: increment/,
  ],
  'update of the id': [
    (tx) => tx.employee.update({ where: key(), data: { id: randomUUID() } }),
    /^Employee\.id cannot change/,
  ],
  'writing a companion': [
    (tx) => tx.employee.update({ where: key(), data: { ibanLast4: '1234' } }),
    /^Employee\.ibanLast4 is sealed: writing a companion/,
  ],
  'writing an index': [
    (tx) => tx.employee.create({ data: { ...row(), civilIdIndex: 'x' } }),
    /^Employee\.civilIdIndex is sealed: writing a companion/,
  ],
  'writing a sealed value': [
    async (tx) =>
      tx.employee.create({
        data: { ...row(), salary: (await tx.employee.findFirst({ where: { id } })).salary },
      }),
    /^Employee\.salary is sealed: writing a sealed value/,
  ],
  'writing a number': [
    (tx) => tx.employee.create({ data: { ...row(), salary: 4321 } }),
    /^Employee\.salary is sealed: writing a number/,
  ],
  'a raw write of plain text': [
    (tx) => tx.$executeRaw`UPDATE "Employee" SET salary = '4321.00' WHERE id = ${id}::uuid`,
    /^violates check constraint "sealed"/,
  ],
};

const counted = async () => (await sealed.owner.query('SELECT count(*)::int FROM "Employee"')).rows[0].count;
const image = async () => (await sealed.owner.query('SELECT * FROM "Employee" WHERE id = $1', [id])).rows[0];

/** The seal extension alone: its refusals don't lean on the walls outside of it. */
function alone(operation: string, model: string, args: object): Promise<unknown> {
  const extension = sealExtension(sealed.keyring);
  const query = () => Promise.reject(new Error('reached PostgreSQL'));
  return withTenant({ companyId: place.companyId, userId: null }, () =>
    extension({ model, operation, args, query }),
  );
}

describe('[E1] refused with a message that names column and position, and nothing changes:', () => {
  test.each(Object.keys(REFUSED))('%s', async (name) => {
    const [call, message] = REFUSED[name]!;
    const [rows, before, opened] = [await counted(), await image(), openings.count];
    const error = await sealed.write(place.companyId, call).then(
      () => null,
      (failure: Error) => failure,
    );
    expect(error?.message.replace(/^[\s\S]*?(?=violates)/, '')).toMatch(message);
    expect([await counted(), await image(), openings.count]).toEqual([rows, before, opened]);
  });

  test.each(Object.keys(NESTED))('a nested write: %s', async (name) => {
    const rows = await counted();
    await expect(sealed.write(place.companyId, NESTED[name]!)).rejects.toThrow('nested writes are refused');
    expect(await counted()).toBe(rows);
  });
});

describe('[T7] the seal extension refuses without the outer layers:', () => {
  const employees = { employees: { create: { name: 'x', salary: '1' } } };
  test.each([
    [
      'a nested create',
      'create',
      'Department',
      { data: { name: 'x', ...employees } },
      'Department.employees: nested writes are refused',
    ],
    [
      'a nested update',
      'update',
      'Department',
      { where: { id: 'x' }, data: employees },
      'Department.employees: nested writes are refused',
    ],
    [
      'findUnique, whose batches mix companies',
      'findUnique',
      'Employee',
      { where: { id: 'x' } },
      'Employee.findUnique is not supported',
    ],
    [
      'an operation that Prisma may add',
      'findSimilar',
      'Employee',
      {},
      'Employee.findSimilar is not supported',
    ],
    [
      'a row of another company',
      'create',
      'Employee',
      { data: { companyId: randomUUID(), salary: '1' } },
      'not the company of this context',
    ],
    [
      'a filter that is no plain object',
      'findMany',
      'Employee',
      { where: new (class Filter {})() },
      'expected plain objects as query arguments, got Filter',
    ],
    [
      'a selection that is no plain object',
      'findMany',
      'Department',
      { include: { employees: new Map() } },
      'expected plain objects as query arguments, got Map',
    ],
  ])('%s', async (_, operation, model, args, message) => {
    await expect(alone(operation, model, args)).rejects.toThrow(message);
  });

  test('a sealed column outside of any company', async () => {
    const extension = sealExtension(sealed.keyring);
    const call = {
      model: 'Employee',
      operation: 'create',
      args: { data: { salary: '1' } },
      query: () => Promise.resolve(),
    };
    await expect(extension(call)).rejects.toThrow('outside of any company');
  });
});

describe('[B1] a decimal is exact text, and an invalid one is a caller’s error', () => {
  test.each(['0', '0.00', '-12.5', '1234567890123456789012345678.0123456789'])(
    '%s is kept digit by digit',
    async (salary) => {
      const data = { ...row(), salary };
      await sealed.write(place.companyId, (tx) => tx.employee.create({ data }));
      const found = await sealed.read(place.companyId, (db) =>
        db.employee.findFirst({ where: { id: data.id }, select: { salary: true } }),
      );
      expect(open(found?.salary)).toBe(salary);
    },
  );

  test.each([
    '',
    ' 1',
    '1 ',
    '01',
    '+1',
    '1.',
    '.5',
    '1e3',
    '1,5',
    'NaN',
    'Infinity',
    '-0',
    '-0.00',
    '0x10',
    '١٢',
    '1\n',
  ])('%j is refused', async (salary) => {
    const failed = sealed.write(place.companyId, (tx) => tx.employee.create({ data: { ...row(), salary } }));
    await expect(failed).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: { 'input.salary': 'expected a decimal such as 1234.50' },
    });
  });

  test.each([{ passport: 'half \ud800 a pair' }, { iban: '   ' }, { civilId: '' }])(
    '%j is refused',
    async (values) => {
      const failed = sealed.write(place.companyId, (tx) =>
        tx.employee.create({ data: { ...row(), ...values } }),
      );
      await expect(failed).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    },
  );
});

describe('[E1] the format that PostgreSQL accepts as a seal', () => {
  const [id64, body38] = ['k'.repeat(64), 'A'.repeat(38)];
  const isSealed = async (text: string | null) =>
    (await sealed.owner.query('SELECT is_sealed($1) AS sealed', [text])).rows[0].sealed;

  test.each([`b1.k.${body38}`, `b1.${id64}.${body38}`, `b1.a-Z_0.${'-_'.repeat(500)}`])(
    '%s',
    async (text) => {
      expect(await isSealed(text)).toBe(true);
    },
  );

  test.each([
    '',
    'b1',
    `b2.k.${body38}`,
    `b1..${body38}`,
    `b1.${id64}k.${body38}`,
    `b1.k.${'A'.repeat(37)}`,
    `b1.k.${body38}.`,
    `b1.k.${body38}.x`,
    `b1.k.${body38}=`,
    `b1.k.${body38}\n`,
    `\nb1.k.${body38}`,
    ` b1.k.${body38}`,
    `b1.k.${body38} 4321.00`,
    `b1.ä.${body38}`,
  ])('not %j', async (text) => {
    expect(await isSealed(text)).toBe(false);
  });
});
