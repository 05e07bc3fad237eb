import type pg from 'pg';
import type { Outcome } from './execution.ts';
import { type Row, type Seen, seenIn, TABLES } from './recorder.ts';

/** An event of the log or one that must be there, in one form. */
type Told = { kind: string; entity: string | null; id: string | null; before: Row | null; after: Row | null };
type Event = { label: string; told: Told };

/**
 * Returns what a company's log says wrongly of its transactions and rows: every change has exactly
 * one event and no event is without a change, in the order of the changes; a transaction's events
 * stand together; and the rows follow from the events alone.
 */
export async function differences(owner: pg.Client, company: string, outcomes: Outcome[]): Promise<string[]> {
  const [seen, events] = [await seenIn(owner, company), await eventsOf(owner, company)];
  const labels = [...new Set(events.map(({ label }) => label))];
  const wrong = outcomes.flatMap(({ label, ended }) => {
    const expected = expectedEvents(seen.filter((one) => one.label === label));
    const found = events.filter((one) => one.label === label).map(({ told }) => told);
    const refused = ended === 'refused' && found.length > 0 ? [`${label} was refused and has events`] : [];
    return [...refused, ...differing(`transaction ${label}, ${ended}`, expected, found)];
  });
  const runs = events.filter(({ label }, index) => label !== events[index - 1]?.label).length;
  if (runs !== labels.length) wrong.push('the events of transactions are interleaved');
  for (const label of labels)
    if (!outcomes.some((one) => one.label === label)) wrong.push(`no transaction has the label ${label}`);
  return [...wrong, ...differing('rows', await rowsOf(owner, company), replayed(events, wrong))];
}

const differing = (what: string, expected: unknown, found: unknown): string[] =>
  JSON.stringify(expected) === JSON.stringify(found)
    ? []
    : [`${what}\n  expected ${JSON.stringify(expected)}\n  found    ${JSON.stringify(found)}`];

async function eventsOf(owner: pg.Client, company: string): Promise<Event[]> {
  const { rows } = await owner.query<{ body: string }>(
    'SELECT body FROM audit_event WHERE company_id = $1 ORDER BY pos',
    [company],
  );
  return rows.map(({ body }) => {
    const { requestId, action, entity = null, entityId = null, before, after } = JSON.parse(body);
    const kind = before && after ? 'UPDATE' : before ? 'DELETE' : after ? 'INSERT' : action;
    return { label: requestId, told: told(kind, entity, entityId, before ?? null, after ?? null) };
  });
}

/** The events of one transaction by chapter 15, from what was seen of it. */
function expectedEvents(seen: Seen[]): Told[] {
  let queue: (Seen & { written?: boolean })[] = [];
  let exists = true;
  const isGone = ({ kind, entity }: Seen) => kind === 'DELETE' && entity !== 'Company' && !exists;
  for (const one of seen) {
    if (one.entity === 'Company') exists = one.kind !== 'DELETE';
    if (one.kind !== 'early') queue.push(one.kind === 'event' ? { ...one, written: true } : one);
    else {
      const now = queue.filter((waiting) => !waiting.written && !isGone(waiting));
      queue = [...queue.filter(({ written }) => written), ...now.map((now) => ({ ...now, written: true }))];
    }
  }
  return queue.filter((one) => one.written || !isGone(one)).map(toldOf);
}

function toldOf({ kind, entity, id, before, after }: Seen): Told {
  if (kind === 'event') return told('audit.exported', null, null, null, null);
  const differ = (row: Row, other: Row) =>
    Object.fromEntries(
      Object.entries(row).filter(
        ([column, value]) => column === 'id' || JSON.stringify(value) !== JSON.stringify(other[column]),
      ),
    );
  if (before && after) return told(kind, entity, id, differ(before, after), differ(after, before));
  return told(kind, entity, id, before, after);
}

const told = (
  kind: string,
  entity: string | null,
  id: string | null,
  before: Row | null,
  after: Row | null,
): Told => ({ kind, entity, id, before: before && shown(before), after: after && shown(after) });

/** Columns in one order without those that follow from sealed ones, moments in one form. */
const shown = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([column]) => !/Index$|Last4$/.test(column))
      .map(([column, value]): [string, unknown] => [column, /(At|On)$/.test(column) ? moment(value) : value])
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
const moment = (value: unknown) => (value === null ? null : new Date(String(value)).toISOString());

/**
 * The rows that follow from the events, each event from the row as the events before it left it.
 */
function replayed(events: Event[], wrong: string[]): [string, Row][] {
  let rows = new Map<string, Row>();
  for (const { label, told } of events) {
    const { kind, entity, id, before, after } = told;
    if (!before && !after) continue;
    const key = `${entity} ${id}`;
    const row = rows.get(key);
    if (before ? !row || !has(row, before) : row)
      wrong.push(`${kind} of ${key} in ${label} does not follow the event before it`);
    if (after) rows.set(key, { ...row, ...after });
    else rows.delete(key);
    if (kind === 'DELETE' && entity === 'Company') rows = new Map();
  }
  return [...rows].sort(([one], [other]) => (one < other ? -1 : 1));
}

const has = (row: Row, part: Row) =>
  Object.entries(part).every(([column, value]) => JSON.stringify(row[column]) === JSON.stringify(value));

async function rowsOf(owner: pg.Client, company: string): Promise<[string, Row][]> {
  const found: [string, Row][] = [];
  for (const table of TABLES) {
    const { rows } = await owner.query<{ id: string; row: Row }>(
      `SELECT id, to_jsonb(t) AS row FROM "${table}" t WHERE "${table === 'Company' ? 'id' : 'companyId'}" = $1`,
      [company],
    );
    for (const { id, row } of rows) found.push([`${table} ${id}`, shown(row)]);
  }
  return found.sort(([one], [other]) => (one < other ? -1 : 1));
}
