import type { Query } from '../../db/sql.ts';
import { insertEvent } from './append.ts';
import { type EventFacts, type Origin, type Performer, toBody } from './body.ts';

/** Puts an event on a company's record in the transaction of `query`: it commits with what it tells of, or not at all. */
export const recordIn = (
  query: Query,
  companyId: string,
  facts: EventFacts,
  performer: Performer,
  origin: Origin,
): Promise<void> => insertEvent(query, companyId, toBody(facts, performer, origin));
