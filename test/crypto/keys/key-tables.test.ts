import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { declare, inTransaction, newCompany } from '../../support/audit-scene.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { asOwner } from '../../support/server/global-setup.ts';

let database: FreshDatabase;
let company: Awaited<ReturnType<typeof newCompany>>;

beforeAll(async () => {
  database = await freshDatabase();
  company = await newCompany(database.appUrl);
  await company.db.query(INSERT_DATA_KEY, [company.id]);
  await company.db.query(`INSERT INTO "SigningKey" (id, "privateKey") VALUES ('signing', $1)`, [
    `b1.m1.${'A'.repeat(38)}`,
  ]);
});
afterAll(async () => {
  await company.db.end();
  await database.drop();
});

const INSERT_DATA_KEY = `INSERT INTO "DataKey" ("companyId", id, scope, purpose, version, "masterKey", wrapped)
  VALUES ($1, gen_random_uuid(), 'pii', 'seal', 1, 'm1', 'wrapped')`;
const dataKeysOf = async (companyId: string): Promise<number> =>
  asOwner(database.ownerUrl, async (db) => {
    const { rows } = await db.query('SELECT count(*)::int AS n FROM "DataKey" WHERE "companyId" = $1', [
      companyId,
    ]);
    return rows[0].n;
  });

describe("raw SQL of the server's role on keys", () => {
  test.each([
    'DELETE FROM "DataKey"',
    'TRUNCATE "DataKey"',
    'UPDATE "DataKey" SET wrapped = wrapped',
    'UPDATE "DataKey" SET version = version + 1',
    'DELETE FROM "SigningKey"',
    'TRUNCATE "SigningKey"',
    `UPDATE "SigningKey" SET "privateKey" = 'other'`,
    'UPDATE "SigningKey" SET "createdAt" = now()',
    'DELETE FROM "MasterKeyCheck"',
    'UPDATE "MasterKeyCheck" SET proof = proof',
  ])('[K1] is refused: %s', async (statement) => {
    await expect(company.db.query(statement)).rejects.toThrow('permission denied');
  });

  test('[K1] adds data keys and retires signing keys', async () => {
    expect(await dataKeysOf(company.id)).toBe(1);
    const { rowCount } = await company.db.query(
      `UPDATE "SigningKey" SET "retiredAt" = now() WHERE id = 'signing'`,
    );
    expect(rowCount).toBe(1);
  });

  test('[K1] deletes a company with its data keys and leaves those of other companies', async () => {
    const victim = await newCompany(database.appUrl);
    await victim.db.query(INSERT_DATA_KEY, [victim.id]);
    await inTransaction(victim.db, async () => {
      await victim.db.query('DELETE FROM "Company" WHERE id = $1', [victim.id]);
      await declare(victim.db);
    });
    await victim.db.end();
    expect([await dataKeysOf(victim.id), await dataKeysOf(company.id)]).toEqual([0, 1]);
  });
});
