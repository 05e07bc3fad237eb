import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { open, openings, Sealed } from '../../../src/crypto/fields/sealed.ts';
import type { Db } from '../../../src/db/client.ts';
import type { TransactionClient } from '../../../src/db/transaction.ts';
import { employee, newCompany, type Place, sealedDatabase } from '../../support/db/crypto-database.ts';

let sealed: Awaited<ReturnType<typeof sealedDatabase>>;
let place: Place;

beforeAll(async () => {
  sealed = await sealedDatabase();
  place = await newCompany(sealed.owner);
});
afterAll(() => sealed.drop());

const plain = () => ({
  salary: '4321.00',
  iban: `DE${randomUUID()}`,
  civilId: randomUUID(),
  passport: 'P1234567',
});
const key = (id: string) => ({ key: { companyId: place.companyId, id } });
const stored = async (id: string) =>
  (await sealed.owner.query('SELECT * FROM "Employee" WHERE id = $1', [id])).rows[0];
type Written = { id: string; values: ReturnType<typeof plain> };
type Write = (
  tx: TransactionClient,
  row: ReturnType<typeof employee>,
  values: ReturnType<typeof plain>,
) => Promise<unknown>;

/** Every operation that can put a value into a sealed column. */
const WRITES: Record<string, Write> = {
  create: (tx, row, values) => tx.employee.create({ data: { ...row, ...values } }),
  createMany: (tx, row, values) => tx.employee.createMany({ data: [{ ...row, ...values }] }),
  createManyAndReturn: (tx, row, values) =>
    tx.employee.createManyAndReturn({ data: [{ ...row, ...values }] }),
  update: async (tx, row, values) => {
    await tx.employee.create({ data: row });
    return tx.employee.update({ where: key(row.id), data: values });
  },
  'update with { set }': async (tx, row, { salary, iban, civilId, passport }) => {
    await tx.employee.create({ data: row });
    const data = {
      salary: { set: salary },
      iban: { set: iban },
      civilId: { set: civilId },
      passport: { set: passport },
    };
    return tx.employee.update({ where: key(row.id), data });
  },
  'upsert of a new row': (tx, row, values) =>
    tx.employee.upsert({ where: key(row.id), create: { ...row, ...values }, update: {} }),
  'upsert of an existing row': async (tx, row, values) => {
    await tx.employee.create({ data: row });
    return tx.employee.upsert({ where: key(row.id), create: row, update: values });
  },
};

async function written(operation = 'create'): Promise<Written> {
  const [row, values] = [employee(place), plain()];
  await sealed.write(place.companyId, (tx) => WRITES[operation]!(tx, row, values));
  return { id: row.id, values };
}

describe('[E1] a plain value is stored as ciphertext, with its companions, by', () => {
  test.each(Object.keys(WRITES))('%s', async (operation) => {
    const before = openings.count;
    const { id, values } = await written(operation);
    const row = await stored(id);
    for (const column of ['salary', 'iban', 'civilId', 'passport'])
      expect(row[column]).toMatch(/^b1\.[0-9a-f-]{36}\.[\w-]{38,}$/);
    expect(row.ibanIndex).toMatch(/^[\w-]{22}$/);
    expect([row.ibanLast4, row.passportLast4]).toEqual([values.iban.slice(-4).toUpperCase(), '4567']);
    expect(JSON.stringify(row)).not.toContain(values.iban);
    expect(openings.count).toBe(before);
    const found = await sealed.read(place.companyId, (db) => db.employee.findFirst({ where: { id } }));
    expect([found?.salary, found?.iban, found?.civilId, found?.passport].map(open)).toEqual(
      Object.values(values),
    );
  });
});

