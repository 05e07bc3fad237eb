import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { migrate, pendingMigrations } from '../../src/db/migrations.ts';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';

let database: FreshDatabase;
let owner: pg.Client;
let folder: string;

beforeAll(async () => {
  database = await freshDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  await cp('prisma/migrations', folder, { recursive: true });
  return () => rm(folder, { recursive: true });
});

async function add(name: string, sql: string): Promise<void> {
  await cp(join(folder, '0001_tables_organization'), join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'migration.sql'), sql);
}
const names = async () =>
  (await owner.query<{ migration_name: string }>('SELECT migration_name FROM _prisma_migrations')).rows.map(
    (row) => row.migration_name,
  );

test('a migrated database has nothing pending, and migrating it again applies nothing', async () => {
  expect(await pendingMigrations(owner, folder)).toEqual([]);
  expect(await migrate(database.ownerUrl, folder)).toEqual([]);
});

test('the server role can list pending migrations and cannot apply them', async () => {
  const app = new pg.Client({ connectionString: database.appUrl });
  await app.connect();
  await add('9001_next', 'SELECT 1');
  expect(await pendingMigrations(app, folder)).toEqual(['9001_next']);
  await expect(app.query('DELETE FROM _prisma_migrations')).rejects.toThrow('permission denied');
  await app.end();
});

test('a failed migration leaves no change and runs again after a correction', async () => {
  await add('9002_half', 'CREATE TABLE half_done (id int); SELECT 1/0;');
  await expect(migrate(database.ownerUrl, folder)).rejects.toThrow(
    'migration 9002_half failed: division by zero',
  );
  expect(await names()).not.toContain('9002_half');
  await add('9002_half', 'CREATE TABLE half_done (id int);');
  expect(await migrate(database.ownerUrl, folder)).toEqual(['9002_half']);
  await owner.query('DROP TABLE half_done');
  await owner.query("DELETE FROM _prisma_migrations WHERE migration_name = '9002_half'");
});

test('a migration with its own COMMIT is refused', async () => {
  await add('9003_commits', 'SELECT 1; COMMIT;');
  await expect(migrate(database.ownerUrl, folder)).rejects.toThrow(
    '9003_commits failed: it ends its own transaction',
  );
  await owner.query("DELETE FROM _prisma_migrations WHERE migration_name = '9003_commits'");
});

test('a migration that was changed after it was applied stops the next one', async () => {
  await writeFile(join(folder, '0001_tables_organization', 'migration.sql'), '-- other');
  await expect(migrate(database.ownerUrl, folder)).rejects.toThrow(
    '0001_tables_organization was changed after it was applied',
  );
});

test('a database whose history lacks a migration is refused', async () => {
  await rm(join(folder, '0008_row_level_security'), { recursive: true });
  await expect(migrate(database.ownerUrl, folder)).rejects.toThrow(
    'has migration 0008_row_level_security, which this version lacks among its own',
  );
});

test('[F2] a version older than its database migrates nothing and reports nothing as missing', async () => {
  await owner.query(
    "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('newer', 'x', '9999_of_a_newer_version', now())",
  );
  expect(await pendingMigrations(owner, folder)).toEqual([]);
  expect(await migrate(database.ownerUrl, folder)).toEqual([]);
  await owner.query("DELETE FROM _prisma_migrations WHERE id = 'newer'");
});

test('servers that migrate at the same time apply each migration once', async () => {
  await add('9004_once', 'CREATE TABLE made_once (id int); SELECT pg_sleep(0.2);');
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(database.ownerUrl, folder)));
  expect(applied.flat()).toEqual(['9004_once']);
});

test('applied migrations are stored as Prisma stores them', async () => {
  const { rows } = await owner.query(
    "SELECT checksum, finished_at, applied_steps_count FROM _prisma_migrations WHERE migration_name = '0001_tables_organization'",
  );
  expect(rows).toEqual([
    {
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      finished_at: expect.any(Date),
      applied_steps_count: 1,
    },
  ]);
});
