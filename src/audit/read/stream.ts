import type { Query } from '../../db/sql.ts';
import { invalidInput } from '../../errors.ts';
import { followHead } from './head.ts';
import { type AuditEvent, type AuditFilter, eventsBetween, headOf, position } from './query.ts';

/** Events in one read; a subscriber never buffers more. */
const BATCH = 100;
/** Milliseconds until the subscriber's permission is checked again. */
const TRUST = 400;

export type Subscription = {
  query: Query;
  companyId: string;
  /** Returns whether the subscriber still has the permission; called repeatedly, and must not use a cache. */
  authorise: () => Promise<boolean>;
  /** Replays events after this cursor first; without it, only new events are sent. */
  after?: string | null;
  filter?: AuditFilter;
  signal?: AbortSignal;
};

/**
 * Yields a company's events from a cursor on: replay, then live, in commit order, each once. It reads
 * by cursor on demand, so that a slow subscriber uses no memory and loses no event. Ends when the
 * permission is lost or `signal` aborts.
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
  using head = followHead(query, companyId);
  while (!signal?.aborted && (await allowed())) {
    const end = await headOf(query, companyId);
    const events = await eventsBetween(query, companyId, filter, reached, end, BATCH);
    for (const event of events) {
      if (signal?.aborted || !(await allowed())) return;
      yield event;
    }
    reached = events.length === BATCH ? (events.at(-1) as AuditEvent).position : end;
    await head.beyond(reached, TRUST, signal);
  }
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
