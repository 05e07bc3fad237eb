import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newKeyBytes } from '../../../src/crypto/aead.ts';
import { open, openings, SealBroken } from '../../../src/crypto/fields/sealed.ts';
import { openKeyring } from '../../../src/crypto/keys/keyring.ts';
import { guarantees } from '../../../src/db/guarantees.gen.ts';
import { withTenant } from '../../../src/db/tenant/context.ts';
import { employee, newCompany, type Place, sealedDatabase } from '../../support/db/crypto-database.ts';

let sealed: Awaited<ReturnType<typeof sealedDatabase>>;
let place: Place;
let other: Place;
let one: string;
let two: string;
let foreign: string;

async function hire(at: Place, salary: string): Promise<string> {
  const data = { ...employee(at), salary, passport: `P-${salary}` };
  await sealed.write(at.companyId, (tx) => tx.employee.create({ data }));
  return data.id;
}
const row = (id: string, at = place) =>
  sealed.read(at.companyId, (db) => db.employee.findFirstOrThrow({ where: { id } }));
const set = (id: string, sql: string) =>
  sealed.owner.query(`UPDATE "Employee" AS e SET ${sql} WHERE id = $1`, [id]);
const of = (column: string, id: string) => `(SELECT ${column} FROM "Employee" WHERE id = '${id}')`;

beforeAll(async () => {
  sealed = await sealedDatabase();
  [place, other] = [await newCompany(sealed.owner), await newCompany(sealed.owner)];
});
beforeEach(async () => {
  [one, two, foreign] = [await hire(place, '1000'), await hire(place, '2000'), await hire(other, '9000')];
});
afterAll(() => sealed.drop());

describe('[E2] ciphertext that the database’s owner tampers with does not open:', () => {
  const ATTACKS: Record<string, () => string> = {
    'another row’s': () => `salary = ${of('salary', two)}`,
    'another column’s': () => 'salary = passport',
    'another company’s': () => `salary = ${of('salary', foreign)}`,
    'renamed to another key': () =>
      `salary = 'b1.00000000-0000-7000-8000-000000000001.' || split_part(salary, '.', 3)`,
    truncated: () => 'salary = left(salary, -3)',
    'cut to the shortest seal': () => 'salary = left(salary, 40 + 38)',
    'one character changed': () =>
      `salary = overlay(salary placing (CASE WHEN substr(salary, 45, 1) = 'A' THEN 'B' ELSE 'A' END) from 45)`,
    zeroed: () => `salary = left(salary, 40) || repeat('A', 60)`,
  };
  test.each(Object.keys(ATTACKS))('%s', async (name) => {
    await set(one, ATTACKS[name]!());
    const broken = await row(one);
    const error = await Promise.resolve()
      .then(() => open(broken.salary))
      .then(
        () => null,
        (failure) => failure,
      );
    expect(error).toBeInstanceOf(SealBroken);
    expect(error).toMatchObject({ model: 'Employee', field: 'salary', rowId: one });
    expect(open(broken.passport)).toBe('P-1000');
    expect(open((await row(two)).salary)).toBe('2000');
  });

  test('both of two that were swapped', async () => {
    await sealed.owner.query(
      `UPDATE "Employee" SET salary = CASE id WHEN $1 THEN ${of('salary', two)} ELSE ${of('salary', one)} END WHERE id IN ($1, $2)`,
      [one, two],
    );
    for (const id of [one, two]) {
      const { salary } = await row(id);
      expect(() => open(salary)).toThrow(SealBroken);
    }
  });

  test('a whole row given to another company', async () => {
    const moved = { branchId: other.branchId, departmentId: other.departmentId };
    await set(
      one,
      `"companyId" = '${other.companyId}', "branchId" = '${moved.branchId}', "departmentId" = '${moved.departmentId}'`,
    );
    const { salary } = await row(one, other);
    expect(() => open(salary)).toThrow(SealBroken);
  });
});

test('[E1] plain text in a sealed column is refused by PostgreSQL, of every sealed column', async () => {
  const { rows } = await sealed.owner.query(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE domain_name = 'sealed'`,
  );
  const protectedColumns = new Set(rows.map(({ name }) => name));
  const columns = Object.values(guarantees).flatMap(({ table, fields }) =>
    Object.entries(fields).flatMap(([field, { sealed: is }]) => (is ? [`${table}.${field}`] : [])),
  );
  expect(columns.length).toBeGreaterThanOrEqual(6);
  for (const column of columns) expect(protectedColumns).toContain(column);
  await expect(set(one, `salary = '1000'`)).rejects.toThrow('violates check constraint');
});

test('[E1] raw SQL of the app role gives ciphertext', async () => {
  const [raw] = await sealed.write(
    place.companyId,
    (tx) => tx.$queryRaw<{ salary: string }[]>`SELECT salary FROM "Employee" WHERE id = ${one}::uuid`,
  );
  expect(raw?.salary).toMatch(/^b1\./);
});

test('[E9] with another master key, or without the one that wrapped the keys, nothing opens', async () => {
  for (const masterKeys of [[{ id: 'test', key: newKeyBytes() }], [{ id: 'new', key: newKeyBytes() }]]) {
    const db = sealed.instance(openKeyring(sealed.query, masterKeys));
    const before = openings.count;
    const read = withTenant({ companyId: place.companyId, userId: null, accessScope: () => 'company' }, () =>
      db.employee.findMany({}),
    );
    await expect(read).rejects.toThrow(/data key [\w-]+ of company/);
    expect(openings.count).toBe(before);
  }
});

test('[E3] a key that another instance created is found', async () => {
  const company = await newCompany(sealed.owner);
  const late = openKeyring(sealed.query, sealed.masterKeys);
  await late.load(company.companyId);
  const id = await hire(company, '3000');
  const db = sealed.instance(late);
  const found = await withTenant(
    { companyId: company.companyId, userId: null, accessScope: () => 'company' },
    () => db.employee.findFirst({ where: { id } }),
  );
  expect(open(found?.salary)).toBe('3000');
});

test('[L1] the audit log contains a sealed column as the ciphertext of the row', async () => {
  await sealed.write(place.companyId, (tx) =>
    tx.employee.update({ where: { key: { companyId: place.companyId, id: one } }, data: { salary: '1500' } }),
  );
  const { rows } = await sealed.owner.query(
    'SELECT body FROM audit_event WHERE entity_id = $1 ORDER BY pos',
    [one],
  );
  const { salary } = (await sealed.owner.query('SELECT salary FROM "Employee" WHERE id = $1', [one])).rows[0];
  expect(JSON.parse(rows.at(-1).body).after.salary).toBe(salary);
  expect(rows.map(({ body }) => body).join()).not.toMatch(/"(1000|1500|P-1000)"/);
});
