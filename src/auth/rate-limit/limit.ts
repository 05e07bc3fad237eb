/** So many points in a window of so many seconds. */
export type RateLimit = { points: number; per: number };

/** `remaining`: points that are left in this window, which ends in `resetSeconds`. */
export type Counted = { accepted: boolean; remaining: number; resetSeconds: number };

/** Points that are taken from a budget; none where it is not `accepted`. */
export type Debit = Counted & {
  /** Corrects the debit to so many points, which changes `remaining`. Called once. */
  settle(points: number): void;
};

/** Counts what a caller does against a limit, by the limit's name. */
export type RateLimiter = {
  count(name: string, caller: string, limit: RateLimit): Promise<Counted>;
  /** Takes points from a caller's budget, where as many are left. */
  debit(caller: string, budget: RateLimit, points: number): Promise<Debit>;
  close(): Promise<void>;
};

/** The name of the limit that every request counts against. */
export const REQUESTS = 'requests';
/** The name of the budget that the cost of operations is debited from. */
export const COST = 'cost';
/** Seconds of the windows of both. */
export const REQUESTS_PER = 60;
/** Requests a minute for which the limits of operations are written. */
export const USUAL_REQUESTS = 100;
