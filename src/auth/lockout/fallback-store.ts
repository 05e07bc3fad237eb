import { redisFallback } from '../../db/connection/redis.ts';
import type { AttemptStore } from './limits.ts';

/**
 * Counts in `first`, and in `second` while the first does not answer. A count in one does not show
 * in the other, so that an outage gives an account its attempts once more, and never without a
 * limit.
 */
export function withFallback(
  first: AttemptStore,
  second: AttemptStore,
  onError: (error: Error) => void,
): AttemptStore {
  const fallback = redisFallback(onError);
  return {
    wait: (...asked) =>
      fallback(
        () => first.wait(...asked),
        () => second.wait(...asked),
      ),
    count: (...asked) =>
      fallback(
        () => first.count(...asked),
        () => second.count(...asked),
      ),
    async clear(...asked) {
      await second.clear(...asked); // what an outage left there
      await first.clear(...asked).catch(onError);
    },
    close: async () => void (await Promise.all([first.close(), second.close()])),
  };
}
