import type { Actor } from '../../auth/authorization/actor.ts';
import type { Context } from '../../context.ts';
import { SealBroken } from '../../crypto/fields/sealed.ts';
import type { Services } from '../../services.ts';
import { PLATFORM_ID, record } from './append.ts';
import { anonymous, type EventFacts, type Origin, performerOf, toBody } from './body.ts';

type Failure = { origin: unknown };

/** What went wrong in an operation and must be on the record: one event for its denials, one for each seal that did not open. */
export async function recordFailures(context: Context, failures: Failure[]): Promise<void> {
  await context.denials.settle();
  for (const facts of brokenSeals(failures)) await recordFor(context, facts);
}

/** One event in the actor's company, or in the platform's chain for nobody. */
export async function recordFor({ services, actor, origin }: Asking, facts: EventFacts): Promise<void> {
  const body = toBody(facts, actor ? performerOf(actor) : anonymous, origin);
  await record(services.pool, actor?.companyId ?? PLATFORM_ID, body);
}

type Asking = { services: Services; actor: Actor | null; origin: Origin };

function brokenSeals(failures: Failure[]): EventFacts[] {
  return failures.flatMap(({ origin }) => {
    if (!(origin instanceof SealBroken)) return [];
    const { model, field, rowId, reason } = origin;
    return [{ action: 'seal.broken', entityId: rowId, data: { model, field, reason } }];
  });
}
