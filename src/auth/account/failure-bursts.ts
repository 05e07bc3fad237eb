import { append } from '../../audit/record/append.ts';
import { anonymous, type EventFacts, type Origin, performerOf } from '../../audit/record/body.ts';
import type { Action } from '../../audit/record/events.ts';
import { queryAs, transactionAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { withoutDeadline } from '../../deadline.ts';
import type { Services } from '../../services.ts';
import type { Actor } from '../authorization/actor.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import type { IdentityWork } from '../identity-command.ts';
import { countAttempt } from '../lockout/attempts.ts';
import { COUNT, DUE, TAKE } from './failure-bursts.sql.ts';

/**
 * Of a company's failures of one kind within `seconds`, the first `single` are events of their own,
 * the others one event.
 */
export const burst = { single: 20, seconds: 5 * 60 };
/**
 * Denials are single events up to a limit of each actor (`limits.denial`), so that no member hides
 * another one's; only others are counted.
 */
const singleOf = (action: Action): number => (action === 'access.denied' ? 0 : burst.single);

type Burst = {
  count: number;
  startedAt: Date;
  lastAt: Date;
  users: Record<string, number>;
  addresses: Record<string, number>;
};

/**
 * Appends a failure that anonymous clients can cause at will, for a user of the company or for
 * none. Beyond `burst.single` it is counted only, and `appendBursts` tells of it.
 */
export async function appendFailure(
  { services, transaction, origin }: IdentityWork,
  companyId: string,
  facts: EventFacts,
  userId: string | null,
): Promise<void> {
  const place = { companyId, userId: null };
  const values = [companyId, facts.action, burst.single, userId, origin.ip];
  // it happened, whatever becomes of its request
  await withoutDeadline(async () => {
    const [counted] = await queryAs(services.pool, place)<{ count: number }>(COUNT, values);
    if ((counted?.count ?? 0) <= burst.single) await transaction(place, (tx) => tx.append(facts, anonymous));
  });
}

/**
 * Appends failures of an actor's operation: denials and values that did not decrypt. They happened,
 * whether or not the client waits.
 */
export const appendFailures = (
  services: Services,
  actor: Actor | null,
  origin: Origin,
  events: EventFacts[],
): Promise<void> =>
  withoutDeadline(async () => {
    const companyId = actor?.companyId ?? PLATFORM_ID;
    const single: EventFacts[] = [];
    for (const facts of events)
      if (facts.action !== 'access.denied' || (await isSingle(services, actor, origin))) single.push(facts);
    await append(
      services.pool,
      companyId,
      single.map((facts) => ({ ...facts, performer: performerOf(actor), origin })),
    );
  });

/** Returns whether a denial is an event of its own, and counts it otherwise. */
async function isSingle(services: Services, actor: Actor | null, { ip }: Origin): Promise<boolean> {
  const [companyId, userId] = [actor?.companyId ?? PLATFORM_ID, actor?.userId ?? null];
  const attempt = { kind: 'denial', account: userId, ip: actor ? null : ip } as const;
  if ((await countAttempt(services, attempt, false)).accepted) return true;
  const values = [companyId, 'access.denied', singleOf('access.denied'), userId, ip];
  await queryAs(services.pool, { companyId, userId: null })(COUNT, values);
  return false;
}

/**
 * Appends one event, with counts, for each burst whose time is over. Safe on several instances at
 * once. A burst that cannot be appended stays due and delays no other; the first failure is thrown
 * at the end.
 */
export async function appendBursts(pool: TenantPool): Promise<void> {
  const query = queryAs(pool, { companyId: null, userId: null });
  const due = await query<{ companyId: string; action: Action }>(DUE, [burst.seconds]);
  const failures: unknown[] = [];
  for (const { companyId, action } of due)
    await appendBurst(pool, companyId, action).catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

const appendBurst = (pool: TenantPool, companyId: string, action: Action): Promise<void> =>
  transactionAs(pool, { companyId, userId: null }, async (query) => {
    const [taken] = await query<Burst>(TAKE, [companyId, action, burst.seconds]);
    const single = singleOf(action);
    if (!taken || taken.count <= single) return;
    const { users, addresses } = taken;
    const data = {
      count: taken.count - single,
      since: taken.startedAt.toISOString(),
      until: taken.lastAt.toISOString(),
      ...{ users, addresses },
    };
    const origin = { requestId: crypto.randomUUID(), ip: null, userAgent: null };
    await append(query, companyId, [{ action, data, performer: anonymous, origin }]);
  });
