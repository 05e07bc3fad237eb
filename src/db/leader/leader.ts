import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** An election in which at most one instance leads, as long as its session of PostgreSQL lives. */
export type Election = {
  /** The epoch in which this instance leads; null while it does not. */
  epoch: () => string | null;
  /** Gives the lead up at once, and closes the connection. */
  stop: () => Promise<void>;
};

export type ElectionOptions = {
  /** Leads to PostgreSQL itself: the lock lasts as long as its session. */
  connectionString: string;
  /** A row of the table `leader`. */
  name: string;
  /** Hears of the epoch when this instance begins to lead, and of null once it no longer does. */
  onChange: (epoch: string | null) => void;
  onError: (error: Error) => void;
  /**
   * How long a leader may be silent until PostgreSQL ends its session, and with it its lead;
   * milliseconds.
   */
  leaseMs?: number;
};

const LEASE_MS = 15_000;

const LOCK = `SELECT pg_try_advisory_lock(hashtextextended('leader ' || $1, 0)) AS mine`;
const NEXT_EPOCH = 'UPDATE leader SET epoch = epoch + 1, since = now() WHERE name = $1 RETURNING epoch';

/**
 * Stands for election on a connection of its own, and again whenever the connection is lost. A
 * leader that is paused, or whose network is gone, is silent: PostgreSQL ends its session after the
 * lease, and another instance leads in a later epoch. What the earlier one then writes fails
 * (`requireEpoch`).
 */
export function standForElection(options: ElectionOptions): Election {
  const { onChange, onError, leaseMs = LEASE_MS } = options;
  const stopped = new AbortController();
  let epoch: string | null = null;
  const lead = (next: string | null) => {
    if (next === epoch || (next !== null && stopped.signal.aborted)) return;
    epoch = next;
    onChange(epoch);
  };
  const pause = () => sleep(leaseMs / 3, undefined, { signal: stopped.signal, ref: false }).catch(() => {});
  const run = async () => {
    while (!stopped.signal.aborted) {
      await withSession(options, leaseMs, async (db) => {
        db.on('error', () => lead(null));
        for (; !stopped.signal.aborted; await pause())
          if (epoch === null) lead(await elected(db, options.name));
          else await db.query('SELECT 1');
      }).catch(onError);
      lead(null);
      await pause();
    }
  };
  const running = run();
  return {
    epoch: () => epoch,
    stop: async () => {
      stopped.abort();
      lead(null);
      await running;
    },
  };
}

/** Returns the epoch in which this session leads; null while another one does. */
async function elected(db: pg.Client, name: string): Promise<string | null> {
  const { rows } = await db.query<{ mine: boolean }>(LOCK, [name]);
  if (!rows[0]?.mine) return null;
  const next = await db.query<{ epoch: string }>(NEXT_EPOCH, [name]);
  return next.rows[0]?.epoch ?? null;
}

async function withSession(
  { connectionString }: ElectionOptions,
  leaseMs: number,
  use: (db: pg.Client) => Promise<void>,
): Promise<void> {
  const db = new pg.Client({ connectionString, query_timeout: leaseMs, connectionTimeoutMillis: leaseMs });
  db.on('error', () => {}); // the same failure that the next query rejects with
  try {
    await db.connect();
    await db.query(`SET idle_session_timeout = ${Math.ceil(leaseMs)}`);
    await use(db);
  } finally {
    await db.end().catch(() => {});
  }
}
