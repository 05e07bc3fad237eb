import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { databaseNow } from '../../db/clock.ts';
import type { Debit, RateLimiter } from './limit.ts';

/**
 * Debits a budget in one of the library's stores, whose increments are atomic: what is beyond the
 * budget is given back at once. The key names the window, so that what an operation gives back
 * after the end of its window enlarges no other.
 */
export const debiting =
  (store: RateLimiterAbstract, onError: (error: Error) => void): RateLimiter['debit'] =>
  async (caller, { points: budget, per }, points) => {
    const seconds = databaseNow() / 1000;
    const window = Math.floor(seconds / per);
    const key = `${caller} ${window}`;
    const { consumedPoints } = await store.penalty(key, points);
    const accepted = consumedPoints <= budget;
    // the answer does not wait for it; what is not given back stays debited
    const giveBack = (back: number) => void (back === 0 || store.reward(key, back).catch(onError));
    if (!accepted) giveBack(points);
    return {
      accepted,
      remaining: leftOf(budget, accepted ? consumedPoints : consumedPoints - points),
      resetSeconds: Math.max(1, Math.ceil((window + 1) * per - seconds)),
      settle(this: Debit, used) {
        giveBack(points - used);
        this.remaining = leftOf(budget, consumedPoints - points + used);
      },
    };
  };

const leftOf = (budget: number, consumed: number): number => Math.min(budget, Math.max(0, budget - consumed));
