import pg from 'pg';
import { StartupError } from '../../config/startup-error.ts';
import { type Counts, type Manifest, parseManifest } from './manifest.ts';

/**
 * A connection whose statements all see the same instant, and the id by which others see it too.
 */
export type Snapshot = { db: pg.Client; id: string; bytes: number; manifest: Omit<Manifest, 'content'> };

/** What a statement needs. */
export type Queryable = { query: pg.Client['query'] };

const ROLE = `SELECT current_user AS role, rolsuper OR rolbypassrls AS "seesAll" FROM pg_roles WHERE rolname = current_user`;
/** Of PostgreSQL and of extensions there is nothing to save. */
export const TABLES = `SELECT format('%I.%I', nspname, relname) AS name, pg_get_userbyid(relowner) AS owner,
    pg_table_size(c.oid)::float8 AS bytes, has_table_privilege(c.oid, 'SELECT') AS readable
  FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE relkind = 'r' AND relpersistence <> 't' AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
  ORDER BY 1`;
const DATABASE = `SELECT current_database() AS database, current_setting('server_version_num')::int AS postgres,
  to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "takenAt", pg_export_snapshot() AS id`;
const MIGRATIONS = `SELECT migration_name AS name, checksum FROM _prisma_migrations
  WHERE rolled_back_at IS NULL AND finished_at IS NOT NULL ORDER BY 1`;

type Table = { name: string; owner: string; bytes: number; readable: boolean };

/**
 * Opens a snapshot of a whole database. No table can be changed in its structure until it is
 * closed.
 * @param variable names the connection in messages
 * @throws {StartupError} for a role that row-level security restricts or that cannot read a table,
 * and for a database without migrations
 */
export async function openSnapshot(variable: string, url: string): Promise<Snapshot> {
  const db = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' });
  db.on('error', () => {}); // the next statement rejects with the same failure
  await db.connect();
  try {
    await assertSeesAll(variable, db);
    await db.query('SET idle_in_transaction_session_timeout = 0'); // it is idle while pg_dump reads
    await db.query('SET statement_timeout = 0');
    await db.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const tables = await lockedTables(variable, db);
    const { id, ...where } = (await db.query(DATABASE)).rows[0];
    const manifest = parseManifest(
      JSON.stringify({
        ...where,
        format: 'bulwark-backup-1',
        content: 'copy',
        owner: tables.find(({ name }) => name.endsWith('_prisma_migrations'))?.owner,
        migrations: (await db.query(MIGRATIONS)).rows,
        counts: await countRows(db),
        masterKeys: (await db.query('SELECT DISTINCT "masterKey" FROM "DataKey" ORDER BY 1')).rows.map(
          ({ masterKey }) => masterKey,
        ),
      }),
    );
    return { db, id, bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0), manifest };
  } catch (error) {
    await db.end();
    throw error;
  }
}

async function assertSeesAll(variable: string, db: pg.Client): Promise<void> {
  const [{ role, seesAll }] = (await db.query(ROLE)).rows;
  if (!seesAll)
    throw new StartupError(
      `${variable}: row-level security hides rows from the role "${role}", and the backup would lack them; set BACKUP_DATABASE_URL to a role with BYPASSRLS and pg_read_all_data.`,
    );
}

async function lockedTables(variable: string, db: pg.Client): Promise<Table[]> {
  const tables: Table[] = (await db.query(TABLES)).rows;
  const hidden = tables.find(({ readable }) => !readable);
  if (hidden)
    throw new StartupError(
      `${variable}: the role cannot read the table ${hidden.name}; GRANT pg_read_all_data to it.`,
    );
  if (!tables.some(({ name }) => name === 'public._prisma_migrations'))
    throw new StartupError(
      `${variable}: the database has no migrations; name the one that npm run migrate made.`,
    );
  await db.query(`LOCK TABLE ${tables.map(({ name }) => name).join()} IN ACCESS SHARE MODE`);
  return tables;
}

/** Returns the rows of each table that the role sees. */
export async function countRows(db: Queryable): Promise<Counts> {
  const { rows } = await db.query<Table>(TABLES);
  const counts: Counts = {};
  for (const { name } of rows) {
    const found = await db.query<{ count: string }>(`SELECT count(*) FROM ${name}`);
    counts[name] = Number(found.rows[0]?.count);
  }
  return counts;
}

/** Returns a sentence for each table whose rows differ in number. */
export const differences = (expected: Counts, found: Counts): string[] =>
  [...new Set([...Object.keys(expected), ...Object.keys(found)])]
    .filter((name) => expected[name] !== found[name])
    .map((name) => `${name}: ${found[name] ?? 'no table'} instead of ${expected[name] ?? 'no table'}`);

/**
 * Runs `work` where the owner sees all rows of each of its tables, and takes that back. Locks each
 * table.
 */
export const withAllRows = <T>(url: string, work: (db: pg.Client) => Promise<T>): Promise<T> =>
  connected(url, async (db) => {
    await db.query('BEGIN');
    for (const { name } of (await db.query<Table>(TABLES)).rows)
      await db.query(`ALTER TABLE ${name} NO FORCE ROW LEVEL SECURITY`);
    try {
      return await work(db);
    } finally {
      await db.query('ROLLBACK').catch(() => {}); // a lost connection has rolled back
    }
  });

/** Runs `work` with a connection of its own. */
export async function connected<T>(url: string, work: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' });
  db.on('error', () => {}); // the next statement rejects with the same failure
  await db.connect();
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}
