import type pg from 'pg';
import type { Logger } from 'pino';
import { StartupError } from '../../config/startup-error.ts';
import { assertConnects } from '../connection/connection.ts';
import { type Query, queryAs } from '../sql.ts';
import { startupParameters, type TenantPoolConfig } from '../tenant/pool.ts';
import { misplaced, placeOf } from './place.ts';
import { Replica } from './replica.ts';
import { type Replicas, replicasOf } from './replicas.ts';
import { watchReplica } from './watch.ts';

const VARIABLE = 'REPLICA_DATABASE_URLS';
const ANONYMOUS = { companyId: null, userId: null };
/** A PostgreSQL that starts, stops or has no connection free will answer later (SQLSTATE). */
const LATER = /^(57P0\d|53300)$/;
/** What a name, a route or a socket fails with that may answer later. */
const UNREACHABLE = /ECONN|EHOST|ENET|ETIMEDOUT|ENOTFOUND|EAI_|EPIPE|timeout|terminated/;

type Options = {
  urls: readonly string[];
  maxLag: number;
  /** A statement on the primary. */
  primary: Query;
  /** As for the primary's pool. */
  pool: Pick<TenantPoolConfig, 'max'> & Parameters<typeof startupParameters>[0];
  /** Verifies a replica before it is used; throws with the reason. */
  verify: (query: Query) => Promise<void>;
  log: Logger;
};

/**
 * Opens the replicas, and measures them until they are closed. One that cannot be reached is used
 * once it can be.
 * @throws {StartupError} for an address that is no replica of this primary, or refuses the role
 */
export async function openReplicas({ urls, pool, log, primary, maxLag, verify }: Options): Promise<Replicas> {
  const end = new AbortController();
  const all = urls.map((url) => replicaAt(url, pool, log));
  const replicas = replicasOf(all, () => end.abort());
  try {
    const parameters = startupParameters(pool);
    for (const [index, url] of urls.entries())
      await assertReplica(all[index] as Replica, url, primary, parameters);
  } catch (error) {
    await replicas.close();
    throw error;
  }
  for (const replica of all) void watchReplica({ replica, primary, maxLag, verify, signal: end.signal });
  return replicas;
}

function replicaAt(connectionString: string, pool: Options['pool'], log: Logger): Replica {
  const replica: Replica = new Replica({
    ...{ ...pool, connectionString },
    onChange(reason) {
      const { name } = replica;
      if (reason === null) log.info({ replica: name }, 'a replica is used for queries');
      else log.warn({ replica: name, reason }, 'a replica is left out: the primary answers its queries');
    },
  });
  return replica;
}

async function assertReplica(
  { name, pool }: Replica,
  url: string,
  primary: Query,
  parameters: pg.ClientConfig,
) {
  try {
    await assertConnects(VARIABLE, url, parameters);
  } catch (error) {
    if (mayAnswerLater((error as Error).cause)) return;
    throw error;
  }
  const there = await placeOf(queryAs(pool, ANONYMOUS)).catch(() => null);
  const problem = there && misplaced(await placeOf(primary), there);
  if (problem)
    throw new StartupError(
      `${VARIABLE}: ${name} ${problem}; give a standby of DATABASE_URL's server, with the same role.`,
    );
}

function mayAnswerLater(cause: unknown): boolean {
  const {
    code = '',
    severity,
    message = '',
  } = (cause ?? {}) as { code?: string; severity?: string; message?: string };
  return severity ? LATER.test(code) : UNREACHABLE.test(`${code} ${message}`);
}
