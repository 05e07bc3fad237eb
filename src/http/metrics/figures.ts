import { streamFigures } from '../../audit/read/live-events.ts';
import { hashFigures } from '../../auth/password/hash.ts';
import { counters } from '../../counters.ts';
import { openings } from '../../crypto/fields/sealed.ts';
import type { ReplicaFigures } from '../../db/replicas/replicas.ts';
import { jobFigures } from '../../jobs/administration/job-figures.ts';
import type { Services } from '../../services.ts';
import type { Uses } from '../../shortcuts.ts';

export type Sample = { labels: Record<string, string>; value: number };

/** A metric that is read when it is asked for. */
export type Figure = {
  name: string;
  help: string;
  kind: 'counter' | 'gauge';
  labels: readonly string[];
  read: (services: Services) => Sample[] | Promise<Sample[]>;
};

const one = (value: number): Sample[] => [{ labels: {}, value }];
const by = (label: string, values: Record<string, number>): Sample[] =>
  Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));

const fallbacks = (uses: Uses): Sample[] =>
  Object.entries(uses).flatMap(([shortcut, use]) =>
    Object.entries(use.fallbacks).map(([reason, value]) => ({ labels: { shortcut, reason }, value })),
  );

type PoolFigures = ReturnType<Services['pool']['figures']>;
const ofPools = ({ pools }: Services, read: (figures: PoolFigures, pool: string) => Sample[]): Sample[] =>
  Object.entries(pools).flatMap(([name, pool]) => read(pool.figures(), name));

/** A replica whose lag is unknown has no value. */
const ofReplicas = ({ replicas }: Services, read: (figures: ReplicaFigures) => number | null): Sample[] =>
  (replicas?.figures() ?? []).map((figures) => ({
    labels: { replica: figures.name },
    value: read(figures) ?? Number.NaN,
  }));

/**
 * All metrics of this process beside those of requests and of Node. Labels are from closed lists.
 */
