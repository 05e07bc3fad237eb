import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newCompany } from '../../support/audit-scene.ts';
import { connect } from '../../support/db/companies.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';

const DENIED = '42501';
const CHECK = '23514';
const EVENT = `'{"action":"x","severity":"LOW"}'`;

/**
 * What the server's role could try with raw SQL. $own and $other are companies, $branch is a branch
 * of $own.
 */
const STATEMENTS: Record<string, [sql: string, code?: string][]> = {
  'switching row-level security off': [
    ['ALTER TABLE "Employee" DISABLE ROW LEVEL SECURITY'],
    ['ALTER TABLE "Employee" NO FORCE ROW LEVEL SECURITY'],
    ['CREATE POLICY wide ON "Employee" USING (true)'],
    ['DROP POLICY company_rows ON "Employee"'],
    ['ALTER POLICY company_rows ON "Employee" USING (true)'],
    ['SET LOCAL row_security = off; SELECT count(*) FROM "Employee"'],
    ['UPDATE pg_class SET relrowsecurity = false'],
    ['CREATE OR REPLACE FUNCTION context_company() RETURNS uuid LANGUAGE sql AS $$ SELECT NULL::uuid $$'],
    ['DROP FUNCTION context_company() CASCADE'],
    ['ALTER FUNCTION context_company() OWNER TO CURRENT_USER'],
  ],
  'becoming another role': [
    ['SET ROLE bulwark_identity'],
    ['SET ROLE bulwark_audit'],
    ['SET ROLE bulwark_platform'],
    ['SET SESSION AUTHORIZATION bulwark_identity'],
    ["DO $$ BEGIN EXECUTE 'SET ROLE bulwark_audit'; END $$"],
    ['ALTER ROLE CURRENT_USER SUPERUSER'],
    ['ALTER ROLE CURRENT_USER BYPASSRLS'],
    ['CREATE ROLE accomplice SUPERUSER'],
    ['GRANT bulwark_audit TO CURRENT_USER'],
    ['SELECT * FROM pg_authid'],
  ],
  'creating objects': [
    ['CREATE TABLE planted (id int)'],
    ['CREATE TEMP TABLE "Session" (id text)'],
    ['CREATE TEMP VIEW audit_event AS SELECT 1'],
    ['CREATE SCHEMA planted'],
    ['CREATE FUNCTION planted() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$'],
    ['CREATE VIEW planted AS SELECT * FROM "Employee"'],
    ['CREATE INDEX planted ON "Employee" (salary)'],
    ['CREATE RULE planted AS ON INSERT TO "Employee" DO INSTEAD NOTHING'],
    ['CREATE TRIGGER planted BEFORE INSERT ON "Employee" FOR EACH ROW EXECUTE FUNCTION audit_refuse()'],
    ['CREATE EVENT TRIGGER planted ON ddl_command_end EXECUTE FUNCTION audit_refuse()'],
    ['CREATE PUBLICATION planted FOR TABLE "Employee"'],
  ],
  'changing or dropping tables': [
    ['DROP TABLE "Employee" CASCADE'],
    ['TRUNCATE "Employee" CASCADE'],
    ['ALTER TABLE "Employee" ALTER COLUMN salary TYPE text'],
    ['ALTER DOMAIN sealed DROP CONSTRAINT sealed'],
    ['ALTER TABLE "Employee" ADD COLUMN planted text'],
    ['ALTER DATABASE $database SET row_security = off'],
    ['CALL protect_database()'],
    ["INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'x', 'x')"],
    ['DELETE FROM _prisma_migrations'],
  ],
  'evading the audit log': [
    ['ALTER TABLE "Branch" DISABLE TRIGGER audit_write'],
    ['DROP TRIGGER audit_write ON "Branch"'],
    ['SET session_replication_role = replica'],
    [`UPDATE "Branch" SET name = 'x' WHERE id = $branch`, CHECK],
    ['DELETE FROM "Branch" WHERE id = $branch', CHECK],
    [`INSERT INTO "Branch" ("companyId", id, name) VALUES ($own, gen_random_uuid(), 'x')`, CHECK],
    ["UPDATE audit_event SET body = '{}'"],
    ['DELETE FROM audit_event'],
    ['TRUNCATE audit_event'],
    [`INSERT INTO audit_pending (company_id, body) VALUES ($other, ${EVENT})`],
    [`INSERT INTO audit_pending (company_id, body, action) VALUES ($own, ${EVENT}, 'x')`],
    ["INSERT INTO audit_event VALUES ($own, 99, 0, 'x', 'LOW', NULL, NULL, NULL, NULL, NULL, '', '')"],
    [
      `INSERT INTO audit_pending (company_id, body) VALUES ($own, '{"action":"x","severity":"LOW","entity":1}')`,
      CHECK,
    ],
    ["INSERT INTO audit_head VALUES ($own, 99, 0, '')"],
    ['UPDATE audit_head SET pos = 0'],
    ['SELECT audit_place_pending()'],
    ["SELECT audit_place($own, 'x', 'LOW', NULL, NULL, NULL, '{}')"],
    [`SELECT audit_commitment('', '')`],
    [`SELECT "audit_write_Branch"()`],
  ],
  "another company's rows": [
    [`INSERT INTO "Branch" ("companyId", id, name) VALUES ($other, gen_random_uuid(), 'x')`],
    ['UPDATE "Branch" SET "companyId" = $other WHERE id = $branch'],
    [`INSERT INTO "Company" (id, name, currency) VALUES (gen_random_uuid(), 'x', 'EUR')`],
  ],
  'keys and identities': [
    ['DELETE FROM "DataKey"'],
    ['UPDATE "DataKey" SET version = 0'],
    ['DELETE FROM "SigningKey"'],
    [`UPDATE "SigningKey" SET "privateKey" = 'x'`],
    ['DELETE FROM "MasterKeyCheck"'],
    ['SELECT * FROM "WebAuthnChallenge"'],
    ['SELECT * FROM identity_version'],
    ["SELECT identity_version_of('x')"],
    ['SELECT deny_access_tokens()'],
  ],
  'files, settings and other sessions': [
    ["COPY (SELECT 1) TO PROGRAM 'cat'"],
    ["COPY (SELECT 1) TO '/tmp/planted'"],
    [`COPY "Branch" FROM '/etc/passwd'`],
    ["SELECT pg_read_file('postgresql.conf')"],
    ["SELECT pg_ls_dir('.')"],
    ["SELECT lo_import('/etc/passwd')"],
    ['SELECT pg_reload_conf()'],
    ["SELECT pg_create_physical_replication_slot('planted')"],
    ['SELECT pg_switch_wal()'],
    ['SELECT * FROM pg_hba_file_rules'],
    [
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user AND datname = '$database'",
    ],
  ],
};

