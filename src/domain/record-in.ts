import { type EventFacts, type Origin, type Performer, toBody } from '../audit/body.ts';
import { insertEvent } from '../audit/record.ts';
import type { Query } from '../db/sql.ts';

/** Puts an event on a company's record in the transaction of `query`: it commits with what it tells of, or not at all. */
export const recordIn = (
  query: Query,
  companyId: string,
  facts: EventFacts,
  performer: Performer,
  origin: Origin,
): Promise<void> => insertEvent(query, companyId, toBody(facts, performer, origin));
