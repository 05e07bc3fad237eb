import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extendSchema, migrationText, modelText, parseColumns } from '../../scripts/new-model.ts';
import { freshDatabase } from '../support/server/fresh-database.ts';

const columns = [
  'name:string',
  'expiresOn:date',
  'serial:sealed+exact+last4',
  'pay:sealed+decimal+hipaa+optional',
  'employee:Employee',
].flatMap(parseColumns);
const readSchema = () =>
  Object.fromEntries(
    readdirSync('prisma/schema').map((name) => [name, readFileSync(`prisma/schema/${name}`, 'utf8')]),
  );
const schema = readSchema();

describe('new:model', () => {
  it('writes the annotations and the companions of a sealed column', () => {
    const text = modelText('Voucher', columns);
    expect(text).toContain('/// @tenant @audited\nmodel Voucher {');
    expect(text).toContain(
      '/// @sealed(scope: pii, search: exact, mask: last4)\n  serial String\n  serialIndex String?\n  serialLast4 String?',
    );
    expect(text).toContain('/// @sealed(scope: hipaa, type: decimal)\n  pay String?');
    expect(text).toContain('@@id([companyId, id], name: "key")');
  });

  it('adds the back-relation to every referenced model', () => {
    const extended = extendSchema(schema, 'Voucher', columns);
    expect(Object.keys(extended).sort()).toEqual(['organization.prisma', 'people.prisma', 'voucher.prisma']);
    for (const [file, parent] of [
      ['organization.prisma', 'Company'],
      ['people.prisma', 'Employee'],
    ] as const) {
      expect(extended[file]).toMatch(new RegExp(`model ${parent} \\{[^}]*  vouchers Voucher\\[\\]`));
      expect(extended[file]?.match(/vouchers Voucher\[\]/g)).toHaveLength(1);
    }
  });

  it.each([
    ['Expires:date', 'name'],
    ['id:string', 'already'],
    ['name:text', 'got'],
    ['name:string+exact', 'sealed columns only'],
    ['reason', 'got'],
  ])('refuses %s with a reason', (text, reason) => {
    expect(() => parseColumns(text)).toThrow(reason);
  });

  it.each([
    ['vin:sealed+exect', "unknown word 'exect'; did you mean exact?"],
    ['vin:sealed+unique', "unknown word 'unique'; Known: optional, "],
    ['vin:sealed+hipa', "unknown word 'hipa'; did you mean hipaa?"],
    ['vin:sealed+pii+hipaa', 'expected one key scope, got pii and hipaa'],
  ])('refuses %s and offers the known words [U3]', (text, reason) => {
    expect(() => parseColumns(text)).toThrow(reason);
  });

  it('refuses an existing model, and a reference to an unknown one', () => {
    expect(() => extendSchema(schema, 'Employee', [])).toThrow('already');
    expect(() => extendSchema(schema, 'Voucher', parseColumns('owner:Missing'))).toThrow('no model Missing');
  });

  it('changes no file when it refuses', () => {
    expect(() =>
      execFileSync('node', ['scripts/new-model.ts', 'Employee', 'name:string'], { stdio: 'pipe' }),
    ).toThrow('already');
    expect(readSchema()).toEqual(schema);
  });
});

describe('the migration that new:model writes', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let owner: pg.Client;
  let app: pg.Client;
  const company = '00000000-0000-7000-8000-00000000000a';
  const other = '00000000-0000-7000-8000-00000000000b';

  beforeAll(async () => {
    database = await freshDatabase();
    owner = new pg.Client({ connectionString: database.ownerUrl });
    app = new pg.Client({ connectionString: database.appUrl });
    await owner.connect();
    await app.connect();
    const plain = ['name:string', 'serial:sealed+exact+optional'].flatMap(parseColumns);
    await owner.query(migrationText('Voucher', plain));
  });
  afterAll(async () => {
    await owner.end();
    await app.end();
    await database.drop();
  });

  const asCompany = (id: string, sql: string) =>
    app.query(`BEGIN; SET LOCAL app.company_id = '${id}'; ${sql}; COMMIT`);
  const insert = (id: string) =>
    `INSERT INTO "Voucher" ("companyId", id, name) VALUES ('${id}', gen_random_uuid(), 'First aid')`;

  it('[T2] creates a table with forced row-level security and keys that begin with the company', async () => {
    const { rows } = await owner.query(
      `SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = '"Voucher"'::regclass`,
    );
    expect(rows).toEqual([{ relrowsecurity: true, relforcerowsecurity: true }]);
    const indexes = await owner.query(`SELECT indexdef FROM pg_indexes WHERE tablename = 'Voucher'`);
    expect(indexes.rows).toHaveLength(2);
    for (const { indexdef } of indexes.rows) expect(indexdef).toContain('("companyId"');
  });

  it("[T3] refuses another company's row to raw SQL", async () => {
    await expect(asCompany(company, insert(other))).rejects.toThrow('row-level security');
    await app.query('ROLLBACK');
  });

  it('[L1] refuses a change without its event', async () => {
    await createCompany(company);
    await expect(asCompany(company, insert(company))).rejects.toThrow('without its audit event');
    await app.query('ROLLBACK');
  });

  it('[E1] refuses plain text in a sealed column', async () => {
    const plain = `INSERT INTO "Voucher" ("companyId", id, name, serial) VALUES ('${company}', gen_random_uuid(), 'First aid', '4711')`;
    await expect(asCompany(company, plain)).rejects.toThrow('value for domain sealed');
    await app.query('ROLLBACK');
  });

  async function createCompany(id: string) {
    const declared = `SET LOCAL app.audit = '{"{\\"kind\\":\\"system\\"}",test,NULL,NULL,NULL}'`;
    await asCompany(
      id,
      `INSERT INTO "Company" (id, name, currency) VALUES ('${id}', 'Acme', 'EUR'); ${declared}`,
    );
  }
});
