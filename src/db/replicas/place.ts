import type { Query } from '../sql.ts';
import { changedSettings } from '../startup/settings.ts';

/** Where a connection leads, and how far that PostgreSQL is in its write-ahead log, in bytes. */
export type Place = {
  cluster: string;
  database: string;
  role: string;
  standby: boolean;
  position: number;
  /** Settings that change what statements mean. */
  changed: string[];
};

const PLACE = `SELECT (SELECT system_identifier::text FROM pg_control_system()) AS cluster, current_database() AS database,
  current_user AS role, pg_is_in_recovery() AS standby,
  pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, '0/0')::float8 AS position`;

/** The setting of a primary that a standby does not need. */
const OF_PRIMARIES = 'default_transaction_read_only';

export async function placeOf(query: Query): Promise<Place> {
  const [[place], changed] = await Promise.all([
    query<Omit<Place, 'changed'>>(PLACE),
    changedSettings(query),
  ]);
  const names = changed.map(({ name }) => name).filter((name) => name !== OF_PRIMARIES);
  return { ...(place as Omit<Place, 'changed'>), changed: names };
}

/** Returns why an address must not be given as a replica of this primary; null when it may be. */
export function misplaced(primary: Place, replica: Place): string | null {
  if (replica.cluster !== primary.cluster) return 'is another PostgreSQL system than the primary';
  if (replica.database !== primary.database)
    return `leads to the database "${replica.database}" and DATABASE_URL to "${primary.database}"`;
  if (replica.role !== primary.role)
    return `has the role "${replica.role}" and DATABASE_URL "${primary.role}"`;
  if (replica.changed.length > 0) return `sets ${replica.changed.join(' and ')}`;
  return null;
}

/** Returns why a replica must not be used now; null when it may be. */
export function unfit(primary: Place, replica: Place): string | null {
  const wrong = misplaced(primary, replica);
  if (wrong) return `it ${wrong}`;
  if (!replica.standby) return 'it is no standby: it was promoted, or is the primary';
  if (replica.position > primary.position) return 'it has replayed what the primary does not have';
  return null;
}
