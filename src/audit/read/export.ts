import type { Query } from '../../db/sql.ts';

/** Events in one read. */
const BATCH = 1000;

const HEAD = `SELECT pos AS end, encode(link, 'hex') AS h FROM audit_head WHERE company_id = $1`;
const EVENTS = `SELECT pos AS p, at_us AS t, body AS b, encode(salt, 'hex') AS s, encode(commitment, 'hex') AS m, encode(link, 'hex') AS h
  FROM audit_event WHERE company_id = $1 AND pos > $2 AND pos <= $3 ORDER BY pos LIMIT ${BATCH}`;

type Head = { end: string; h: string };
type Event = Record<'p' | 't' | 'm' | 'h', string> & Record<'b' | 's', string | null>;

/**
 * Exports the chain as JSON Lines for the offline verifier, up to the head at the start of the
 * export. docs/operations.md describes the lines; the last one says where the chain ends, so that a
 * truncated export is recognized.
 */
export async function* exportLines(query: Query, companyId: string): AsyncGenerator<string> {
  const [head = { end: '0', h: '00'.repeat(32) }] = await query<Head>(HEAD, [companyId]);
  for (let after = '0'; after !== head.end; ) {
    const events = await query<Event>(EVENTS, [companyId, after, head.end]);
    for (const event of events) yield `${JSON.stringify({ c: companyId, ...event })}\n`;
    const last = events.at(-1)?.p;
    if (last === undefined)
      throw new Error(`the chain of ${companyId} ends at ${after}, its head says ${head.end}`);
    after = last;
  }
  yield `${JSON.stringify({ c: companyId, ...head })}\n`;
}
