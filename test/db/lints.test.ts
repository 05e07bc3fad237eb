import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../support/db/companies.ts';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';

// What linters of PostgreSQL schemas such as supabase/splinter look for. Each query returns `name`.

const PUBLIC = `'public'::regnamespace`;
const INLINED =
  'a SET clause would prevent inlining or cost more than the call; its names are qualified instead';
const EXPIRED_OR_OWN =
  'one deletes what has expired, the others what a company may end: each has its own function';
const NO_TENANT = "no row of a company or user; the server's grants name what it may do";
const OF_A_USER = 'a row of a user, who has several companies: the column says where it began';
const BEFORE_COMPANY = 'no key: finds a row by what a client sends before its company is known';
const PURGE = 'no key: finds what has expired, in all companies';

/** The columns by which rows are distributed: of a table that has one, it is its company. */
const COMPANY = `(SELECT attrelid, attnum FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  WHERE c.relnamespace = ${PUBLIC} AND c.relkind IN ('r', 'p') AND NOT attisdropped
    AND attname = CASE relname WHEN 'Company' THEN 'id' ELSE CASE WHEN relname LIKE 'audit\\_%' THEN 'company_id' ELSE 'companyId' END END)`;

type Lint = {
  query: string;
  /** What is found and stays, with its reason. */
  exemptions?: Record<string, string>;
  /** A change that the query must find. */
  mistake: string;
};

