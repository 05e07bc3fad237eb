/** In what a figure is measured; a share is from 0 to 1. */
export type Unit = 'share' | 'bytes' | 'seconds' | 'count';

type Definition = {
  unit: Unit;
  what: string;
  /** The figure alerts above this value, or below it. */
  above?: number;
  below?: number;
};

/**
 * Everything that is measured. A new figure is a line here and a value in process.ts or
 * database.ts.
 */
export const figures = {
  cpu_5s: { unit: 'share', what: 'Use of all cores of the machine in the last 5 seconds.' },
  cpu_60s: { unit: 'share', what: 'Use of all cores of the machine in the last 60 seconds.', above: 0.9 },
  memory: {
    unit: 'share',
    what: 'Memory in use, of the machine or of the limit of the container.',
    above: 0.9,
  },
  process_memory: { unit: 'bytes', what: 'Memory of this server process.' },
  disk: { unit: 'share', what: 'Use of the disk that the server runs on.', above: 0.85 },
  event_loop_delay: {
    unit: 'seconds',
    what: 'Delay of the event loop, 99th percentile of the last 5 seconds.',
    above: 0.2,
  },
  database_connections: {
    unit: 'share',
    what: 'Connections to PostgreSQL, of those that roles without superuser rights can open.',
    above: 0.8,
  },
  cache_hit_ratio: { unit: 'share', what: 'Blocks that PostgreSQL found in its cache.', below: 0.9 },
  dead_rows: { unit: 'share', what: 'Rows of all tables that wait for a vacuum.', above: 0.2 },
  replication_lag: { unit: 'seconds', what: 'Delay of the slowest replica.', above: 30 },
  lock_waits: { unit: 'count', what: 'Sessions of PostgreSQL that wait for a lock.', above: 5 },
  longest_transaction: { unit: 'seconds', what: 'Age of the oldest open transaction.', above: 300 },
  audit_log_size: { unit: 'bytes', what: 'Size of the tables and indexes of the audit log.' },
} as const satisfies Record<string, Definition>;

export type FigureName = keyof typeof figures;
export const figureNames = Object.keys(figures) as FigureName[];
export const definitionOf = (name: FigureName): Definition => figures[name];

/** A figure that could not be measured has no value, and a reason that says what to do. */
export type Measured = { value: number } | { value: null; reason: string };
export type Measurement = Partial<Record<FigureName, Measured>>;

export const isAlerting = (name: FigureName, { value }: Measured): boolean => {
  const { above, below } = definitionOf(name);
  if (value === null) return false;
  return (above !== undefined && value > above) || (below !== undefined && value < below);
};
