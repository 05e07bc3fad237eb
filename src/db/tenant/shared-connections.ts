import type pg from 'pg';
import type { Deadline } from '../../deadline.ts';
import { endsConnection, notIdle } from './connection-state.ts';
import { corkForThisTurn } from './pg-protocol.ts';
import { Displaced, type SentStatements, sentStatements } from './sent-statements.ts';

/** How many statements wait in a row on one connection before another one is used. */
const DEPTH = 16;
/** How long the first of them may take before new ones go elsewhere; milliseconds. */
const STUCK_MS = 3;
/**
 * After this long a statement that others wait behind is moved to another connection; milliseconds.
 */
const HUNG_MS = 100;
/** How many connections statements of one kind may keep that hang. */
const DEDICATED = 2;

/** A statement: its text names its kind, and `submit` sends it. */
export type Statement<T> = {
  text: string;
  deadline: Deadline;
  submit: (client: pg.PoolClient) => Promise<T>;
};
/**
 * Runs one statement on a connection, and fails with what `submit` fails with, or with the
 * deadline's reason.
 */
export type StatementRunner = <T>(statement: Statement<T>) => Promise<T>;
type Connect = () => Promise<pg.PoolClient>;

/** The plain implementation: a connection for each statement, returned to the pool after it. */
export const ownConnections =
  (connect: Connect): StatementRunner =>
  async ({ submit, deadline }) => {
    const client = await connectBefore(deadline, connect);
    const statements = sentStatements(client);
    let failure: Error | undefined;
    const onError = (error: Error) => {
      failure = error; // without a listener a killed backend would end the process
    };
    client.on('error', onError);
    try {
      return await statements.run(() => submit(client), { deadline });
    } catch (error) {
      if (statements.busy || endsConnection(error as pg.DatabaseError)) failure = error as Error;
      throw error;
    } finally {
      client.removeListener('error', onError);
      client.release(failure ?? notIdle(client));
    }
  };

/** Waits for a connection until the deadline; one that comes later goes back to the pool. */
export function connectBefore(deadline: Deadline, connect: Connect): Promise<pg.PoolClient> {
  if (deadline.reason) return Promise.reject(deadline.reason);
  const connecting = connect();
  return deadline.race(connecting).catch((error) => {
    connecting.then(
      (client) => client.release(),
      () => {},
    );
    throw error;
  });
}

/** A statement that waits; its text is its kind. */
type Waiting = { text: string; moved: boolean };
type Shared = {
  client: Promise<pg.PoolClient>;
  /** Undefined until it is connected. */
  statements?: SentStatements;
  waiting: Set<Waiting>;
  /** The kind of statement that hangs here; others go elsewhere. */
  only?: string | undefined;
  /**
   * When a statement last left for PostgreSQL or was answered; Infinity while the first one waits
   * for the turn's end.
   */
  progressAt: number;
  corked: boolean;
  timer?: NodeJS.Timeout | undefined;
  broken?: Error;
  onError: (error: Error) => void;
};

/** `usual` connections are used; up to `most` while those hang. */
export type Room = { usual: number; most: number };

/**
 * Connections that many callers share for single statements: what is sent in one turn of the event
 * loop leaves in one write and comes back in few reads (pipelining, PostgreSQL manual 54.2.4). Each
 * statement has its own Sync and so is a transaction of its own, which neither shares anything with
 * its neighbours nor fails with them. A statement that hangs is cancelled and sent again on a
 * connection that only its kind waits on: others do not wait for a lock that they do not need.
 */
export function sharedConnections(connect: Connect, room: Room): StatementRunner {
  const all = new Set<Shared>();

  function open({ text, moved }: Waiting): Shared {
    const shared: Shared = {
      client: connect(),
      waiting: new Set(),
      only: moved ? text : undefined,
      progressAt: 0,
      corked: false,
      onError: () => {},
    };
    shared.onError = (error) => {
      shared.broken = error; // without a listener a killed backend would end the process
    };
    all.add(shared);
    shared.client.then(
      (client) => {
        shared.statements = sentStatements(client);
        client.on('error', shared.onError);
      },
      () => all.delete(shared),
    );
    return shared;
  }

  return async (statement) => {
    const entry: Waiting = { text: statement.text, moved: false };
    for (;;) {
      const shared = choose(all, room, entry) ?? open(entry);
      enter(all, shared, entry);
      try {
        return await runOn(shared, statement, entry, () => leave(all, shared, entry));
      } catch (error) {
        if (!(error instanceof Displaced)) throw error;
      }
    }
  };
}

