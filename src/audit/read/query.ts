import type { Query } from '../../db/sql.ts';
import { invalidInput } from '../../errors.ts';
import type { Severity } from '../record/events.ts';

/**
 * An event for readers. `position` is its place in the company's chain and its cursor; `body` is
 * the stored text.
 */
export type AuditEvent = {
  companyId: string;
  position: string;
  at: Date;
  atMicroseconds: string;
  action: string;
  severity: Severity;
  actorId: string | null;
  entity: string | null;
  entityId: string | null;
  body: string;
  hash: string;
};

/** Conditions that all apply. `from` is inclusive, `to` exclusive. */
export type AuditFilter = {
  action?: string[] | null;
  severity?: Severity[] | null;
  actor?: string | null;
  entity?: string | null;
  entityId?: string | null;
  from?: Date | null;
  to?: Date | null;
};

/**
 * Relay's arguments: `first` after `after`, or `last` before `before`; exactly one of `first` and
 * `last`, checked by the schema.
 */
export type Window = {
  after?: string | null;
  before?: string | null;
  first?: number | null;
  last?: number | null;
};
export type Page = { events: AuditEvent[]; hasNextPage: boolean; hasPreviousPage: boolean };

const SELECT = `SELECT company_id AS "companyId", pos AS position, at_us AS "atMicroseconds", action, severity,
  actor_id AS "actorId", entity, entity_id AS "entityId", body, encode(link, 'hex') AS hash FROM audit_event`;

/**
 * Returns a page of a company's events in the order of the chain, which is the commit order. Error:
 * INVALID_INPUT for a malformed cursor.
 */
export async function page(
  query: Query,
  companyId: string,
  filter: AuditFilter,
  window: Window,
): Promise<Page> {
  const backward = window.last !== undefined && window.last !== null;
  const size = (backward ? window.last : window.first) ?? 0;
  const range = { after: position(window.after), before: position(window.before, 'before') };
  const found = await select(query, companyId, filter, range, backward ? 'DESC' : 'ASC', size + 1);
  const events = found.slice(0, size);
  const more = found.length > size;
  return backward
    ? { events: events.reverse(), hasNextPage: range.before !== null, hasPreviousPage: more }
    : { events, hasNextPage: more, hasPreviousPage: range.after !== null };
}

/** Returns the events after a position, up to another, oldest first. */
export const eventsBetween = (
  query: Query,
  companyId: string,
  filter: AuditFilter,
  after: string,
  upTo: string,
  limit: number,
) => select(query, companyId, filter, { after, before: String(BigInt(upTo) + 1n) }, 'ASC', limit);

/** Tells whether an event is among those of the filter, as `select` does in SQL. */
export function matches(event: AuditEvent, filter: AuditFilter): boolean {
  const { action, severity, actor, entity, entityId, from, to } = filter;
  const at = BigInt(event.atMicroseconds);
  return (
    (!action || action.includes(event.action)) &&
    (!severity || severity.includes(event.severity)) &&
    (actor == null || actor === event.actorId) &&
    (entity == null || entity === event.entity) &&
    (entityId == null || entityId === event.entityId) &&
    (!from || at >= BigInt(microseconds(from))) &&
    (!to || at < BigInt(microseconds(to)))
  );
}

/** Returns the events at these positions, in no order. Unknown positions are left out. */
export async function eventsAt(
  query: Query,
  companyId: string,
  positions: readonly string[],
): Promise<AuditEvent[]> {
  const sql = `${SELECT} WHERE company_id = $1 AND pos = ANY($2)`;
  return (await query<AuditEvent>(sql, [companyId, positions.filter(isPosition)])).map(withTime);
}

/** Returns the number of events that meet the filter. */
export async function countEvents(query: Query, companyId: string, filter: AuditFilter): Promise<number> {
  const { conditions, values } = conditionsOf(companyId, filter, { after: null, before: null });
  const [counted] = await query<{ count: string }>(
    `SELECT count(*) FROM audit_event WHERE ${conditions.join(' AND ')}`,
    values,
  );
  return Number(counted?.count);
}

/** Returns the position of a company's latest event; '0' without events. */
export async function headOf(query: Query, companyId: string): Promise<string> {
  const [head] = await query<{ pos: string }>('SELECT pos FROM audit_head WHERE company_id = $1', [
    companyId,
  ]);
  return head?.pos ?? '0';
}

const isPosition = (text: string): boolean => /^\d{1,18}$/.test(text);

/** Returns a cursor's position; null without a cursor. `argument` names it in an error. */
export function position(cursor: string | null | undefined, argument = 'after'): string | null {
  if (cursor === null || cursor === undefined) return null;
  if (isPosition(cursor)) return cursor;
  throw invalidInput({ [argument]: 'expected a cursor that this server gave' });
}

type Range = { after: string | null; before: string | null };

async function select(
  query: Query,
  companyId: string,
  filter: AuditFilter,
  range: Range,
  order: 'ASC' | 'DESC',
  limit: number,
): Promise<AuditEvent[]> {
  const { conditions, values } = conditionsOf(companyId, filter, range);
  const sql = `${SELECT} WHERE ${conditions.join(' AND ')} ORDER BY pos ${order} LIMIT ${Number(limit)}`;
  return (await query<AuditEvent>(sql, values)).map(withTime);
}

const withTime = (row: AuditEvent): AuditEvent => ({
  ...row,
  at: new Date(Number(BigInt(row.atMicroseconds) / 1000n)),
});

/** A condition that a parameter is given to. */
type Condition = [sql: (parameter: string) => string, value: unknown];

function conditionsOf(companyId: string, filter: AuditFilter, range: Range) {
  const wanted: Condition[] = [
    [(it) => `company_id = ${it}`, companyId],
    [(it) => `pos > ${it}`, range.after],
    [(it) => `pos < ${it}`, range.before],
    oneOf('action', filter.action),
    oneOf('severity', filter.severity),
    [(it) => `actor_id = ${it}`, filter.actor],
    [(it) => `entity = ${it}`, filter.entity],
    [(it) => `entity_id = ${it}`, filter.entityId],
    [(it) => `pos >= (${firstSince(it)})`, filter.from && microseconds(filter.from)],
    [(it) => `pos < coalesce((${firstSince(it)}), ${MAX})`, filter.to && microseconds(filter.to)],
  ];
  const given = wanted.filter(([, value]) => value !== null && value !== undefined);
  const conditions = given.map(([sql], index) => sql(`$${index + 1}`));
  return { conditions, values: given.map(([, value]) => value) };
}

/** One value is compared by itself: its index then gives the events in the order of positions. */
const oneOf = (column: string, values: string[] | null | undefined): Condition =>
  values?.length === 1
    ? [(it) => `${column} = ${it}`, values[0]]
    : [(it) => `${column} = ANY(${it})`, values];

/** Times have the order of positions: a span of time is a span of positions. $1 is the company. */
const firstSince = (time: string): string =>
  `SELECT pos FROM audit_event WHERE company_id = $1 AND at_us >= ${time} ORDER BY at_us, pos LIMIT 1`;
const MAX = '9223372036854775807';

const microseconds = (date: Date): string => String(BigInt(date.getTime()) * 1000n);