const LINTS: Record<string, Lint> = {
  'foreign keys have a covering index': {
    query: `SELECT conname AS name FROM pg_constraint k WHERE contype = 'f' AND connamespace = ${PUBLIC} AND NOT EXISTS (
      SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indpred IS NULL
        AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)`,
    mistake: `ALTER TABLE "Branch" ADD COLUMN extra uuid REFERENCES "User" (id)`,
  },
  'tables have a primary key': {
    query: `SELECT relname AS name FROM pg_class c WHERE relnamespace = ${PUBLIC} AND relkind IN ('r', 'p')
      AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)`,
    mistake: 'CREATE TABLE extra (id int)',
  },
  // what Citus demands of a table that is distributed by company (docs/scaling.md)
  'primary keys, unique keys and indexes of a table with a company begin with it': {
    query: `SELECT indexrelid::regclass::text AS name FROM pg_index i JOIN ${COMPANY} company ON attrelid = indrelid WHERE indkey[0] <> attnum`,
    exemptions: {
      '"ApiKey_id_idx"': BEFORE_COMPANY,
      '"EmailToken_expiresAt_idx"': PURGE,
      '"EmailToken_pkey"': OF_A_USER,
      '"EmailToken_userId_kind_idx"': OF_A_USER,
      '"IdempotencyKey_expiresAt_idx"': PURGE,
      '"Membership_userId_idx"': BEFORE_COMPANY,
      '"MfaGrace_id_idx"': OF_A_USER,
      '"Session_expiresAt_idx"': PURGE,
      '"Session_pkey"': OF_A_USER,
      '"Session_userId_idx"': OF_A_USER,
      '"SignUpRequest_tokenHash_idx"': BEFORE_COMPANY,
    },
    mistake: 'CREATE UNIQUE INDEX extra ON "Branch" (name)',
  },
  'foreign keys between tables with a company contain it on both sides, at the same place': {
    query: `SELECT conname AS name FROM pg_constraint k JOIN ${COMPANY} here ON here.attrelid = conrelid JOIN ${COMPANY} there ON there.attrelid = confrelid
      WHERE contype = 'f' AND array_position(conkey, here.attnum) IS DISTINCT FROM array_position(confkey, there.attnum)`,
    mistake: 'ALTER TABLE "Branch" ADD COLUMN extra uuid, ADD FOREIGN KEY (extra) REFERENCES "Company" (id)',
  },
  'no two indexes are the same': {
    query: `SELECT min(indexrelid::regclass::text) AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      WHERE relnamespace = ${PUBLIC} GROUP BY indrelid, indkey::text, indclass::text, indoption::text, pg_get_expr(indpred, indrelid),
        pg_get_expr(indexprs, indrelid) HAVING count(*) > 1`,
    mistake: 'CREATE INDEX extra ON "Branch" ("companyId", name)',
  },
  'functions and procedures have a fixed search_path': {
    query: `SELECT proname AS name FROM pg_proc WHERE pronamespace = ${PUBLIC}
      AND NOT EXISTS (SELECT FROM unnest(proconfig) setting WHERE setting LIKE 'search_path=%')`,
    exemptions: {
      audit_commitment: INLINED,
      context_company: INLINED,
      context_user: INLINED,
      is_sealed: INLINED,
    },
    mistake: 'CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
  },
  'SECURITY DEFINER functions are not executable by PUBLIC': {
    query: `SELECT proname AS name FROM pg_proc WHERE pronamespace = ${PUBLIC} AND prosecdef AND EXISTS (
      SELECT FROM aclexplode(COALESCE(proacl, acldefault('f', proowner))) WHERE grantee = 0)`,
    mistake: 'CREATE FUNCTION extra() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$ SELECT 1 $$',
  },
  'a role has one permissive policy for a command': {
    query: `SELECT relname || ' ' || role::regrole || ' ' || command AS name FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid,
        unnest(polroles) role, unnest(CASE polcmd WHEN '*' THEN '{r,a,w,d}'::text[] ELSE ARRAY[polcmd::text] END) command
      WHERE polpermissive GROUP BY relname, role, command HAVING count(*) > 1`,
    exemptions: Object.fromEntries(
      ['Session', 'MfaChallenge', 'TotpFactor', 'ContactFactor', 'OneTimeCode', 'TrustedDevice'].map(
        (table) => [`${table} bulwark_identity d`, EXPIRED_OR_OWN],
      ),
    ),
    mistake: 'CREATE POLICY extra ON "Branch" FOR SELECT TO bulwark_app USING (false)',
  },
  'policies ask for the context once a statement': {
    query: `SELECT tablename || ' ' || policyname AS name FROM pg_policies WHERE schemaname = 'public'
      AND replace(concat(qual, with_check), ' AS context_company', '') ~ '(current_setting|context_(company|user))\\('
      AND regexp_replace(concat(qual, with_check), '\\(\\s*SELECT context_(company|user)\\(\\)[^)]*\\)', '', 'g') ~ '(current_setting|context_(company|user))\\('`,
    mistake: 'CREATE POLICY extra ON "Branch" USING ("companyId" = context_company())',
  },
  "tables that the server's role reaches have row-level security": {
    query: `SELECT relname AS name FROM pg_class WHERE relnamespace = ${PUBLIC} AND relkind IN ('r', 'p', 'v', 'm', 'f')
      AND NOT relrowsecurity AND has_any_column_privilege('bulwark_app', oid, 'SELECT, INSERT, UPDATE')`,
    exemptions: {
      Throttle: NO_TENANT,
      SigningKey: NO_TENANT,
      MasterKeyCheck: NO_TENANT,
      _prisma_migrations: NO_TENANT,
      leader: NO_TENANT,
    },
    mistake: 'CREATE VIEW extra AS SELECT * FROM "Employee"; GRANT SELECT ON extra TO bulwark_app',
  },
  'row-level security comes with a policy, and a policy with row-level security': {
    query: `SELECT relname AS name FROM pg_class c WHERE relnamespace = ${PUBLIC} AND relkind IN ('r', 'p')
      AND relrowsecurity <> EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)`,
    mistake: 'ALTER TABLE "Throttle" ENABLE ROW LEVEL SECURITY',
  },
  'no column has a type that pg_upgrade refuses': {
    query: `SELECT relname || '.' || attname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE relnamespace = ${PUBLIC} AND relkind = 'r' AND atttypid = ANY ('{regproc,regprocedure,regoper,regoperator,regconfig,regdictionary,regnamespace,regcollation}'::regtype[])`,
    mistake: 'ALTER TABLE "Branch" ADD COLUMN extra regproc',
  },
  'no extension is in the schema public': {
    query: `SELECT extname AS name FROM pg_extension WHERE extnamespace = ${PUBLIC}`,
    mistake: "UPDATE pg_extension SET extnamespace = 'public'::regnamespace WHERE extname = 'plpgsql'",
  },
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

const namesOf = async (query: string): Promise<string[]> =>
  (await owner.query<{ name: string }>(query)).rows.map(({ name }) => name).sort();

describe.each(Object.entries(LINTS))(
  'in a migrated database %s',
  (_rule, { query, exemptions = {}, mistake }) => {
    test('[P1] with the listed exemptions alone', async () => {
      expect(await namesOf(query)).toEqual(Object.keys(exemptions).sort());
    });

    test('[P1] and a mistake is found', async () => {
      await owner.query('BEGIN');
      try {
        await owner.query(mistake);
        expect((await namesOf(query)).length).toBeGreaterThan(Object.keys(exemptions).length);
      } finally {
        await owner.query('ROLLBACK');
      }
    });
  },
);
