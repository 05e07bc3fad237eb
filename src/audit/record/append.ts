import type { Query } from '../../db/sql.ts';
import { withTenant } from '../../db/tenant/context.ts';
import type { Ahead } from '../../db/tenant/flush.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { currentHold } from '../../db/transaction.ts';

/** The reserved company whose members are the platform's administrators: its chain takes what belongs to no company. */
export const PLATFORM_ID = '00000000-0000-7000-8000-000000000000';

const INSERT = `INSERT INTO audit_event (company_id, body)
  SELECT $1::uuid, body FROM unnest($2::text[]) WITH ORDINALITY AS given (body, place) ORDER BY place`;

/** PostgreSQL's text form of text[] (manual, 8.15.6). */
const textArray = (items: string[]): string =>
  `{${items.map((item) => `"${item.replaceAll(/[\\"]/g, '\\$&')}"`).join()}}`;

/** Anything that runs SQL inside a transaction; Prisma's transaction client is one. */
type RawTransaction = { $executeRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<number> };

/** Puts events on the record of a company, in their order, with the transaction: they commit together with its changes or not at all. */
export async function insertEvents(tx: RawTransaction, companyId: string, bodies: string[]): Promise<void> {
  if (bodies.length > 0) await tx.$executeRawUnsafe(INSERT, companyId, textArray(bodies));
}

/** The same with COMMIT itself, in one round trip, where the transaction holds its connection (db/transaction.ts); else at once. */
export async function insertEventsAtCommit(
  tx: RawTransaction,
  companyId: string,
  bodies: string[],
): Promise<void> {
  const hold = currentHold();
  if (!hold?.connection) return insertEvents(tx, companyId, bodies);
  if (bodies.length > 0) hold.atCommit.push(events(companyId, bodies));
}

/** Puts one event on the record in the transaction of `query`, with its COMMIT; outside of one, by itself and at once. */
export async function insertEvent(query: Query, companyId: string, body: string): Promise<void> {
  if (query.atCommit) query.atCommit.push(events(companyId, [body]));
  else await query(INSERT, [companyId, textArray([body])]);
}

const events = (companyId: string, bodies: string[]): Ahead => ({
  name: 'bulwark_events',
  text: INSERT,
  values: [companyId, textArray(bodies)],
});

/** Puts one event on the record by itself: a denial, a failed sign-in. Rejects when it can't be written; the caller then fails too. */
export async function record(pool: TenantPool, companyId: string, body: string): Promise<void> {
  await withTenant({ companyId, userId: null }, () =>
    pool.query({ text: INSERT, values: [companyId, textArray([body])] }),
  );
}
