import { append } from '../../audit/record/append.ts';
import { type EventFacts, performerOf } from '../../audit/record/body.ts';
import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import type { Context } from '../../context.ts';
import { SealBroken } from '../../crypto/fields/sealed.ts';

type Failure = { origin: unknown };

/**
 * Appends what failed in an operation to the audit log: one event for its denials, one for each sealed value that does not open.
 * Rejects when an event cannot be written.
 */
export async function appendFailures(context: Context, failures: Failure[]): Promise<void> {
  await context.denials.settle();
  const { services, actor, origin } = context;
  const by = { performer: performerOf(actor), origin };
  const events = brokenSeals(failures).map((facts) => ({ ...facts, ...by }));
  await append(services.pool, actor?.companyId ?? PLATFORM_ID, events);
}

function brokenSeals(failures: Failure[]): EventFacts[] {
  return failures.flatMap(({ origin }) => {
    if (!(origin instanceof SealBroken)) return [];
    const { model, field, rowId, reason } = origin;
    return [{ action: 'seal.broken' as const, entityId: rowId, data: { model, field, reason } }];
  });
}
