import type pg from 'pg';
import { endsConnection, notIdle } from './connection-state.ts';
import { corkForThisTurn } from './pg-protocol.ts';

/** How many statements wait in a row on one connection before another one is used. */
const DEPTH = 16;
/** How long the first of them may take before new ones go elsewhere; milliseconds. */
const STUCK_MS = 3;

/** Runs one statement on a connection, and fails with what `submit` fails with. */
export type StatementRunner = <T>(submit: (client: pg.PoolClient) => Promise<T>) => Promise<T>;
type Connect = () => Promise<pg.PoolClient>;

/** The plain implementation: a connection for each statement, returned to the pool after it. */
export const ownConnections =
  (connect: Connect): StatementRunner =>
  async (submit) => {
    const client = await connect();
    let failure: Error | undefined;
    const onError = (error: Error) => {
      failure = error; // without a listener a killed backend would end the process
    };
    client.on('error', onError);
    try {
      return await submit(client);
    } catch (error) {
      if (endsConnection(error as pg.DatabaseError)) failure = error as Error;
      throw error;
    } finally {
      client.removeListener('error', onError);
      client.release(failure ?? notIdle(client));
    }
  };

type Shared = {
  client: Promise<pg.PoolClient>;
  waiting: number;
  /** When a statement last began or ended on it. */
  progressAt: number;
  corked: boolean;
  broken?: Error;
  onError: (error: Error) => void;
};

/**
 * Connections that many callers share for single statements: what is sent in one turn of the event loop leaves in one write and
 * comes back in few reads (pipelining, PostgreSQL manual 54.2.4). Each statement has its own Sync and so is a transaction of its
 * own, which neither shares anything with its neighbours nor fails with them.
 */
export function sharedConnections(connect: Connect, most: number): StatementRunner {
  const all = new Set<Shared>();

  function open(): Shared {
    const shared: Shared = { client: connect(), waiting: 0, progressAt: 0, corked: false, onError: () => {} };
    shared.onError = (error) => {
      shared.broken = error; // without a listener a killed backend would end the process
    };
    all.add(shared);
    shared.client.then(
      (client) => client.on('error', shared.onError),
      () => all.delete(shared),
    );
    return shared;
  }

  /** One that is corked in this turn, else the one with the fewest waiting; a new one when each is full or stuck. */
  function choose(now: number): Shared {
    let least: Shared | undefined;
    let free: Shared | undefined;
    for (const shared of all) {
      if (shared.corked && shared.waiting < DEPTH) return shared;
      if (!least || shared.waiting < least.waiting) least = shared;
      const moving = shared.waiting === 0 || (shared.waiting < DEPTH && now - shared.progressAt < STUCK_MS);
      if (moving && (!free || shared.waiting < free.waiting)) free = shared;
    }
    return free ?? (least && all.size >= most ? least : open());
  }

  return async (submit) => {
    const now = performance.now();
    const shared = choose(now);
    if (shared.waiting === 0) shared.progressAt = now;
    shared.waiting += 1;
    corkedForThisTurn(shared);
    try {
      const client = await shared.client;
      corkForThisTurn(client);
      return await submit(client);
    } catch (error) {
      if (endsConnection(error as pg.DatabaseError)) shared.broken = error as Error;
      throw error;
    } finally {
      shared.waiting -= 1;
      shared.progressAt = performance.now();
      if (shared.waiting === 0 || shared.broken) giveBack(all, shared);
    }
  };
}

function corkedForThisTurn(shared: Shared): void {
  if (shared.corked) return;
  shared.corked = true;
  setImmediate(() => {
    shared.corked = false;
  });
}

/** Nothing waits on it, or it is broken: the pool keeps or closes it. */
function giveBack(all: Set<Shared>, shared: Shared): void {
  if (!all.delete(shared)) return;
  shared.client.then(
    (client) => {
      const unfit = shared.broken ?? notIdle(client);
      if (!unfit) client.removeListener('error', shared.onError);
      client.release(unfit);
    },
    () => {},
  );
}
