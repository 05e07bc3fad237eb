import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guarantees } from '../../../src/db/guarantees.gen.ts';
import { connect } from '../../support/db/companies.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';

// Tables can be distributed by company only while each key and index begins with it, and no foreign
// key crosses companies.

const USERS = "a user's row across companies; users are not distributed by company";

/** Indexes of tables with a company column that do not begin with it, each with its reason. */
const INDEXES_WITHOUT_COMPANY: Record<string, string> = {
  ApiKey_id_idx: 'a request authenticates by its API key before the company is known',
  Membership_userId_idx: 'authenticate looks up the memberships of a user',
  Session_pkey: USERS,
  Session_userId_idx: USERS,
  Session_expiresAt_idx: USERS,
  EmailToken_pkey: USERS,
  EmailToken_userId_kind_idx: USERS,
  EmailToken_expiresAt_idx: USERS,
  SignUpRequest_tokenHash_idx: 'a sign-up is confirmed by its token before the company is known',
  MfaGrace_id_idx: USERS,
  IdempotencyKey_expiresAt_idx: 'expired keys of all companies are deleted in batches',
};

/**
 * Foreign keys of these tables that do not hold the company on both sides, each with its reason.
 */
const FOREIGN_KEYS_WITHOUT_COMPANY: Record<string, string> = {
  Membership_userId_fkey: 'a membership joins a company and a user, who belongs to no company',
  Session_userId_fkey: USERS,
  EmailToken_userId_fkey: USERS,
  MfaGrace_id_fkey: USERS,
};

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

/** The tables that hold a company in a column, "Company" included, and the column. */
const COMPANY_COLUMNS = `SELECT c.oid AS table, a.attnum AS company FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
    AND (lower(replace(a.attname, '_', '')) = 'companyid' OR c.relname = 'Company' AND a.attname = 'id')`;

async function names(sql: string): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(sql);
  return rows.map(({ name }) => name).sort();
}

const indexesWithoutCompany = () =>
  names(`SELECT i.relname AS name FROM (${COMPANY_COLUMNS}) t
    JOIN pg_index x ON x.indrelid = t."table" JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indkey[0] <> t.company`);

test('[T3] every table of a tenant model has its company in a column', async () => {
  const found = await names(`SELECT t."table"::regclass::text AS name FROM (${COMPANY_COLUMNS}) t`);
  const models = Object.values(guarantees).filter(({ tenant }) => tenant);
  const plain = found.map((name) => name.replaceAll('"', ''));
  expect(plain).toEqual(expect.arrayContaining(models.map(({ table }) => table)));
});

test('[T3] every primary key, unique key and index of a table with a company begins with the company, but for listed ones', async () => {
  const others = await indexesWithoutCompany();
  expect(others).toEqual(Object.keys(INDEXES_WITHOUT_COMPANY).sort());
});

test('[T3] every foreign key of a tenant table contains the company on both sides, except listed ones', async () => {
  const others = await names(`SELECT k.conname AS name FROM (${COMPANY_COLUMNS}) t
    JOIN pg_constraint k ON k.conrelid = t."table" AND k.contype = 'f'
    LEFT JOIN (${COMPANY_COLUMNS}) target ON target."table" = k.confrelid
    WHERE NOT EXISTS (SELECT FROM unnest(k.conkey, k.confkey) AS pair (source, referenced)
                      WHERE pair.source = t.company AND pair.referenced = target.company)`);
  expect(others).toEqual(Object.keys(FOREIGN_KEYS_WITHOUT_COMPANY).sort());
});

test('[T3] no table without a company refers to a row of a company', async () => {
  const crossing =
    await names(`SELECT k.conname AS name FROM pg_constraint k JOIN (${COMPANY_COLUMNS}) target ON target."table" = k.confrelid
    WHERE k.contype = 'f' AND k.conrelid NOT IN (SELECT "table" FROM (${COMPANY_COLUMNS}) t)`);
  expect(crossing).toEqual(['RefreshToken_sessionId_fkey']); // of a user's session, which is not distributed by company either
});

test.each([
  [
    'a primary key',
    'ALTER TABLE "Attendance" DROP CONSTRAINT "Attendance_pkey"; ALTER TABLE "Attendance" ADD PRIMARY KEY (id)',
  ],
  ['a unique key', 'CREATE UNIQUE INDEX extra ON "Branch" (name)'],
  ['an index', 'CREATE INDEX extra ON "Branch" (name, "companyId")'],
])('%s without the company is found', async (_what, change) => {
  await owner.query('BEGIN');
  try {
    await owner.query(change);
    const others = await indexesWithoutCompany();
    expect(others.length).toBeGreaterThan(Object.keys(INDEXES_WITHOUT_COMPANY).length);
  } finally {
    await owner.query('ROLLBACK');
  }
});
