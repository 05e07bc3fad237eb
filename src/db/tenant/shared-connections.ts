import type pg from 'pg';
import { gather } from './pg-protocol.ts';

/** How many statements wait in a row on one connection, before another one is used. */
const DEPTH = 16;
/** How long the statement at the head may take before those that come go elsewhere; milliseconds. */
const STUCK_MS = 3;

type Lane = {
  client: Promise<pg.PoolClient>;
  waiting: number;
  /** When it last began or ended a statement. */
  moved: number;
  gathering: boolean;
  broken?: Error;
  onError: (error: Error) => void;
};

/** Runs one statement on a shared connection, and fails with what `submit` fails with. */
export type Lanes = <T>(submit: (client: pg.PoolClient) => Promise<T>) => Promise<T>;

/**
 * Connections that many callers share for single statements. What is asked in one turn of the event loop leaves in one write and comes
 * back in few reads (the protocol's pipelining, PostgreSQL manual 54.2.4): a system call and a wake-up cost more than a short statement.
 * Each statement has its own Sync and so is a transaction of its own, which neither shares anything with its neighbours nor fails with them.
 */
export function openLanes(connect: () => Promise<pg.PoolClient>, most: number): Lanes {
  const lanes = new Set<Lane>();

  function open(): Lane {
    const lane: Lane = { client: connect(), waiting: 0, moved: 0, gathering: false, onError: () => {} };
    lane.onError = (error) => {
      lane.broken = error; // without a listener a killed backend would end the process
    };
    lanes.add(lane);
    lane.client.then(
      (client) => client.on('error', lane.onError),
      () => lanes.delete(lane),
    );
    return lane;
  }

  /** One that is gathering for this turn, else the one that has least to do; a new one when each is full or its head is slow. */
  function choose(now: number): Lane {
    let least: Lane | undefined;
    let free: Lane | undefined;
    for (const lane of lanes) {
      if (lane.gathering && lane.waiting < DEPTH) return lane;
      if (!least || lane.waiting < least.waiting) least = lane;
      const moving = lane.waiting === 0 || (lane.waiting < DEPTH && now - lane.moved < STUCK_MS);
      if (moving && (!free || lane.waiting < free.waiting)) free = lane;
    }
    return free ?? (least && lanes.size >= most ? least : open());
  }

  async function use<T>(submit: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const now = performance.now();
    const lane = choose(now);
    if (lane.waiting === 0) lane.moved = now;
    lane.waiting += 1;
    gathers(lane);
    try {
      const client = await lane.client;
      gather(client);
      return await submit(client);
    } catch (error) {
      if (endsLine(error as pg.DatabaseError)) lane.broken = error as Error;
      throw error;
    } finally {
      lane.waiting -= 1;
      lane.moved = performance.now();
      if (lane.waiting === 0 || lane.broken) giveBack(lane);
    }
  }

  /** For this turn of the event loop. */
  function gathers(lane: Lane): void {
    if (lane.gathering) return;
    lane.gathering = true;
    setImmediate(() => {
      lane.gathering = false;
    });
  }

  /** Nobody waits on it any more, or it is no use: the pool has it back, to keep or to close. */
  function giveBack(lane: Lane): void {
    if (!lanes.delete(lane)) return;
    lane.client.then(
      (client) => {
        const unfit = lane.broken ?? notIdle(client);
        if (!unfit) client.removeListener('error', lane.onError);
        client.release(unfit);
      },
      () => {},
    );
  }

  return use;
}

/** Not PostgreSQL's answer, or its last one: a backend that is stopped says so (SQLSTATE 57P0x) before the socket closes. */
export const endsLine = ({ severity, code }: pg.DatabaseError): boolean =>
  !severity || (code?.startsWith('57P') ?? false);

/** A connection that is still inside a transaction is never handed back: it is closed. */
export function notIdle(client: pg.PoolClient): Error | undefined {
  const status = (client as unknown as { getTransactionStatus?(): string | null }).getTransactionStatus?.();
  return status && status !== 'I' ? new Error('connection given back inside a transaction') : undefined;
}
