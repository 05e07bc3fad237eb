/** So many points in a window of so many seconds. */
export type RateLimit = { points: number; per: number };

/** `remaining`: points that are left in this window, which ends in `resetSeconds`. */
export type Counted = { accepted: boolean; remaining: number; resetSeconds: number };

/** Counts what a caller does against a limit, by the limit's name. */
export type RateLimiter = {
  count(name: string, caller: string, limit: RateLimit): Promise<Counted>;
  close(): Promise<void>;
};

/** The name of the limit that every request counts against. */
export const REQUESTS = 'requests';
/** Seconds of its window. */
export const REQUESTS_PER = 60;
/** Requests a minute for which the limits of operations are written. */
export const USUAL_REQUESTS = 100;
