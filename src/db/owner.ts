import type pg from 'pg';
import { StartupError } from '../config/startup-error.ts';

type Owner = { role: string; database: string; encoding: string; creates: boolean; grants: boolean };

const OWNER = `SELECT current_user AS role, current_database() AS database,
    pg_encoding_to_char((SELECT encoding FROM pg_database WHERE datname = current_database())) AS encoding,
    has_schema_privilege('public', 'CREATE') AS creates,
    rolsuper OR rolcreaterole OR 4 = (SELECT count(*) FROM pg_roles granted
      WHERE granted.rolname IN ('bulwark_app', 'bulwark_platform', 'bulwark_identity', 'bulwark_audit')
        AND pg_has_role(current_user, granted.oid, 'MEMBER WITH ADMIN OPTION')) AS grants
  FROM pg_roles WHERE rolname = current_user`;

/**
 * Checks that this connection can migrate its database, before the first statement of a migration.
 * @throws {StartupError} for another encoding than UTF8, a role that is not the owner, or a
 * read-only database
 */
export async function assertCanMigrate(db: pg.Client): Promise<void> {
  const problem = owner((await db.query<Owner>(OWNER)).rows[0]) ?? (await readOnly(db));
  if (problem) throw new StartupError(`MIGRATION_DATABASE_URL: ${problem}.`);
}

function owner(found: Owner | undefined): string | undefined {
  if (!found) return 'the role does not exist';
  const { role, database, encoding, creates, grants } = found;
  if (encoding !== 'UTF8')
    return `the database "${database}" has the encoding ${encoding}; create it with ENCODING 'UTF8' TEMPLATE template0`;
  if (!creates)
    return `the role "${role}" may not create tables; give the owner of the database "${database}"`;
  return grants
    ? undefined
    : `the role "${role}" cannot grant the roles of the server; ALTER ROLE "${role}" CREATEROLE`;
}

async function readOnly(db: pg.Client): Promise<string | undefined> {
  const { rows } = await db.query<{ transaction_read_only: string }>('SHOW transaction_read_only');
  return rows[0]?.transaction_read_only === 'on'
    ? 'the database is read-only: a standby, or default_transaction_read_only is set; give the primary, or reset it'
    : undefined;
}
