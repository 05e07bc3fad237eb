import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STRUCTURE, structureOf } from '../../scripts/structure.ts';
import { connect } from '../support/db/companies.ts';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';

let database: FreshDatabase;
let owner: pg.Client;

beforeAll(async () => {
  database = await freshDatabase();
  owner = await connect(database.ownerUrl);
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

test('prisma/structure.sql equals the migrated schema; `npm run structure` updates it', async () => {
  expect(await structureOf(owner)).toBe(await readFile(STRUCTURE, 'utf8'));
});

test.each([
  ['a column', 'ALTER TABLE "Branch" ADD COLUMN extra text'],
  ['an index', 'CREATE INDEX extra ON "Branch" (name)'],
  ['a policy', 'CREATE POLICY extra ON "Branch" USING (true)'],
  ['a grant', 'GRANT SELECT ON "Branch" TO bulwark_platform'],
  ['a grant of one column', 'GRANT SELECT (name) ON "Branch" TO bulwark_platform'],
  ['the check of a type', 'ALTER DOMAIN sealed DROP CONSTRAINT sealed'],
  ['a disabled trigger', 'ALTER TABLE "Branch" DISABLE TRIGGER audit_write'],
  ['a missing FORCE', 'ALTER TABLE "Branch" NO FORCE ROW LEVEL SECURITY'],
  [
    'the body of a function',
    'CREATE OR REPLACE FUNCTION context_user() RETURNS uuid LANGUAGE sql AS $$ SELECT NULL::uuid $$',
  ],
  ['a grant on the jobs', 'GRANT TRUNCATE ON pgboss.job_common TO bulwark_app'],
  ['who may execute a function', 'GRANT EXECUTE ON FUNCTION authenticate(text) TO bulwark_platform'],
])('the structure of a database names %s', async (_what, change) => {
  const before = await structureOf(owner);
  await owner.query('BEGIN');
  try {
    await owner.query(change);
    expect(await structureOf(owner)).not.toBe(before);
  } finally {
    await owner.query('ROLLBACK');
  }
});
