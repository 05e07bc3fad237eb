import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { processesOfServer } from '../../config.ts';
import { AppError } from '../../errors.ts';

/**
 * Half of the cores, each half of the time: a flood of sign-ins leaves three quarters to others.
 * Workers divide them; less than one core is one for less of the time.
 */
const SHARE = Math.max(1, Math.floor(availableParallelism() / 2)) / processesOfServer();
const CONCURRENT = Math.max(1, Math.floor(SHARE));
const RESTS = (2 * CONCURRENT) / SHARE - 1;
/** About five seconds of waiting at 50 ms for hash and rest, half of a request's deadline. */
const MOST_WAITING = Math.ceil(100 * SHARE);
const RETRY_AFTER_SECONDS = 5;

export type HashQueue = (<T>(work: () => Promise<T>) => Promise<T>) & {
  /** How many are hashed, and how many wait. */
  figures(): { running: number; waiting: number };
};

/**
 * Returns a queue for password hashing, which is expensive by design: `concurrent` in parallel, at
 * most `mostWaiting` queued. A place rests as long as its work took, so that work which is slow
 * because the machine is busy takes less of it. Further work is rejected at once. Error:
 * UNAVAILABLE with `retryAfter`.
 */
export function hashQueue(
  concurrent = CONCURRENT,
  mostWaiting = MOST_WAITING,
  rest = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds * RESTS)),
): HashQueue {
  const limit = pLimit(concurrent);
  const run: <T>(work: () => Promise<T>) => Promise<T> = async (work) => {
    if (limit.pendingCount >= mostWaiting) throw overloaded();
    return new Promise((resolve, reject) => {
      void limit(async () => {
        const began = performance.now();
        await (async () => work())().then(resolve, reject);
        await rest(performance.now() - began);
      });
    });
  };
  const figures = () => ({ running: limit.activeCount, waiting: limit.pendingCount });
  return Object.assign(run, { figures });
}

const overloaded = (): AppError =>
  new AppError('UNAVAILABLE', 'Too many password checks in progress; retry in a few seconds.', {
    advice: { retryAfter: RETRY_AFTER_SECONDS },
  });
