import pg from 'pg';

/** Runs statements as the database owner, who bypasses row-level security. */
export async function asOwner<T>(url: string, run: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  return run(db).finally(() => db.end());
}
