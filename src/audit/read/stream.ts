import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Query } from '../../db/sql.ts';
import { invalidInput } from '../../errors.ts';
import { followEvents } from './live-events.ts';
import { type AuditEvent, type AuditFilter, eventsBetween, headOf, matches, position } from './query.ts';
import { inTurn } from './replay.ts';

/** Events in one read; a subscriber never buffers more. */
const BATCH = 50;
/** Milliseconds until the subscriber's permission is checked again. */
const TRUST = 400;

export type Subscription = {
  query: Query;
  companyId: string;
  /**
   * Returns whether the subscriber still has the permission; called repeatedly, and must not use a
   * cache.
   */
  authorise: () => Promise<boolean>;
  /** Replays events after this cursor first; without it, only new events are sent. */
  after?: string | null;
  filter?: AuditFilter;
  signal?: AbortSignal;
};

/**
 * Yields a company's events from a cursor on: replay, then live, in commit order, each once. It
 * reads by cursor on demand, so that a slow subscriber uses no memory and loses no event. Ends when
 * the permission is lost or `signal` aborts.
 * Error: INVALID_INPUT for a malformed cursor, or one beyond the end of the chain.
 */
export async function* auditStream({
  query,
  companyId,
  authorise,
  after,
  filter = {},
  signal,
}: Subscription): AsyncGenerator<AuditEvent> {
  const allowed = rechecked(authorise);
  if (!(await allowed())) return;
  let reached = await startOf(query, companyId, after);
  using live = followEvents(query, companyId);
  while (!signal?.aborted && (await allowed())) {
    const { events, end } = live.since(reached) ?? (await replay(query, companyId, filter, reached));
    for (const event of events) {
      if (!matches(event, filter)) continue;
      await nextTurn(); // other requests go between two events of a batch
      if (signal?.aborted || !(await allowed())) return;
      yield event;
    }
    reached = end;
    await live.beyond(reached, TRUST, signal);
  }
}

/** Reads the next batch after a position, and says how far it reaches. */
async function replay(query: Query, companyId: string, filter: AuditFilter, after: string) {
  return inTurn(async () => {
    const head = await headOf(query, companyId);
    const events = await eventsBetween(query, companyId, filter, after, head, BATCH);
    return { events, end: events.length === BATCH ? (events.at(-1) as AuditEvent).position : head };
  });
}

async function startOf(query: Query, companyId: string, after: string | null | undefined): Promise<string> {
  const [cursor, head] = [position(after), await headOf(query, companyId)];
  // The database was restored to an earlier state: continuing from this cursor would skip events.
  if (cursor !== null && BigInt(cursor) > BigInt(head)) {
    throw invalidInput({ after: 'expected a cursor within the audit log' });
  }
  return cursor ?? head;
}

/** Checks at most once in TRUST milliseconds; a denial is final. */
function rechecked(authorise: () => Promise<boolean>): () => Promise<boolean> {
  let until = 0;
  return async () => {
    if (performance.now() < until) return true;
    until = performance.now() + TRUST;
    return authorise();
  };
}
