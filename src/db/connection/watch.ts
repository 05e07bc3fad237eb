import type pg from 'pg';
import type { Logger } from 'pino';
import { type OutageWatch, outageWatch } from '../../outage.ts';
import type { Query } from '../sql.ts';
import type { TenantPool } from '../tenant/pool.ts';
import { connectionProblem } from './connection.ts';

/** A probe that takes longer has failed; milliseconds. */
const PROBE_MS = 5_000;

const READ_ONLY = `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS "readOnly"`;

/** Returns whether this connection can write: not on a standby, nor under a setting against it. */
export async function isWritable(query: Query): Promise<boolean> {
  const [row] = await query<{ readOnly: boolean }>(READ_ONLY);
  return row?.readOnly === false;
}

async function whyReadOnly(db: pg.Client): Promise<string | null> {
  const query: Query = async (sql, values) => (await db.query(sql, values)).rows;
  return (await isWritable(query)) ? null : 'PostgreSQL is read-only';
}

type Watched = { config: pg.ClientConfig; pools: TenantPool[]; log: Logger };

/**
 * Logs one line when the database is lost and one when it can be used again. A connection of its
 * own decides: what the pools notice is a suspicion. Connections from before are closed then, since
 * they may lead to a PostgreSQL that stays read-only.
 */
export function watchDatabase({ config, pools, log }: Watched): OutageWatch {
  const probe = { ...config, connectionTimeoutMillis: PROBE_MS, query_timeout: PROBE_MS };
  const watch = outageWatch({
    probe: () => connectionProblem(probe, whyReadOnly),
    onLost: (reason) => log.error({ reason }, 'the database cannot be used: requests answer UNAVAILABLE'),
    onBack(milliseconds) {
      for (const pool of pools) pool.renew();
      log.info({ ms: milliseconds }, 'the database can be used again');
    },
  });
  for (const pool of pools) pool.onTrouble(watch.suspect);
  return watch;
}
