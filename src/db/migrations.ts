import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { StartupError } from '../config/startup-error.ts';
import { assertCanMigrate } from './owner.ts';

// The lock and the table are those of Prisma's own engine, so that `prisma migrate` and this can be
// mixed.
export const PRISMA_LOCK = 72707369;
const TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;
const APPLIED =
  'SELECT migration_name AS name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL';

const UNDEFINED_TABLE = '42P01';
const INSUFFICIENT_PRIVILEGE = '42501';

export type Migration = { name: string; sql: string; checksum: string };
type Applied = { name: string; checksum: string; finished_at: Date | null };

/**
 * What a health check or a start needs to read the list of applied migrations: a pool or a client.
 */
export type Queryable = { query(text: string): Promise<{ rows: unknown[] }> };

/**
 * Brings the database at `url` up to the newest migration, as `prisma migrate deploy` does, without
 * its CLI or its engine. Each migration is one transaction: it is there as a whole or not at all,
 * also after a kill -9.
 *
 * @param url of the owner's role
 * @param folder as for `migrateBy`, and so are the names that it returns and what it throws
 */
export async function migrate(url: string, folder: string): Promise<string[]> {
  const db = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' });
  await db.connect();
  try {
    return await migrateBy(db, folder);
  } finally {
    await db.end(); // ends the session, and with it the lock
  }
}

/**
 * Migrates by an open connection, whose session holds the lock from then on.
 *
 * @param folder with one folder a migration, each holding `migration.sql`, in the order of their
 * names
 * @param isChosen leaves out the others: a backup of an earlier version has fewer
 * @returns the names of the migrations that this call applied
 * @throws when a migration fails, was changed after it was applied, or the database has one that
 * `folder` lacks among its own; migrations that follow the last one of `folder` belong to a newer
 * version and are left alone
 */
export async function migrateBy(
  db: pg.Client,
  folder: string,
  isChosen: (name: string) => boolean = () => true,
): Promise<string[]> {
  const migrations = (await migrationsIn(folder)).filter(({ name }) => isChosen(name));
  await assertCanMigrate(db);
  await db.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
  await db.query(TABLE);
  const pending = compare(migrations, (await db.query<Applied>(APPLIED)).rows);
  for (const migration of pending) await apply(db, migration);
  return pending.map(({ name }) => name);
}

/**
 * Checks, as the server's role, that every migration of this version is applied.
 * @throws {StartupError} that names how many are missing and how to apply them
 */
export async function assertMigrated(db: Queryable, folder: string): Promise<void> {
  const pending = await pendingMigrations(db, folder).catch(async (error: { code?: string }) => {
    if (error.code === INSUFFICIENT_PRIVILEGE) await assertMember(db);
    if (error.code === UNDEFINED_TABLE || error.code === INSUFFICIENT_PRIVILEGE) return readNames(folder);
    throw error;
  });
  if (pending.length > 0)
    throw new StartupError(
      `DATABASE_URL: the database lacks ${pending.length} migrations, first ${pending[0]}; run npm run migrate with MIGRATION_DATABASE_URL.`,
    );
}

const MEMBER = `SELECT current_user AS role, to_regrole('bulwark_app') IS NULL
  OR NOT has_table_privilege(to_regrole('bulwark_app'), '_prisma_migrations', 'SELECT') AS early`;

/**
 * Before migration 0007 no role but the owner reads the list; from then on each member of
 * bulwark_app does.
 */
async function assertMember(db: Queryable): Promise<void> {
  const [found] = (await db.query(MEMBER)).rows as { role: string; early: boolean }[];
  if (found && !found.early)
    throw new StartupError(
      `DATABASE_URL: the role "${found.role}" has no rights of bulwark_app; GRANT bulwark_app TO "${found.role}", and ALTER ROLE "${found.role}" INHERIT.`,
    );
}

/** Returns the names of the migrations that the database lacks. The server's role may ask. */
export async function pendingMigrations(db: Queryable, folder: string): Promise<string[]> {
  const { rows } = await db.query(APPLIED);
  return compare(await migrationsIn(folder), rows as Applied[]).map(({ name }) => name);
}

async function readNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Returns the migrations of a folder, in their order. */
export async function migrationsIn(folder: string): Promise<Migration[]> {
  return Promise.all(
    (await readNames(folder)).map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: await sha256(sql) };
    }),
  );
}

async function sha256(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex');
}

function compare(migrations: Migration[], applied: Applied[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const newest = migrations.at(-1)?.name ?? '';
  for (const { name, checksum, finished_at } of applied) {
    if (!finished_at)
      throw new StartupError(
        `migration ${name} was begun and not finished by another tool; resolve it first (prisma migrate resolve)`,
      );
    const migration = known.get(name);
    // a newer version has migrated already, and this one goes on serving until it is replaced (a
    // rolling upgrade)
    if (!migration && name > newest) continue;
    if (!migration)
      throw new StartupError(
        `the database has migration ${name}, which this version lacks among its own: they come from different histories`,
      );
    if (migration.checksum !== checksum)
      throw new StartupError(`migration ${name} was changed after it was applied; add a new one instead`);
  }
  const done = new Set(applied.map(({ name }) => name));
  return migrations.filter(({ name }) => !done.has(name));
}

async function apply(db: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await db.query('BEGIN');
  try {
    await db.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
      crypto.randomUUID(),
      checksum,
      name,
    ]);
    await db.query(sql);
    if (db.getTransactionStatus() !== 'T')
      throw new Error('it ends its own transaction (COMMIT or ROLLBACK): take that out');
    await db.query(
      'UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE migration_name = $1',
      [name],
    );
    await db.query('COMMIT');
  } catch (error) {
    await db.query('ROLLBACK').catch(() => {}); // the line itself may be gone, and then PostgreSQL has rolled back
    throw new Error(`migration ${name} failed: ${(error as Error).message}`, { cause: error });
  }
}
