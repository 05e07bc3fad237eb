import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import { connectRedis, redisFallback } from '../../db/connection/redis.ts';
import { debiting } from './debits.ts';
import { COST, type Counted, type RateLimit, type RateLimiter, REQUESTS_PER } from './limit.ts';

type Make = (name: string, limit: RateLimit) => RateLimiterAbstract;
type OnError = (error: Error) => void;

/** The library's limit of a budget is not used: callers have different ones. */
const BUDGET: RateLimit = { points: 0, per: REQUESTS_PER };

/** Counts in this process. */
export function memoryLimiter(): RateLimiter {
  const make: Make = (keyPrefix, { points, per }) =>
    new RateLimiterMemory({ keyPrefix, points, duration: per });
  return {
    count: counting(make),
    debit: debiting(make(COST, BUDGET), () => {}), // memory does not fail
    close: async () => {},
  };
}

/** Where each limit and the budgets are counted while Redis does not answer. */
type Otherwise = { count: (name: string) => RateLimiter['count']; debit: RateLimiter['debit'] };

/**
 * Counts in Redis, exactly over all instances, and in the stores of `otherwise` while Redis does
 * not answer. @throws {StartupError} when it cannot be reached at start
 */
export async function redisLimiter(
  url: string,
  otherwise: Otherwise,
  onError: OnError,
): Promise<RateLimiter> {
  const storeClient = await connectRedis(url, onError);
  const fallback = redisFallback(onError);
  const common = { storeClient, useRedisPackage: true, rejectIfRedisNotReady: true };
  const make: Make = (name, { points, per }) =>
    new RateLimiterRedis({ ...common, keyPrefix: `bulwark:rate:${name}`, points, duration: per });
  const count = counting(make);
  const debit = debiting(make(COST, BUDGET), onError);
  return {
    count: (name, caller, limit) =>
      fallback(
        () => count(name, caller, limit),
        () => otherwise.count(name)(name, caller, limit),
      ),
    // settled where it was taken
    debit: (caller, budget, points) =>
      fallback(
        () => debit(caller, budget, points),
        () => otherwise.debit(caller, budget, points),
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
