import { append } from '../audit/record/append.ts';
import { type Origin, performerOf } from '../audit/record/body.ts';
import type { Action } from '../audit/record/events.ts';
import type { Actor } from '../auth/authorization/actor.ts';
import type { Permission } from '../auth/authorization/permissions.ts';
import { countAttempt, refuseLocked } from '../auth/lockout/attempts.ts';
import { UniqueConflict } from '../db/operations/unique-conflict.ts';
import { withoutDeadline } from '../deadline.ts';
import type { Services } from '../services.ts';

type Operation = {
  actor: Actor;
  origin: Origin;
  event: Action;
  permission: Permission;
  /** Takes a lock on this name until the end of the command's transaction. */
  lock: (name: string) => Promise<void>;
  /** Begins a part of the transaction that can fail by itself. */
  savepoint: () => Promise<unknown>;
};

/**
 * Runs a command's work. Unique keys span the company, so a conflict tells an actor with a narrower
 * access scope that some row has this value. Such conflicts are audited and counted, and the
 * actor's commands of this kind are refused after too many: values cannot be searched for.
 * Errors: RATE_LIMITED, and those of `work`.
 */
export async function limitConflicts<T>(
  services: Services,
  { actor, origin, event, permission, lock, savepoint }: Operation,
  work: () => Promise<T>,
): Promise<T> {
  if (actor.accessScope(permission) === 'company') return work();
  const attempt = { kind: 'uniqueValue', account: actor.userId, ip: null } as const;
  // one at a time: concurrent commands would find more values than the limit admits
  await lock(`unique values ${actor.userId}`);
  await refuseLocked(services, attempt);
  // PostgreSQL gives up a transaction's locks with its first error, but those before a savepoint
  await savepoint();
  return work().catch(async (error) => {
    if (error instanceof UniqueConflict) {
      await countAttempt(services, attempt, false);
      await recordConflict(services, { actor, origin, event }, error);
    }
    throw error;
  });
}

/** Appends the event by itself: the command's transaction is rolled back. */
const recordConflict = (
  { pool }: Services,
  { actor, origin, event }: Pick<Operation, 'actor' | 'origin' | 'event'>,
  { model }: UniqueConflict,
): Promise<void> =>
  withoutDeadline(() =>
    append(pool, actor.companyId, [
      {
        action: 'uniqueValue.refused',
        data: { operation: event, model },
        performer: performerOf(actor),
        origin,
      },
    ]),
  );
