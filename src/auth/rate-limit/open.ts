import type { Config } from '../../config.ts';
import type { AttemptStore } from '../lockout/limits.ts';
import { memoryLimiter, redisLimiter } from './library.ts';
import { type RateLimiter, REQUESTS } from './limit.ts';
import { postgresLimiter } from './postgres-limiter.ts';

type Settings = Pick<Config, 'redisUrl'> & { attempts: AttemptStore; onError: (error: Error) => void };

/**
 * Opens the counts of requests and operations: in Redis over all instances, else in this process.
 * While Redis does not answer, operations are counted in PostgreSQL, and requests and their cost in
 * this process, since reads must not wait for a write.
 */
export function openRateLimiter({
  redisUrl,
  attempts,
  onError,
}: Settings): Promise<RateLimiter> | RateLimiter {
  if (!redisUrl) return memoryLimiter();
  const { count, debit } = memoryLimiter();
  const operations = postgresLimiter(attempts);
  const otherwise = { count: (name: string) => (name === REQUESTS ? count : operations), debit };
  return redisLimiter(redisUrl, otherwise, onError);
}
