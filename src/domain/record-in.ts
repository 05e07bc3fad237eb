import { type EventFacts, type Origin, type Performer, toBody } from '../audit/body.ts';
import { insertEvents } from '../audit/record.ts';
import { type Query, through } from '../db/sql.ts';

/** Puts an event on a company's record in the transaction of `query`: it commits with what it tells of, or not at all. */
export const recordIn = (
  query: Query,
  companyId: string,
  facts: EventFacts,
  performer: Performer,
  origin: Origin,
): Promise<void> => insertEvents(through(query), companyId, [toBody(facts, performer, origin)]);
