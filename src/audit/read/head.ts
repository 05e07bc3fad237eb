import type { Query } from '../../db/sql.ts';
import { withoutDeadline } from '../../deadline.ts';
import { headOf } from './query.ts';

/** Milliseconds between look-ups of a followed company's head. */
const TICK = 150;

type Follower = () => void;
type Followed = { position: string; followers: Set<Follower>; timer: NodeJS.Timeout | undefined };

/** Makes one look-up per tick and company, independent of the number of subscribers. */
const followed = new Map<string, Followed>();

/**
 * Reports when a company's chain has grown. It polls the database, since NOTIFY takes a lock that
 * serializes commits.
 */
export function followHead(query: Query, companyId: string) {
  const head = followed.get(companyId) ?? start(query, companyId);
  const wake: { now: Follower } = { now: () => {} };
  const follower = () => wake.now();
  head.followers.add(follower);
  return {
    /** Resolves when the chain reaches beyond `position`, after `milliseconds`, or when `signal` aborts, whichever is first. */
    async beyond(position: string, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
      if (signal?.aborted || BigInt(head.position) > BigInt(position)) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, milliseconds);
        signal?.addEventListener('abort', done, { once: true });
        wake.now = () => BigInt(head.position) > BigInt(position) && done();
        function done() {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        }
      });
      wake.now = () => {};
    },
    [Symbol.dispose]() {
      head.followers.delete(follower);
      if (head.followers.size === 0) stop(companyId, head);
    },
  };
}

function start(query: Query, companyId: string): Followed {
  const head: Followed = { position: '0', followers: new Set(), timer: undefined };
  const tick = async () => {
    // The reader's own query reports an unavailable database; this one is repeated.
    head.position = await headOf(query, companyId).catch(() => head.position);
    for (const wake of head.followers) wake();
    if (followed.get(companyId) === head) head.timer = setTimeout(tick, TICK).unref();
  };
  followed.set(companyId, head);
  withoutDeadline(() => void tick()); // it serves all subscribers, and outlives this one
  return head;
}

function stop(companyId: string, head: Followed): void {
  clearTimeout(head.timer);
  if (followed.get(companyId) === head) followed.delete(companyId);
}
