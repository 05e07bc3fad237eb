import type pg from 'pg';
import { StartupError } from '../../config/startup-error.ts';
import { migrateBy } from '../migrations.ts';
import { connected } from './snapshot.ts';
import { alone, emptyDatabase } from './target.ts';

const SIZE = `SELECT (SELECT count(*)::int FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
      WHERE relkind = 'r' AND nspname = 'public') AS tables,
    ceil(pg_database_size(current_database()) / 1e6)::int AS megabytes,
    (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND usesysid IS NOT NULL) AS others`;

type Size = { tables: number; megabytes: number };

/**
 * Returns what a reset would delete.
 * @param variable names the connection in messages
 * @throws {StartupError} while other connections use the database
 */
export const sizeOf = (variable: string, url: string): Promise<Size> =>
  connected(url, (db) => unusedSize(variable, db));

async function unusedSize(variable: string, db: pg.Client): Promise<Size> {
  const [{ others, ...size }] = (await db.query(SIZE)).rows;
  if (others > 0)
    throw new StartupError(
      `${variable}: ${others} other connections use the database; stop every server first.`,
    );
  return size;
}

/**
 * Deletes everything in the database, and applies all migrations.
 * @throws {StartupError} while other connections use it: one may be newer than the confirmation
 */
export const resetDatabase = (variable: string, url: string, migrations: string): Promise<void> =>
  alone(variable, url, async (db) => {
    await unusedSize(variable, db);
    await emptyDatabase(db);
    await migrateBy(db, migrations);
  });