describe('[E1] a value becomes null, and its companions with it, by', () => {
  const clear = { iban: null, salary: null };
  const CLEARS: Record<string, (tx: TransactionClient, id: string) => Promise<unknown>> = {
    update: (tx, id) => tx.employee.update({ where: key(id), data: clear }),
    updateMany: (tx, id) => tx.employee.updateMany({ where: { id }, data: clear }),
    updateManyAndReturn: (tx, id) =>
      tx.employee.updateManyAndReturn({ where: { id }, data: { iban: { set: null }, salary: null } }),
    upsert: (tx, id) => tx.employee.upsert({ where: key(id), create: employee(place), update: clear }),
  };
  test.each(Object.keys(CLEARS))('%s', async (operation) => {
    const { id } = await written();
    await sealed.write(place.companyId, (tx) => CLEARS[operation]!(tx, id));
    expect(await stored(id)).toMatchObject({
      iban: null,
      ibanIndex: null,
      ibanLast4: null,
      salary: null,
      passportLast4: '4567',
    });
  });
});

type Read = (db: Db | TransactionClient, id: string) => Promise<unknown>;
const one = { id: true, salary: true } as const;
/** Every way in which a sealed column comes back, and where it then is. */
const READS: Record<string, [read: Read, at: (result: any) => unknown]> = {
  findFirst: [(db, id) => db.employee.findFirst({ where: { id } }), (row) => row.salary],
  findFirstOrThrow: [(db, id) => db.employee.findFirstOrThrow({ where: { id } }), (row) => row.salary],
  findUnique: [(db, id) => db.employee.findUnique({ where: key(id) }), (row) => row.salary],
  findUniqueOrThrow: [(db, id) => db.employee.findUniqueOrThrow({ where: key(id) }), (row) => row.salary],
  findMany: [(db, id) => db.employee.findMany({ where: { id } }), (rows) => rows[0].salary],
  'select without id': [
    (db, id) => db.employee.findFirst({ where: { id }, select: { salary: true } }),
    (row) => row.salary,
  ],
  'omit id': [
    (db, id) => db.employee.findFirst({ where: { id }, omit: { id: true, iban: true } }),
    (row) => row.salary,
  ],
  'include of a list': [
    (db, id) =>
      db.department.findFirst({
        where: { id: place.departmentId },
        include: { employees: { where: { id } } },
      }),
    (row) => row.employees[0].salary,
  ],
  'select three levels down': [
    (db, id) =>
      db.branch.findMany({
        where: { id: place.branchId },
        select: { departments: { select: { employees: { where: { id }, select: one } } } },
      }),
    (rows) => rows[0].departments[0].employees[0].salary,
  ],
  'include with relationLoadStrategy join': [
    (db, id) =>
      db.department.findFirst({
        where: { id: place.departmentId },
        include: { employees: { where: { id } } },
        relationLoadStrategy: 'join',
      }),
    (row) => row.employees[0].salary,
  ],
  'update that returns': [
    (db, id) => db.employee.update({ where: key(id), data: { name: 'Bea' } }),
    (row) => row.salary,
  ],
  updateManyAndReturn: [
    (db, id) => db.employee.updateManyAndReturn({ where: { id }, data: { name: 'Bea' } }),
    (rows) => rows[0].salary,
  ],
  'upsert that returns': [
    (db, id) => db.employee.upsert({ where: key(id), create: employee(place), update: { name: 'Bea' } }),
    (row) => row.salary,
  ],
  'delete that returns': [(db, id) => db.employee.delete({ where: key(id) }), (row) => row.salary],
};

describe('[E7] a sealed column is returned unopened, and opens to the written value, through', () => {
  test.each(Object.keys(READS))('%s', async (name) => {
    const [read, at] = READS[name]!;
    const { id } = await written();
    const before = openings.count;
    const value = at(await sealed.write(place.companyId, (tx) => read(tx, id)));
    expect(value).toBeInstanceOf(Sealed);
    expect(openings.count).toBe(before);
    expect(open(value)).toBe('4321.00');
    expect(openings.count).toBe(before + 1);
  });
});

type Find = (db: Db | TransactionClient, iban: any) => Promise<unknown>;
/**
 * Every position of a filter; each answers with the one row. `iban` may be a value or an operator.
 */
