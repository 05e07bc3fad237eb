import type { Query } from '../sql.ts';

/** This instance no longer leads: another one does, in a later epoch. */
export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost';
}

/** PostgreSQL ends a transaction of work that is silent for longer, with all of its locks. */
const SILENT = '10s';

const LIMIT = `SELECT set_config('idle_in_transaction_session_timeout', $1, true)`;

/** Keeps an instance that is paused from holding the locks of this transaction. */
export async function limitSilence(query: Query): Promise<void> {
  await query(LIMIT, [SILENT]);
}

const EPOCH = 'SELECT epoch FROM leader WHERE name = $1 AND epoch = $2::bigint FOR SHARE';

/**
 * Lets a transaction go on only in this epoch, and keeps the next epoch from beginning until the
 * transaction ends: of two leaders, one writes. A leader's transaction begins with it.
 * @throws {LeadershipLost} once another instance leads
 */
export async function requireEpoch(query: Query, name: string, epoch: string | null): Promise<void> {
  await limitSilence(query);
  const rows = epoch === null ? [] : await query(EPOCH, [name, epoch]);
  if (rows.length === 0) throw new LeadershipLost(`Another instance leads "${name}".`);
}
