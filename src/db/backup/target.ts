import type pg from 'pg';
import { StartupError } from '../../config/startup-error.ts';
import { migrationsIn, PRISMA_LOCK } from '../migrations.ts';
import type { Manifest } from './manifest.ts';
import { connected } from './snapshot.ts';

const CONTENT = `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1 LIMIT 1`;
const OWNER = `SELECT current_database() AS database, current_user AS role, pg_has_role(datdba, 'MEMBER') AS owns,
    current_setting('server_version_num')::int AS postgres, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super,
    EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS "hasOwner"
  FROM pg_database WHERE datname = current_database()`;

type Target = {
  database: string;
  role: string;
  owns: boolean;
  postgres: number;
  super: boolean;
  hasOwner: boolean;
};

/**
 * Checks that a backup can be restored into a database, and changes nothing.
 * @param variable names the connection in messages
 * @throws {StartupError} for a database that is not empty or of another owner
 */
export async function assertRestorable(variable: string, db: pg.Client, manifest: Manifest): Promise<void> {
  const { rows } = await db.query<Target>(OWNER, [manifest.owner]);
  const problem = problemOf(rows[0] as Target, manifest, (await db.query(CONTENT)).rows[0]?.name);
  if (problem) throw new StartupError(`${variable}: ${problem}.`);
}

function problemOf(target: Target, manifest: Manifest, content?: string): string | undefined {
  const { database, role, owns, hasOwner } = target;
  if (content)
    return `the database "${database}" is not empty (${content}); restore into an empty one, as CREATE DATABASE makes it`;
  if (!owns) return `the role "${role}" does not own the database "${database}"; connect as its owner`;
  if (manifest.content === 'copy' || manifest.owner === role) return undefined;
  if (target.super && hasOwner) return undefined;
  return `the tables of the backup belong to the role "${manifest.owner}"; create it, and connect as it`;
}

/**
 * Checks that this version knows each migration of a backup.
 * @throws {StartupError} for a backup of a newer version or of another history
 */
export async function assertKnown(file: string, { migrations }: Manifest, folder: string): Promise<void> {
  const known = new Map((await migrationsIn(folder)).map(({ name, checksum }) => [name, checksum]));
  const newer = migrations.find(({ name }) => !known.has(name));
  if (newer)
    throw new StartupError(
      `${file}: the backup has the migration ${newer.name}, which this version lacks; restore with the version that made it.`,
    );
  const changed = migrations.find(({ name, checksum }) => known.get(name) !== checksum);
  if (changed)
    throw new StartupError(
      `${file}: the migration ${changed.name} of the backup is another one than this version's; restore with the version that made it.`,
    );
}

/**
 * Runs `work` while no migration and no other restore or reset works on the database: its session
 * holds the lock of migrations.
 * @param variable names the connection in messages
 * @throws {StartupError} while another one does
 */
export const alone = <T>(variable: string, url: string, work: (db: pg.Client) => Promise<T>): Promise<T> =>
  connected(url, async (db) => {
    await db.query('SET idle_session_timeout = 0'); // it is idle while others restore
    const { rows } = await db.query('SELECT pg_try_advisory_lock($1) AS free', [PRISMA_LOCK]);
    if (!rows[0].free)
      throw new StartupError(
        `${variable}: a migration, restore or reset of the database is running; wait until it has ended.`,
      );
    return work(db);
  });

/** Removes everything that the schema holds: what a restore that failed, or a reset, leaves. */
export async function emptyDatabase(db: pg.Client): Promise<void> {
  await db.query('BEGIN');
  try {
    await db.query('DROP SCHEMA public CASCADE');
    await db.query('DROP SCHEMA IF EXISTS pgboss CASCADE');
    await db.query('CREATE SCHEMA public AUTHORIZATION pg_database_owner');
    await db.query('GRANT USAGE ON SCHEMA public TO PUBLIC');
    await db.query('COMMIT');
  } catch (error) {
    await db.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
