import type { Query } from '../db/sql.ts';
import type { Measured, Measurement } from './figures.ts';

type Row = {
  role: string;
  seesOthers: boolean;
  connections: number;
  limit: number;
  cacheHitRatio: number | null;
  deadRows: number | null;
  replicas: number;
  replicationLag: number | null;
  lockWaits: number;
  longestTransaction: number | null;
  auditLogSize: number;
};

/**
 * Views of statistics show rows of other roles' sessions with empty columns, unless the role is a
 * member of pg_read_all_stats (PostgreSQL manual, 28.2 and 22.5).
 */
const FIGURES = `SELECT current_user::text AS role,
  pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS "seesOthers",
  (SELECT sum(numbackends)::float8 FROM pg_stat_database) AS connections,
  current_setting('max_connections')::float8 - current_setting('superuser_reserved_connections')::float8 AS "limit",
  (SELECT blks_hit / nullif(blks_hit + blks_read, 0)::float8 FROM pg_stat_database
   WHERE datname = current_database()) AS "cacheHitRatio",
  (SELECT sum(n_dead_tup) / nullif(sum(n_live_tup + n_dead_tup), 0)::float8 FROM pg_stat_user_tables) AS "deadRows",
  (SELECT count(*)::int FROM pg_stat_replication) AS replicas,
  (SELECT max(extract(epoch FROM replay_lag))::float8 FROM pg_stat_replication) AS "replicationLag",
  (SELECT count(DISTINCT pid)::int FROM pg_locks WHERE NOT granted) AS "lockWaits",
  (SELECT extract(epoch FROM clock_timestamp() - min(xact_start))::float8 FROM pg_stat_activity
   WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS "longestTransaction",
  (SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::float8 FROM pg_class
   WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname LIKE 'audit\\_%') AS "auditLogSize"`;

/** Measures PostgreSQL. A figure that the role may not see has no value, and a reason. */
export async function databaseFigures(query: Query): Promise<Measurement> {
  const [row] = await query<Row>(FIGURES);
  const found = row as Row;
  return {
    database_connections: { value: found.connections / found.limit },
    cache_hit_ratio: orNone(found.cacheHitRatio, 'No block has been read yet.'),
    dead_rows: orNone(found.deadRows, 'The tables have no statistics yet; autovacuum makes them.'),
    replication_lag: replicationLag(found),
    lock_waits: { value: found.lockWaits },
    // its own transaction is left out, so that none is open where there is no other
    longest_transaction: ofOthers(found, { value: found.longestTransaction ?? 0 }),
    audit_log_size: { value: found.auditLogSize },
  };
}

const orNone = (value: number | null, reason: string): Measured =>
  value === null ? { value, reason } : { value };

/** PostgreSQL reports no lag of a replica that has replayed all. */
const replicationLag = (row: Row): Measured =>
  row.replicas === 0
    ? { value: null, reason: 'No replica is connected.' }
    : ofOthers(row, { value: row.replicationLag ?? 0 });

const ofOthers = ({ role, seesOthers }: Row, measured: Measured): Measured =>
  seesOthers
    ? measured
    : {
        value: null,
        reason: `The server's role does not see other roles' sessions: GRANT pg_read_all_stats TO ${role};`,
      };
