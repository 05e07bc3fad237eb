import type { Query } from '../../db/sql.ts';
import { invalidInput } from '../../errors.ts';
import { followHead } from './head.ts';
import { type AuditEvent, type AuditFilter, eventsBetween, headOf, position } from './query.ts';

/** How many events are read at once; nothing more is ever held for a subscriber. */
const BATCH = 100;
/** How long a permission counts as checked; milliseconds. Half a second later a subscriber without it is gone. */
const TRUST = 400;

export type Subscription = {
  query: Query;
  companyId: string;
  /** Asked again and again whether the subscriber still may; must look it up freshly. */
  authorise: () => Promise<boolean>;
  /** Events after this cursor are replayed first; without it, only those from now on. */
  after?: string | null;
  filter?: AuditFilter;
  signal?: AbortSignal;
};

/**
 * A company's events from a cursor on: replay, then live, in the order of commits, each once. Reads from the database by cursor, only
 * when asked for more, so a slow subscriber costs no memory and loses nothing. Ends when the right is lost or `signal` aborts.
 * Errors: INVALID_INPUT for a cursor that is none, or that the chain hasn't reached.
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
  // Only a database that went back in time hands out such a cursor: going on from it would skip events silently.
  if (cursor !== null && BigInt(cursor) > BigInt(head)) {
    throw invalidInput({ after: 'expected a cursor that the record has reached' });
  }
  return cursor ?? head;
}

/** Asks at most once in TRUST milliseconds; a no is final. */
function rechecked(authorise: () => Promise<boolean>): () => Promise<boolean> {
  let until = 0;
  return async () => {
    if (performance.now() < until) return true;
    until = performance.now() + TRUST;
    return authorise();
  };
}