const FILTERS: Record<string, Find> = {
  findFirst: async (db, iban) => ((await db.employee.findFirst({ where: { iban } })) ? 1 : 0),
  findMany: async (db, iban) => (await db.employee.findMany({ where: { iban } })).length,
  count: (db, iban) => db.employee.count({ where: { iban } }),
  aggregate: async (db, iban) => (await db.employee.aggregate({ where: { iban }, _count: true }))._count,
  groupBy: async (db, iban) =>
    (await db.employee.groupBy({ by: ['departmentId'], where: { iban }, _count: true }))[0]?._count,
  'AND, OR and NOT': (db, iban) =>
    db.employee.count({
      where: {
        AND: [{ OR: [{ iban }, { id: randomUUID() }] }, { NOT: { iban: 'DE0' } }, { NOT: { iban: null } }],
      },
    }),
  'a filter through some': (db, iban) => db.department.count({ where: { employees: { some: { iban } } } }),
  'a filter through none': async (db, iban) =>
    1 - (await db.department.count({ where: { employees: { none: { iban } } } })),
  'a filter through is': (db, iban) =>
    db.employee.count({ where: { department: { is: { employees: { some: { iban } } } }, iban } }),
  'an included list': async (db, iban) =>
    (await db.department.findFirst({ include: { employees: { where: { iban } } } }))?.employees.length,
  'a count of a list': async (db, iban) =>
    (await db.department.findFirst({ select: { _count: { select: { employees: { where: { iban } } } } } }))
      ?._count.employees,
  updateMany: async (db, iban) =>
    (await db.employee.updateMany({ where: { iban }, data: { name: 'Cy' } })).count,
  deleteMany: async (db, iban) => (await db.employee.deleteMany({ where: { iban } })).count,
};

describe('[E4] equality on a searchable column finds its row, whatever the spelling, through', () => {
  test.each(Object.keys(FILTERS))('%s', async (name) => {
    for (const shape of [
      (iban: string) => iban,
      (iban: string) => ({ equals: ` ${iban.toLowerCase()} ` }),
      (iban: string) => ({ in: ['DE1', iban] }),
    ]) {
      const { values } = await written();
      const before = openings.count;
      expect(await sealed.write(place.companyId, (tx) => FILTERS[name]!(tx, shape(values.iban)))).toBe(1);
      expect(openings.count).toBe(before);
    }
    const none = await sealed.write(place.companyId, (tx) => FILTERS[name]!(tx, 'DE-unknown'));
    expect(none ?? 0).toBe(0);
  });

  test('a unique selector, under the sealed column’s name', async () => {
    const { id, values } = await written();
    const where = {
      companyId_civilIdIndex: { companyId: place.companyId, civilId: values.civilId },
    } as never;
    const found = await sealed.read(place.companyId, (db) => db.employee.findUnique({ where }));
    expect(found?.id).toBe(id);
  });
});

test('[E4] two rows of a company cannot have the same unique value in any spelling', async () => {
  const { values } = await written();
  const again = { ...employee(place), civilId: ` ${values.civilId.toUpperCase()}` };
  await expect(sealed.write(place.companyId, (tx) => tx.employee.create({ data: again }))).rejects.toThrow(
    /unique constraint/i,
  );
  const other = await newCompany(sealed.owner);
  await sealed.write(other.companyId, (tx) =>
    tx.employee.create({ data: { ...employee(other), civilId: values.civilId } }),
  );
});

test('[E1] any sealed column can be filtered by null and not null', async () => {
  const there = await newCompany(sealed.owner);
  await sealed.write(there.companyId, (tx) =>
    tx.employee.createMany({ data: [{ ...employee(there), salary: '1' }, employee(there)] }),
  );
  const count = (where: object) => sealed.read(there.companyId, (db) => db.employee.count({ where }));
  expect(await count({ salary: null })).toBe(1);
  expect(await count({ salary: { not: null } })).toBe(1);
  expect(await count({ iban: { equals: null } })).toBe(2);
});