let database: FreshDatabase;
let owner: pg.Client;
/** The server's role, in the context of its own company. */
let server: pg.Client;
const replacements: Record<string, string> = {};

beforeAll(async () => {
  database = await freshDatabase();
  owner = await connect(database.ownerUrl);
  const [own, other] = [await newCompany(database.appUrl), await newCompany(database.appUrl)];
  await other.db.end();
  server = own.db;
  Object.assign(replacements, { own: `'${own.id}'`, other: `'${other.id}'`, branch: `'${own.branchId}'` });
  replacements.database = new URL(database.ownerUrl).pathname.slice(1);
});
afterAll(async () => {
  await Promise.all([server.end(), owner.end()]);
  await database.drop();
});

/**
 * The SQLSTATE of a statement and of the constraints that COMMIT would check; undefined when
 * PostgreSQL accepts it.
 */
async function codeOf(statement: string): Promise<string | undefined> {
  const sql = statement.replaceAll(
    /\$(own|other|branch|database)/g,
    (_all, name) => replacements[name] as string,
  );
  await server.query('BEGIN');
  try {
    await server.query(sql);
    await server.query('SET CONSTRAINTS ALL IMMEDIATE');
    return undefined;
  } catch (error) {
    return (error as pg.DatabaseError).code;
  } finally {
    await server.query('ROLLBACK');
  }
}

for (const [aim, statements] of Object.entries(STATEMENTS)) {
  describe(`raw SQL of the server's role aimed at ${aim}`, () => {
    test.each(statements)('[S12] is refused: %s', async (sql, code = DENIED) => {
      expect(await codeOf(sql)).toBe(code);
    });
  });
}

test('[S12] ALTER SYSTEM, which runs in no transaction, is refused', async () => {
  await expect(server.query('ALTER SYSTEM SET fsync = off')).rejects.toMatchObject({ code: DENIED });
});
