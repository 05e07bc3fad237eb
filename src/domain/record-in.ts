import { type EventFacts, type Origin, type Performer, toBody } from '../audit/body.ts';
import { insertEvents } from '../audit/record.ts';
import type { Query } from '../db/sql.ts';

/** Puts an event on a company's record in the transaction of `query`: it commits with what it tells of, or not at all. */
export const recordIn = (
  query: Query,
  companyId: string,
  facts: EventFacts,
  performer: Performer,
  origin: Origin,
): Promise<void> =>
  // The record takes Prisma's raw interface; this is the same over one connection of the pool.
  insertEvents(
    { $executeRawUnsafe: async (sql: string, ...values: unknown[]) => (await query(sql, values)).length },
    companyId,
    [toBody(facts, performer, origin)],
  );
