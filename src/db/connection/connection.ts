import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StartupError } from '../../config/startup-error.ts';
import { namedBackend } from '../tenant/pg-protocol.ts';
import { backendOf } from './pooler.ts';

const CONNECT_MS = 10_000;
const DISCONNECT_MS = 2_000;

/** What each error of a connection means: SQLSTATE (PostgreSQL, appendix A) or errno. */
const MEANINGS: Record<string, (at: Place) => string> = {
  '28P01': ({ role }) =>
    `PostgreSQL refuses the password of the role "${role}"; correct the role or its password`,
  '28000': ({ role }) =>
    `PostgreSQL does not admit the role "${role}"; create it, or allow it in pg_hba.conf`,
  '3D000': ({ database }) => `the database "${database}" does not exist; create it, or correct the name`,
  '53300': ({ role }) =>
    `PostgreSQL has no free connection for the role "${role}"; raise its max_connections, or the limit of the role`,
};
/** What pg and TLS say without a code of PostgreSQL. */
const WORDS: [RegExp, (at: Place, why: string) => string][] = [
  [
    /client password must be a/,
    ({ role }) => `PostgreSQL wants a password of the role "${role}"; add it to the URL`,
  ],
  [
    /SSL|TLS|CERT/i,
    ({ address }, why) => `no encrypted connection to ${address} (${why}); correct sslmode and sslrootcert`,
  ],
];
const UNSUPPORTED = /^unsupported startup parameter/;
const pooled = ({ address }: Place) =>
  `PgBouncer answers at ${address}; set DATABASE_POOLER to its pool_mode, session or transaction, and migrate without it`;
const refused = ({ address }: Place, why: string) =>
  `PostgreSQL at ${address} refuses the connection (${why})`;
const unreachable = ({ address }: Place, why: string) =>
  `no PostgreSQL answers at ${address} (${why}); start it, or correct the address`;

type Place = { role: string; database: string; address: string };

/**
 * Connects once and disconnects, before anything else uses this URL.
 * @param variable names the URL in messages, which hold no password
 * @param parameters what later connections send at their start, which PgBouncer may refuse
 * @returns whether a pooler answers: the backend is another process than the one that it names
 * @throws {StartupError} when PostgreSQL does not answer or does not accept the role
 */
export async function assertConnects(
  variable: string,
  url: string,
  parameters: pg.ClientConfig = {},
): Promise<{ pooled: boolean }> {
  const db = open(variable, { ...parameters, connectionString: url });
  let pooled = false;
  const problem = await problemWith(db, async () => {
    pooled = (await backendOf(db)) !== namedBackend(db);
  });
  if (problem) throw new StartupError(`${variable}: ${problem.words}.`, { cause: problem.cause });
  return { pooled };
}

/**
 * Connects once, and disconnects.
 * @throws {StartupError} as `assertConnects`, and where a pooler answers: locks of a session need
 * PostgreSQL itself
 */
export async function assertDirect(variable: string, url: string): Promise<void> {
  const { pooled } = await assertConnects(variable, url);
  if (pooled)
    throw new StartupError(
      `${variable}: a pooler answers; give the address of PostgreSQL itself, whose sessions hold locks.`,
    );
}

/**
 * Returns why a new connection cannot be used, without secrets; null when it can.
 * @param check returns a reason of its own, or null
 */
export async function connectionProblem(
  config: pg.ClientConfig,
  check: (db: pg.Client) => Promise<string | null>,
): Promise<string | null> {
  const db = new pg.Client(config);
  let reason: string | null = null;
  const problem = await problemWith(db, async () => {
    reason = await check(db);
  });
  return problem?.words ?? reason;
}

async function problemWith(db: pg.Client, check: () => Promise<unknown>) {
  db.on('error', () => {}); // the same failure that connect and query reject with
  try {
    await db.connect();
    await check();
    return null;
  } catch (error) {
    return { words: meaningOf(error as Failure, placeOf(db)), cause: error };
  } finally {
    // a server that does not answer does not close the connection either
    await Promise.race([db.end().catch(() => {}), sleep(DISCONNECT_MS, null, { ref: false })]);
  }
}

type Failure = { code?: string; severity?: string; message: string };

function meaningOf({ code = '', severity, message }: Failure, at: Place): string {
  const known = MEANINGS[code];
  if (known) return known(at);
  if (severity && UNSUPPORTED.test(message)) return pooled(at);
  if (severity) return refused(at, message);
  const words = WORDS.find(([pattern]) => pattern.test(`${code} ${message}`));
  return (words?.[1] ?? unreachable)(at, code || message);
}

/** pg reads the files that the URL names. */
function open(variable: string, config: pg.ClientConfig): pg.Client {
  try {
    return new pg.Client({ ...config, connectionTimeoutMillis: CONNECT_MS });
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    throw new StartupError(
      `${variable}: ${path ? `the file ${path} cannot be read (${code})` : 'pg cannot read the URL'}; correct the URL.`,
      { cause: error },
    );
  }
}

const placeOf = ({ user, database, host, port }: pg.Client): Place => ({
  role: user ?? '',
  database: database ?? '',
  address: `${host}:${port}`,
});
