import { StartupError } from '../../config/startup-error.ts';
import { connected } from './snapshot.ts';

const MAY_CREATE = `SELECT current_user AS role, rolsuper OR rolcreatedb AS may FROM pg_roles WHERE rolname = current_user`;

/**
 * Runs `work` with the URL of a new empty database on the same server, and removes the database.
 * @param variable names the connection in messages
 * @throws {StartupError} for a role that may not create databases
 */
export async function withScratchDatabase<T>(
  variable: string,
  url: string,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const name = `bulwark_drill_${crypto.randomUUID().replaceAll('-', '')}`;
  await connected(url, async (db) => {
    const [{ role, may }] = (await db.query(MAY_CREATE)).rows;
    if (!may)
      throw new StartupError(
        `${variable}: the role "${role}" may not create a scratch database; ALTER ROLE "${role}" CREATEDB, or set DRILL_DATABASE_URL.`,
      );
    await db.query(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
  });
  try {
    return await work(Object.assign(new URL(url), { pathname: `/${name}` }).href);
  } finally {
    await connected(url, (db) => db.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  }
}
