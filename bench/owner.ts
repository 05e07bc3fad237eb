import pg from 'pg';

/** Statements as the database's owner, whom no wall stops. */
export async function asOwner<T>(url: string, run: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  return run(db).finally(() => db.end());
}
