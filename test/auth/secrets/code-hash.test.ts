import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PLATFORM_ID } from '../../../src/auth/authorization/permissions.ts';
import { codeHash } from '../../../src/auth/secrets/code-hash.ts';
import { newKeyBytes } from '../../../src/crypto/aead.ts';
import { type Keyring, openKeyring } from '../../../src/crypto/keys/keyring.ts';
import { queryAs } from '../../../src/db/sql.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { close, ownerOf } from '../../support/db/crypto-database.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';

let database: FreshDatabase;
let pool: TenantPool;
let owner: pg.Pool;
let keyring: Keyring;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new TenantPool({ connectionString: database.appUrl, max: 2 });
  owner = ownerOf(database);
  await owner.query(
    `INSERT INTO "Company" (id, name, currency) VALUES ($1, 'Platform', 'XXX') ON CONFLICT DO NOTHING`,
    [PLATFORM_ID],
  );
  const query = (companyId: string, sql: string, values: unknown[]) =>
    queryAs(pool, { companyId, userId: null })(sql, values);
  keyring = openKeyring(query, [{ id: 'm1', key: newKeyBytes() }]);
});
afterAll(() => close(database, [pool, owner]));

it('[M9] the same code of two owners, or for two uses, is stored differently', async () => {
  const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];
  const stored = await Promise.all([
    codeHash(keyring, 'one-time code', one, '123456'),
    codeHash(keyring, 'one-time code', two, '123456'),
    codeHash(keyring, 'backup code', one, '123456'),
  ]);
  expect(new Set(stored).size).toBe(3);
  expect(await codeHash(keyring, 'one-time code', one, '123456')).toBe(stored[0]);
});
