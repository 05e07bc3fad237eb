import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { AppError } from '../../errors.ts';

/** Half of the cores, so that reads and PostgreSQL keep the other half during a flood of sign-ins. */
const CONCURRENT = Math.max(1, Math.floor(availableParallelism() / 2));
/** About five seconds of waiting at 25 ms for each hash, half of a request's deadline. */
const MOST_WAITING = 200 * CONCURRENT;
const RETRY_AFTER_SECONDS = 5;

export type HashQueue = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Returns a queue for password hashing, which is expensive by design: `concurrent` in parallel, at most
 * `mostWaiting` queued. Further work is rejected at once. Error: UNAVAILABLE with `retryAfter`.
 */
export function hashQueue(concurrent = CONCURRENT, mostWaiting = MOST_WAITING): HashQueue {
  const limit = pLimit(concurrent);
  return async (work) => {
    if (limit.pendingCount >= mostWaiting) throw overloaded();
    return limit(work);
  };
}

const overloaded = (): AppError =>
  new AppError('UNAVAILABLE', 'Too many password checks in progress; retry in a few seconds.', {
    advice: { retryAfter: RETRY_AFTER_SECONDS },
  });
