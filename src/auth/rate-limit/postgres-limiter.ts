import { contentHash } from '../../crypto/digest.ts';
import { databaseNow } from '../../db/clock.ts';
import { deferredAuthentication } from '../../db/tenant/deferred-authentication.ts';
import type { AttemptStore } from '../lockout/limits.ts';
import type { RateLimiter } from './limit.ts';

/**
 * Counts in PostgreSQL, exactly over all instances, in one round trip. A subject of the attempt
 * store is a caller in one window: it is locked from its last point on.
 */
export const postgresLimiter =
  (attempts: AttemptStore): RateLimiter['count'] =>
  async (name, caller, { points, per }) => {
    await deferredAuthentication()?.verified(); // no statement may go before it
    const seconds = databaseNow() / 1000;
    const window = Math.floor(seconds / per);
    const subject = `${name} ${contentHash(caller).slice(0, 32)} ${window}`;
    const { accepted } = await attempts.count(
      'operation',
      [{ name: subject, allowed: points, clears: false }],
      false,
    );
    return { accepted, remaining: 0, resetSeconds: Math.max(1, Math.ceil((window + 1) * per - seconds)) };
  };
