import { StartupError } from '../../config/startup-error.ts';

const RECONNECT_MS = 2_000;
/** Without an answer for so many turns of so many milliseconds, the other store is asked. */
const TURNS = 5;
const TURN_MS = 100;
/** How long Redis is left alone after it failed. */
const PAUSE_MS = 1_000;

/**
 * Connects to Redis. A lost connection is retried, and what is asked meanwhile fails at once.
 * @throws {StartupError} when it cannot be reached at start
 */
export async function connectRedis(url: string, onError: (error: Error) => void) {
  const { createClient } = await import('redis'); // loaded only with REDIS_URL
  let there = false;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    // an unreachable Redis prevents the start; a lost connection is retried
    socket: { reconnectStrategy: (tries) => there && Math.min(tries * 100, RECONNECT_MS) },
  });
  client.on('error', (error) => there && onError(error));
  await client.connect().catch((error: Error & { code?: string }) => {
    const { host } = new URL(url); // without user and password
    throw new StartupError(
      `REDIS_URL: no Redis at ${host} accepts the connection (${error.code ?? error.message}); start it, correct the URL, or unset it to count attempts in PostgreSQL.`,
      { cause: error },
    );
  });
  there = true;
  return client;
}

/** Runs the first, or the second where the first fails. */
export type Fallback = <T>(first: () => Promise<T>, second: () => Promise<T>) => Promise<T>;

/**
 * Returns a fallback for a Redis that does not answer: within half a second, and for a second at
 * once, the second is run.
 */
export function redisFallback(onError: (error: Error) => void): Fallback {
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (first, second) => {
    if (performance.now() - failedAt < PAUSE_MS) return second();
    try {
      return await answered(first());
    } catch (error) {
      failedAt = performance.now();
      onError(error as Error);
      return second();
    }
  };
}

/**
 * Resolves to the answer, or rejects without one in time. The time is counted in turns of the event
 * loop, and each turn reads what has arrived: a process that is late by itself blames no Redis.
 */
async function answered<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const wait = (turns: number) => {
      if (turns === 0) setImmediate(() => reject(new Error('Redis does not answer')));
      else timer = setTimeout(() => wait(turns - 1), TURN_MS);
    };
    wait(TURNS);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
