import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newKeyBytes } from '../../../src/crypto/aead.ts';
import { verifyMasterKeys } from '../../../src/crypto/keys/canary.ts';
import { openKeyring } from '../../../src/crypto/keys/keyring.ts';
import { queryAs } from '../../../src/db/sql.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { close, newCompany, ownerOf } from '../../support/db/crypto-database.ts';
import { freshDatabase } from '../../support/server/fresh-database.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: TenantPool;
let owner: pg.Pool;
const one = { id: 'one', key: newKeyBytes() };
const two = { id: 'two', key: newKeyBytes() };
const asNobody = (sql: string, values: unknown[]) =>
  queryAs(pool, { companyId: null, userId: null })(sql, values);

beforeAll(async () => {
  database = await freshDatabase();
  pool = new TenantPool({ connectionString: database.appUrl, max: 3 });
  owner = ownerOf(database);
});
afterAll(async () => {
  await close(database, [pool, owner]);
});

test('[E9] a new master key stores a check value, and starts again with the same bytes only', async () => {
  await Promise.all([verifyMasterKeys(asNobody, [one]), verifyMasterKeys(asNobody, [one])]);
  await verifyMasterKeys(asNobody, [one]);
  await expect(verifyMasterKeys(asNobody, [{ id: 'one', key: newKeyBytes() }])).rejects.toThrow(
    "'one' has other bytes",
  );
  await verifyMasterKeys(asNobody, [two, one]);
  await expect(verifyMasterKeys(asNobody, [one, { id: 'two', key: one.key }])).rejects.toThrow(
    "'two' has other bytes",
  );
});

test('[E9] an altered or moved check value prevents the start', async () => {
  await verifyMasterKeys(asNobody, [one, two]);
  const { rows } = await owner.query('SELECT proof FROM "MasterKeyCheck" WHERE "masterKey" = $1', ['one']);
  await owner.query(
    'UPDATE "MasterKeyCheck" SET proof = (SELECT proof FROM "MasterKeyCheck" WHERE "masterKey" = $1) WHERE "masterKey" = $2',
    ['two', 'one'],
  );
  await expect(verifyMasterKeys(asNobody, [one, two])).rejects.toThrow("'one' has other bytes");
  await owner.query('UPDATE "MasterKeyCheck" SET proof = $1 WHERE "masterKey" = $2', [rows[0].proof, 'one']);
  await verifyMasterKeys(asNobody, [one, two]);
});

test('[E9] a missing master key that wraps a data key prevents the start, and all problems are named', async () => {
  const { companyId: company } = await newCompany(owner);
  const query = (companyId: string, sql: string, values: unknown[]) =>
    queryAs(pool, { companyId, userId: null })(sql, values);
  await openKeyring(query, [one]).ensure(company, [
    ['pii', 'seal'],
    ['pii', 'index'],
  ]);
  await verifyMasterKeys(asNobody, [one]);
  await expect(verifyMasterKeys(asNobody, [two])).rejects.toThrow("'one' wraps 2 data keys and is not given");
  const both = verifyMasterKeys(asNobody, [{ id: 'two', key: newKeyBytes() }]);
  await expect(both).rejects.toThrow("'one' wraps 2 data keys and is not given; 'two' has other bytes");
});

test('[E9] a missing, short or default key prevents the start', async () => {
  await expect(verifyMasterKeys(asNobody, [])).rejects.toThrow('expected at least one');
  await expect(verifyMasterKeys(asNobody, [{ id: 'three', key: Buffer.alloc(16, 1) }])).rejects.toThrow(
    'expected 32 bytes, got 16',
  );
  await expect(verifyMasterKeys(asNobody, [{ id: 'three', key: Buffer.alloc(32) }])).rejects.toThrow(
    'one byte repeated',
  );
});
