import pg from 'pg';
import { StartupError } from '../../config/startup-error.ts';

const CONNECT_MS = 10_000;

/** What each error of a connection means: SQLSTATE (PostgreSQL, appendix A) or errno. */
const MEANINGS: Record<string, (at: Place) => string> = {
  '28P01': ({ role }) =>
    `PostgreSQL refuses the password of the role "${role}"; correct the role or its password`,
  '28000': ({ role }) =>
    `PostgreSQL does not admit the role "${role}"; create it, or allow it in pg_hba.conf`,
  '3D000': ({ database }) => `the database "${database}" does not exist; create it, or correct the name`,
  '53300': () => 'PostgreSQL has no free connection; raise its max_connections',
};
const unreachable = ({ address }: Place, why: string) =>
  `no PostgreSQL answers at ${address} (${why}); start it, or correct the address`;

type Place = { role: string; database: string; address: string };

/**
 * Connects once and disconnects, before anything else uses this URL.
 * @param variable names the URL in messages, which hold no password
 * @throws {StartupError} when PostgreSQL does not answer or does not accept the role
 */
export async function assertConnects(variable: string, url: string): Promise<void> {
  const db = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  db.on('error', () => {}); // the same failure that connect rejects with
  try {
    await db.connect();
    await db.end();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const meaning = MEANINGS[code ?? ''] ?? ((at: Place) => unreachable(at, code ?? message));
    throw new StartupError(`${variable}: ${meaning(placeOf(db))}.`, { cause: error });
  }
}

const placeOf = ({ user, database, host, port }: pg.Client): Place => ({
  role: user ?? '',
  database: database ?? '',
  address: `${host}:${port}`,
});
