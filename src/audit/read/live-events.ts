import type { Query } from '../../db/sql.ts';
import { withoutDeadline } from '../../deadline.ts';
import { type AuditEvent, eventsBetween, headOf } from './query.ts';

/** Milliseconds between look-ups of a followed company's head. */
const TICK = 150;
/** Events that are read at once, and kept for followers that are a little behind. */
const KEPT = 500;

type Follower = () => void;
type Followed = {
  /** The end of the chain as far as it was read. */
  position: string | undefined;
  /** The end of the chain, and when it was looked up; `performance.now()`. */
  head: string;
  lookedAt: number;
  /** The latest events up to `position`, and the position before the first of them. */
  events: AuditEvent[];
  after: string;
  followers: Set<Follower>;
  timer: NodeJS.Timeout | undefined;
};

/** Reads new events once per tick and company, however many followers there are. */
const followed = new Map<string, Followed>();

/**
 * How far the followed chains are read: events that are appended and not read, and seconds since
 * the last look-up, each of the chain that is furthest behind.
 */
export function streamFigures(): { events: number; seconds: number } {
  const chains = [...followed.values()];
  const events = chains.map(({ head, position }) => Number(BigInt(head) - BigInt(position ?? head)));
  const seconds = chains.map(({ lookedAt }) => (performance.now() - lookedAt) / 1000);
  return { events: Math.max(0, ...events), seconds: Math.max(0, ...seconds) };
}

/**
 * Follows a company's chain as it grows. It polls the database, since NOTIFY takes a lock that
 * serializes commits.
 */
export function followEvents(query: Query, companyId: string) {
  const chain = followed.get(companyId) ?? start(query, companyId);
  const wake: { now: Follower } = { now: () => {} };
  const follower = () => wake.now();
  chain.followers.add(follower);
  const isBeyond = (position: string) =>
    chain.position !== undefined && BigInt(chain.position) > BigInt(position);
  return {
    /**
     * Returns the events after `position` and where they end; null when they are not kept: they
     * have to be replayed.
     */
    since(position: string): { events: AuditEvent[]; end: string } | null {
      if (chain.position === undefined || BigInt(position) < BigInt(chain.after)) return null;
      if (!isBeyond(position)) return { events: [], end: position };
      const events = chain.events.filter((event) => BigInt(event.position) > BigInt(position));
      return { events, end: chain.position };
    },
    /**
     * Resolves when the chain reaches beyond `position`, after `milliseconds`, or when `signal`
     * aborts, whichever is first.
     */
    async beyond(position: string, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
      if (signal?.aborted || isBeyond(position)) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, milliseconds);
        signal?.addEventListener('abort', done, { once: true });
        wake.now = () => isBeyond(position) && done();
        function done() {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        }
      });
      wake.now = () => {};
    },
    [Symbol.dispose]() {
      chain.followers.delete(follower);
      if (chain.followers.size === 0) stop(companyId, chain);
    },
  };
}

function start(query: Query, companyId: string): Followed {
  const chain: Followed = {
    position: undefined,
    head: '0',
    lookedAt: performance.now(),
    events: [],
    after: '0',
    followers: new Set(),
    timer: undefined,
  };
  const tick = async () => {
    // A follower's own query reports an unavailable database; this one is repeated.
    await grow(query, companyId, chain).catch(() => {});
    for (const wake of chain.followers) wake();
    if (followed.get(companyId) === chain) chain.timer = setTimeout(tick, TICK).unref();
  };
  followed.set(companyId, chain);
  withoutDeadline(() => void tick()); // it serves all followers, and outlives this one
  return chain;
}

/** Reads what was appended since the last time; the first time only notes where the chain ends. */
async function grow(query: Query, companyId: string, chain: Followed): Promise<void> {
  const end = await headOf(query, companyId);
  chain.head = end;
  chain.lookedAt = performance.now();
  if (chain.position === undefined) {
    chain.after = end;
    chain.position = end;
  }
  if (BigInt(end) <= BigInt(chain.position)) return;
  const events = await eventsBetween(query, companyId, {}, chain.position, end, KEPT);
  const all = [...chain.events, ...events];
  chain.events = all.slice(-KEPT);
  chain.after = all.at(-KEPT - 1)?.position ?? chain.after;
  chain.position = events.at(-1)?.position ?? chain.position;
}

function stop(companyId: string, chain: Followed): void {
  clearTimeout(chain.timer);
  if (followed.get(companyId) === chain) followed.delete(companyId);
}