export const figures: readonly Figure[] = [
  {
    name: 'bulwark_shortcut_answers_total',
    help: 'Operations that a performance shortcut answered.',
    kind: 'counter',
    labels: ['shortcut'],
    read: ({ uses }) =>
      Object.entries(uses).map(([shortcut, { used }]) => ({ labels: { shortcut }, value: used })),
  },
  {
    name: 'bulwark_shortcut_fallbacks_total',
    help: 'Operations that a performance shortcut left to its plain implementation, by reason.',
    kind: 'counter',
    labels: ['shortcut', 'reason'],
    read: ({ uses }) => fallbacks(uses),
  },
  {
    name: 'bulwark_authorization_decisions_total',
    help: 'Evaluated rules of types, fields and use cases.',
    kind: 'counter',
    labels: ['decision'],
    read: () => by('decision', counters.decisions),
  },
  {
    name: 'bulwark_decryptions_total',
    help: 'Encrypted values that were decrypted, and that did not open.',
    kind: 'counter',
    labels: ['outcome'],
    read: () => by('outcome', { opened: openings.count - openings.failed, failed: openings.failed }),
  },
  {
    name: 'bulwark_audit_events_total',
    help: 'Audit events of no row, such as sign-ins and denials, by severity.',
    kind: 'counter',
    labels: ['severity'],
    read: () => by('severity', counters.auditEvents),
  },
  {
    name: 'bulwark_audit_declarations_total',
    help: 'Transactions that declared the audit events of the rows they changed.',
    kind: 'counter',
    labels: [],
    read: () => one(counters.auditDeclarations),
  },
  {
    name: 'bulwark_limits_total',
    help: 'Requests of a caller, limited operations, and operations by their estimated cost and the budget for it.',
    kind: 'counter',
    labels: ['limit', 'outcome'],
    read: () =>
      Object.entries(counters.limits).flatMap(([limit, outcomes]) =>
        by('outcome', outcomes).map(({ labels, value }) => ({ labels: { limit, ...labels }, value })),
      ),
  },
  {
    name: 'bulwark_limits_cost_total',
    help: 'Cost of answered operations, as debited from budgets.',
    kind: 'counter',
    labels: [],
    read: () => one(counters.cost),
  },
  {
    name: 'bulwark_subscriptions',
    help: 'Open subscriptions.',
    kind: 'gauge',
    labels: [],
    read: () => one(counters.subscriptions),
  },
  {
    name: 'bulwark_audit_stream_unread_events',
    help: 'Events that a followed company’s audit log has and that are not read for its subscribers, of the furthest behind.',
    kind: 'gauge',
    labels: [],
    read: () => one(streamFigures().events),
  },
  {
    name: 'bulwark_audit_stream_age_seconds',
    help: 'Time since a followed company’s audit log was looked up, of the furthest behind; 0 without subscribers.',
    kind: 'gauge',
    labels: [],
    read: () => one(streamFigures().seconds),
  },
  {
    name: 'bulwark_jobs',
    help: 'Jobs of all instances by queue and state; no sample while the database does not answer.',
    kind: 'gauge',
    labels: ['queue', 'state'],
    read: async (services) =>
      (await jobFigures(services)).flatMap(({ queue, waiting, running, failed }) =>
        by('state', { waiting, running, failed }).map(({ labels, value }) => ({
          labels: { queue, ...labels },
          value,
        })),
      ),
  },
  {
    name: 'bulwark_jobs_oldest_seconds',
    help: 'How long the first due job of a queue has waited; 0 where none does.',
    kind: 'gauge',
    labels: ['queue'],
    read: async (services) =>
      (await jobFigures(services)).map(({ queue, oldestSeconds }) => ({
        labels: { queue },
        value: oldestSeconds,
      })),
  },
  {
    name: 'bulwark_spans_total',
    help: 'Spans that the collector of traces took, and that it did not.',
    kind: 'counter',
    labels: ['outcome'],
    read: () => by('outcome', counters.spans),
  },
  {
    name: 'bulwark_pool_connections',
    help: 'Database connections of this process by pool and state.',
    kind: 'gauge',
    labels: ['pool', 'state'],
    read: (services) =>
      ofPools(services, ({ busy, idle }, pool) =>
        by('state', { busy, idle }).map(({ labels, value }) => ({ labels: { pool, ...labels }, value })),
      ),
  },
  {
    name: 'bulwark_pool_connections_limit',
    help: 'Database connections that a pool opens at most.',
    kind: 'gauge',
    labels: ['pool'],
    read: (services) => ofPools(services, ({ limit }, pool) => [{ labels: { pool }, value: limit }]),
  },
  {
    name: 'bulwark_pool_waiting',
    help: 'Statements and transactions that wait for a database connection.',
    kind: 'gauge',
    labels: ['pool'],
    read: (services) => ofPools(services, ({ waiting }, pool) => [{ labels: { pool }, value: waiting }]),
  },
  {
    name: 'bulwark_password_hashes',
    help: 'Password checks that run, and that wait for their turn.',
    kind: 'gauge',
    labels: ['state'],
    read: () => by('state', hashFigures()),
  },
  {
    name: 'bulwark_database_lost',
    help: '1 while the database cannot be used, else 0.',
    kind: 'gauge',
    labels: [],
    read: ({ watchDatabase }) => one(watchDatabase.isLost() ? 1 : 0),
  },
  {
    name: 'bulwark_replica_used',
    help: '1 while queries read from this replica, 0 while it is left out.',
    kind: 'gauge',
    labels: ['replica'],
    read: (services) => ofReplicas(services, ({ leftOut }) => (leftOut === null ? 1 : 0)),
  },
  {
    name: 'bulwark_replica_lag_bytes',
    help: 'Bytes of the write-ahead log that this replica has not replayed.',
    kind: 'gauge',
    labels: ['replica'],
    read: (services) => ofReplicas(services, ({ lagBytes }) => lagBytes),
  },
  {
    name: 'bulwark_replica_lag_seconds',
    help: 'Seconds since the primary was where this replica is now.',
    kind: 'gauge',
    labels: ['replica'],
    read: (services) => ofReplicas(services, ({ lagSeconds }) => lagSeconds),
  },
  {
    name: 'bulwark_replica_reads_total',
    help: 'Reads that a replica answered, had not replayed the state for, or failed.',
    kind: 'counter',
    labels: ['replica', 'outcome'],
    read: ({ replicas }) =>
      (replicas?.figures() ?? []).flatMap(({ name, reads }) =>
        by('outcome', {
          answered: reads.answered,
          not_replayed: reads.notReplayed,
          failed: reads.failed,
        }).map(({ labels, value }) => ({ labels: { replica: name, ...labels }, value })),
      ),
  },
  {
    name: 'bulwark_clock_off',
    help: '1 while this machine and the database disagree on the time by more than two seconds, else 0.',
    kind: 'gauge',
    labels: [],
    read: ({ clock }) => one(clock.isOff() ? 1 : 0),
  },
];
