import type pg from 'pg';
import { afterEach, expect, inject, test } from 'vitest';
import { migrate } from '../../src/db/migrations.ts';
import { asOwner, databaseUrl } from '../support/server/global-setup.ts';

const { ownerUrl } = inject('postgres');
const owner = { name: `owner_${crypto.randomUUID().slice(0, 8)}`, password: 'chosen by the test' };
const ROLES = 'bulwark_app, bulwark_platform, bulwark_identity, bulwark_audit';

afterEach(() =>
  asOwner(ownerUrl, async (db) => {
    await db.query(`DROP DATABASE IF EXISTS ${owner.name} WITH (FORCE)`);
    await db.query(`DROP OWNED BY ${owner.name}`);
    await db.query(`DROP ROLE ${owner.name}`);
  }),
);

/**
 * What PostgreSQL gives to the creator of a role: from 16 on the right to grant it, and no
 * membership.
 */
const asTheirCreator = async (db: pg.Client) => {
  const { rows } = await db.query("SELECT current_setting('server_version_num')::int AS version");
  return rows[0].version < 160_000
    ? 'SELECT'
    : `GRANT ${ROLES} TO ${owner.name} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`;
};
const ofAnotherDatabase = async () => `GRANT ${ROLES} TO ${owner.name} WITH ADMIN OPTION`;

async function createOwner(grant: (db: pg.Client) => Promise<string>): Promise<string> {
  await asOwner(ownerUrl, async (db) => {
    await db.query(`CREATE ROLE ${owner.name} LOGIN PASSWORD '${owner.password}' CREATEROLE`);
    await db.query(await grant(db));
    await db.query(`CREATE DATABASE ${owner.name} OWNER ${owner.name} ENCODING 'UTF8' TEMPLATE template0`);
  });
  return databaseUrl(ownerUrl, owner.name, owner);
}

// docs/operations.md, "Database roles"
test.each([
  ['which creates the four roles', asTheirCreator],
  ['in a cluster whose other database has the four roles', ofAnotherDatabase],
])('H6: an owner with CREATEROLE that is no superuser, %s, applies every migration', async (_, grant) => {
  const url = await createOwner(grant);
  expect((await migrate(url, 'prisma/migrations')).length).toBeGreaterThan(10);
  expect(await migrate(url, 'prisma/migrations')).toEqual([]);
});
