import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import { connectRedis, redisFallback } from '../../db/connection/redis.ts';
import type { Counted, RateLimit, RateLimiter } from './limit.ts';

type Make = (name: string, limit: RateLimit) => RateLimiterAbstract;

/** Counts in this process. */
export const memoryLimiter = (): RateLimiter => ({
  count: counting(
    (keyPrefix, { points, per }) => new RateLimiterMemory({ keyPrefix, points, duration: per }),
  ),
  close: async () => {},
});

/**
 * Counts in Redis, exactly over all instances, and in the store that `otherwise` gives for a limit
 * while Redis does not answer. @throws {StartupError} when it cannot be reached at start
 */
export async function redisLimiter(
  url: string,
  otherwise: (name: string) => RateLimiter,
  onError: (error: Error) => void,
): Promise<RateLimiter> {
  const storeClient = await connectRedis(url, onError);
  const fallback = redisFallback(onError);
  const common = { storeClient, useRedisPackage: true, rejectIfRedisNotReady: true };
  const count = counting(
    (name, { points, per }) =>
      new RateLimiterRedis({ ...common, keyPrefix: `bulwark:rate:${name}`, points, duration: per }),
  );
  return {
    count: (name, caller, limit) =>
      fallback(
        () => count(name, caller, limit),
        () => otherwise(name).count(name, caller, limit),
      ),
    close: async () => storeClient.destroy(), // a Redis that does not answer would delay it
  };
}

/** The library has an object for each limit, and rejects with its result beyond the limit. */
function counting(make: Make): RateLimiter['count'] {
  const made = new Map<string, RateLimiterAbstract>();
  return async (name, caller, limit) => {
    const limiter = made.get(name) ?? make(name, limit);
    made.set(name, limiter);
    try {
      return countedOf(await limiter.consume(caller), true);
    } catch (result) {
      if (!(result instanceof RateLimiterRes)) throw result;
      return countedOf(result, false);
    }
  };
}

const countedOf = ({ remainingPoints, msBeforeNext }: RateLimiterRes, accepted: boolean): Counted => ({
  accepted,
  remaining: remainingPoints,
  resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
});
