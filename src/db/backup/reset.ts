import { migrate } from '../migrations.ts';
import { connected } from './snapshot.ts';
import { emptyDatabase } from './target.ts';

const SIZE = `SELECT (SELECT count(*)::int FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
      WHERE relkind = 'r' AND nspname = 'public') AS tables,
    ceil(pg_database_size(current_database()) / 1e6)::int AS megabytes,
    (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND usesysid IS NOT NULL) AS others`;

/** Returns what a reset would delete, and how many other connections the database has. */
export const sizeOf = (url: string): Promise<{ tables: number; megabytes: number; others: number }> =>
  connected(url, async (db) => (await db.query(SIZE)).rows[0]);

/** Deletes everything in the database, and applies all migrations. */
export async function resetDatabase(url: string, migrations: string): Promise<void> {
  await connected(url, emptyDatabase);
  await migrate(url, migrations);
}
