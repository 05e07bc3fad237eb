import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { AppError } from '../../errors.ts';

/** Half of the cores: reads and PostgreSQL keep the other half while a flood of sign-ins is worked off. */
const CONCURRENT = Math.max(1, Math.floor(availableParallelism() / 2));
/** At 25 ms a hash some five seconds of waiting, half of what a request may take. */
const MOST_WAITING = 200 * CONCURRENT;
const RETRY_AFTER_SECONDS = 5;

export type HashQueue = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A queue for password hashing, which is expensive on purpose: `concurrent` at a time, at most `mostWaiting` in line. Work beyond
 * that is refused at once, whoever it is for. Error: UNAVAILABLE with `retryAfter`.
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
