import { append } from '../../audit/record/append.ts';
import { anonymous, type EventFacts } from '../../audit/record/body.ts';
import type { Action } from '../../audit/record/events.ts';
import { queryAs, transactionAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { withoutDeadline } from '../../deadline.ts';
import type { IdentityWork } from '../identity-command.ts';
import { COUNT, DUE, TAKE } from './failure-bursts.sql.ts';

/** Of a company's failures of one kind within `seconds`, the first `single` are events of their own, the others one event. */
export const burst = { single: 20, seconds: 5 * 60 };

type Burst = {
  count: number;
  startedAt: Date;
  lastAt: Date;
  users: Record<string, number>;
  addresses: Record<string, number>;
};

/**
 * Appends a failure that anonymous clients can cause at will, for a user of the company or for none. Beyond `burst.single` it is
 * counted only, and `appendBursts` tells of it.
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

/** Appends one event, with counts, for each burst whose time is over. Safe on several instances at once. */
export async function appendBursts(pool: TenantPool): Promise<void> {
  const query = queryAs(pool, { companyId: null, userId: null });
  const due = await query<{ companyId: string; action: Action }>(DUE, [burst.seconds]);
  for (const { companyId, action } of due) await appendBurst(pool, companyId, action);
}

const appendBurst = (pool: TenantPool, companyId: string, action: Action): Promise<void> =>
  transactionAs(pool, { companyId, userId: null }, async (query) => {
    const [taken] = await query<Burst>(TAKE, [companyId, action, burst.seconds]);
    if (!taken || taken.count <= burst.single) return;
    const { users, addresses } = taken;
    const data = {
      count: taken.count - burst.single,
      since: taken.startedAt.toISOString(),
      until: taken.lastAt.toISOString(),
      ...{ users, addresses },
    };
    const origin = { requestId: crypto.randomUUID(), ip: null, userAgent: null };
    await append(query, companyId, [{ action, data, performer: anonymous, origin }]);
  });
