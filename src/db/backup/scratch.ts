import pg from 'pg';
import { StartupError } from '../../config/startup-error.ts';
import { connected } from './snapshot.ts';

const PREFIX = 'bulwark_drill_';
const MAY_CREATE = `SELECT current_user AS role, rolsuper OR rolcreatedb AS may FROM pg_roles WHERE rolname = current_user`;
/** Of drills at the same time: a new database has no connection yet, as a leftover. */
const LOCK = `SELECT pg_advisory_lock(hashtextextended('restore drill', 0))`;
/** What a drill that was killed has left: a running one is connected to its database. */
const LEFTOVERS = `SELECT datname AS name FROM pg_database d WHERE datname ~ '^${PREFIX}[0-9a-f]{32}$'
  AND pg_get_userbyid(datdba) = current_user AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)`;
const OBJECT_IN_USE = '55006';

export type ScratchPlace = {
  /** Names the connection in messages. */
  variable: string;
  url: string;
  /** Ends the work: the database is removed, and the reason of the signal is thrown. */
  signal?: AbortSignal;
};

/**
 * Runs `work` with the URL of a new empty database on the same server, which no other role but
 * superusers can connect to, and removes the database; also those that killed runs have left.
 * @throws {StartupError} for a role that may not create databases
 */
export async function withScratchDatabase<T>(
  { variable, url, signal }: ScratchPlace,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const name = `${PREFIX}${crypto.randomUUID().replaceAll('-', '')}`;
  const scratch = Object.assign(new URL(url), { pathname: `/${name}` }).href;
  await connected(url, (db) => assertMayCreate(variable, db));
  const inUse = new pg.Client({ connectionString: scratch });
  inUse.on('error', () => {}); // it only shows that the database is in use
  try {
    await connected(url, (db) => create(db, name, inUse));
    return await unlessEnded(signal, () => work(scratch));
  } finally {
    await connected(url, (db) => db.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    await inUse.end();
  }
}

async function assertMayCreate(variable: string, db: pg.Client): Promise<void> {
  const [{ role, may }] = (await db.query(MAY_CREATE)).rows;
  if (!may)
    throw new StartupError(
      `${variable}: the role "${role}" may not create a scratch database; ALTER ROLE "${role}" CREATEDB, or set DRILL_DATABASE_URL.`,
    );
}

async function create(db: pg.Client, name: string, inUse: pg.Client): Promise<void> {
  await db.query(LOCK); // until the end of this connection
  await dropLeftovers(db);
  await db.query(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
  await db.query(`REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`);
  await inUse.connect();
  await inUse.query('SET idle_session_timeout = 0');
}

async function dropLeftovers(db: pg.Client): Promise<void> {
  for (const { name } of (await db.query<{ name: string }>(LEFTOVERS)).rows)
    await db.query(`DROP DATABASE IF EXISTS ${name}`).catch((error) => {
      if (error.code !== OBJECT_IN_USE) throw error;
    });
}

/** Rejects at once when the signal ends the work; later errors of the work are ignored. */
async function unlessEnded<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (!signal) return work();
  signal.throwIfAborted();
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([work(), ended]);
}
