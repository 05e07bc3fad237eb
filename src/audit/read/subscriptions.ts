import { counters } from '../../counters.ts';
import { AppError } from '../../errors.ts';

/** How many subscriptions one process serves for a user, and for a company. */
export type SubscriptionLimits = { perUser: number; perCompany: number };

const open = new Map<string, number>();

/** Seconds after which a refused client may try again. */
const RETRY_AFTER = 30;

/**
 * Counts a subscription until it is disposed. Error: RATE_LIMITED when the user or the company has
 * as many as it may.
 */
export function openSubscription(
  { companyId, userId }: { companyId: string; userId: string },
  { perUser, perCompany }: SubscriptionLimits,
): Disposable {
  const counted: [key: string, most: number][] = [
    [`user ${companyId} ${userId}`, perUser],
    [`company ${companyId}`, perCompany],
  ];
  if (counted.some(([key, most]) => (open.get(key) ?? 0) >= most))
    throw new AppError('RATE_LIMITED', 'Too many subscriptions; close others or retry later.', {
      advice: { retryAfter: RETRY_AFTER },
    });
  for (const [key] of counted) open.set(key, (open.get(key) ?? 0) + 1);
  counters.subscriptions += 1;
  return {
    [Symbol.dispose]() {
      counters.subscriptions -= 1;
      for (const [key] of counted) {
        const left = (open.get(key) ?? 1) - 1;
        if (left > 0) open.set(key, left);
        else open.delete(key);
      }
    },
  };
}
