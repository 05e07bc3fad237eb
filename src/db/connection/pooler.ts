import pg from 'pg';
import { StartupError } from '../../config/startup-error.ts';

const BACKEND = 'SELECT pg_backend_pid() AS pid';
const ROUNDS = 3;

/** The process that answers this connection, which a pooler may change. */
export async function backendOf(db: pg.Client): Promise<number> {
  const { rows } = await db.query<{ pid: number }>(BACKEND);
  return (rows[0] as { pid: number }).pid;
}

/**
 * Checks that a pooler keeps each connection on a backend of its own: names of statements and
 * locks of a session need that.
 * @throws {StartupError} when two connections, asked in turns, meet the same backend or another one
 */
export async function assertSessionPooling(variable: string, url: string): Promise<void> {
  const clients = [0, 1].map(() => new pg.Client({ connectionString: url }));
  const met: Set<number>[] = [new Set(), new Set()];
  for (const db of clients) db.on('error', () => {}); // the same failure that connect rejects with
  try {
    for (const db of clients) await db.connect();
    for (let round = 0; round < ROUNDS; round++)
      for (const [index, db] of clients.entries()) met[index]?.add(await backendOf(db));
  } finally {
    await Promise.all(clients.map((db) => db.end()));
  }
  const backends = new Set(met.flatMap((pids) => [...pids]));
  if (backends.size === clients.length && met.every((pids) => pids.size === 1)) return;
  throw new StartupError(
    `DATABASE_POOLER: the pooler of ${variable} shares connections by transaction; set DATABASE_POOLER=transaction, or pool_mode = session in the pooler.`,
  );
}