async function runOn<T>(
  shared: Shared,
  { deadline, submit }: Statement<T>,
  tag: Waiting,
  onAnswered: () => void,
): Promise<T> {
  const client = await connected(shared, deadline, onAnswered);
  corkForThisTurn(client);
  const send = () =>
    submit(client).catch((error) => {
      if (endsConnection(error as pg.DatabaseError)) shared.broken = error as Error;
      throw error;
    });
  return (shared.statements as SentStatements).run(send, { tag, deadline, onAnswered });
}

async function connected(shared: Shared, deadline: Deadline, onFailed: () => void): Promise<pg.PoolClient> {
  try {
    const client = await deadline.race(shared.client);
    if (!deadline.reason) return client;
    throw deadline.reason;
  } catch (error) {
    onFailed();
    throw error;
  }
}

const isStuck = (shared: Shared, now: number, ms: number): boolean =>
  shared.waiting.size > 0 && now - shared.progressAt >= ms;

/**
 * Returns one that is corked in this turn, else the one with the fewest waiting; undefined where a
 * new one is to be opened. A statement of a kind that hangs goes where its kind does.
 */
function choose(all: Set<Shared>, { usual, most }: Room, { text, moved }: Waiting): Shared | undefined {
  const now = performance.now();
  const own: Shared[] = [];
  const others: Shared[] = [];
  let hung = 0;
  for (const shared of all) {
    if (shared.only === text) own.push(shared);
    else if (shared.only === undefined) others.push(shared);
    if (isStuck(shared, now, HUNG_MS)) hung += 1;
  }
  if (own.length > 0) return own.length >= DEDICATED || all.size >= usual ? least(own) : undefined;
  if (moved)
    return all.size < most ? undefined : (least([...all].filter(({ only }) => only)) ?? least(others));
  const moving = others.filter((shared) => !isStuck(shared, now, STUCK_MS));
  const free = moving.filter(({ waiting }) => waiting.size < DEPTH);
  const found = free.find(({ corked }) => corked) ?? least(free);
  if (found) return found;
  if (all.size < (hung >= usual ? most : usual)) return undefined;
  return least(moving) ?? least(others) ?? least([...all]);
}

function least(shared: Shared[]): Shared | undefined {
  let found = shared[0];
  for (const one of shared) if (one.waiting.size < (found as Shared).waiting.size) found = one;
  return found;
}

function enter(all: Set<Shared>, shared: Shared, entry: Waiting): void {
  // it leaves when the turn ends: a long turn must not make it look stuck to the statements that
  // would leave with it
  if (shared.waiting.size === 0) shared.progressAt = Number.POSITIVE_INFINITY;
  shared.waiting.add(entry);
  if (shared.waiting.size > 1) shared.timer ??= setTimeout(relieve, HUNG_MS, all, shared);
  if (shared.corked) return;
  shared.corked = true;
  setImmediate(() => {
    shared.corked = false;
    shared.progressAt = Math.min(shared.progressAt, performance.now());
  });
}

/**
 * Where the first statement hangs: moves its kind away from others, or keeps the connection for its
 * kind.
 */
function relieve(all: Set<Shared>, shared: Shared): void {
  shared.timer = undefined;
  const [first, ...behind] = shared.waiting;
  if (!first || behind.length === 0) return;
  shared.timer = setTimeout(relieve, HUNG_MS, all, shared);
  if (shared.only !== undefined || !shared.statements || !isStuck(shared, performance.now(), HUNG_MS)) return;
  const { text } = first;
  const dedicated = [...all].filter(({ only }) => only === text).length;
  if (dedicated < DEDICATED && behind.every((waiting) => waiting.text === text)) {
    shared.only = text;
    return;
  }
  const kin = [first, ...behind].filter((waiting) => waiting.text === text && !waiting.moved);
  for (const waiting of kin) waiting.moved = true;
  shared.statements.displace((tag) => kin.includes(tag as Waiting));
}

function leave(all: Set<Shared>, shared: Shared, entry: Waiting): void {
  shared.waiting.delete(entry);
  shared.progressAt = performance.now();
  if (shared.waiting.size === 0 || shared.broken) giveBack(all, shared);
}

/** Nothing waits on it, or it is broken: the pool keeps or closes it. */
function giveBack(all: Set<Shared>, shared: Shared): void {
  clearTimeout(shared.timer);
  shared.timer = undefined;
  if (!all.delete(shared)) return;
  shared.client.then(
    (client) => {
      const unfit = shared.broken ?? unfinished(shared.statements) ?? notIdle(client);
      if (!unfit) client.removeListener('error', shared.onError);
      client.release(unfit);
    },
    () => {},
  );
}

const unfinished = (statements: SentStatements | undefined): Error | undefined =>
  statements?.busy ? new Error('connection released while a statement runs') : undefined;
