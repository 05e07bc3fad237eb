import type { FieldGuarantee, ModelName } from '../guarantees.gen.ts';
import {
  type Args,
  columnOf,
  fieldOf,
  newState,
  nextAlias,
  only,
  plain,
  type State,
  scalarsOf,
  tableOf,
} from './compile.ts';
import { condition, joinOn, uniqueCondition } from './compile-filter.ts';
import type { RowShape } from './rows.ts';
import { unsupported } from './unsupported.ts';

/**
 * One statement, how its rows are read, and whether every change of what it reads is an event of
 * its company.
 */
export type Statement = { text: string; values: unknown[]; shape: RowShape; audited: boolean };

/** What one SELECT returns and joins. PostgreSQL's json_build_array takes 100 values. */
type Level = { out: string[]; joins: string[] };
const JSON_VALUES = 100;

const READ = ['where', 'select', 'include', 'orderBy', 'cursor', 'take', 'skip'];
const TO_ONE = ['select', 'include'];

/** Compiles a read of rows. */
export function selectStatement(model: ModelName, args: Args): Statement {
  const state = newState();
  const alias = nextAlias(state, model);
  const level: Level = { out: [], joins: [] };
  const shape = selected(state, model, alias, only(args, READ), level);
  const text = `SELECT ${level.out.join(', ')} FROM ${tableOf(model)} ${alias}${tail(state, model, alias, args, level)}`;
  return { text, values: state.values, shape, audited: state.audited };
}

/** Compiles a count: one row with `count`. */
export function countStatement(model: ModelName, args: Args): Statement {
  const state = newState();
  const alias = nextAlias(state, model);
  const wanted = condition(state, model, alias, only(args, ['where']).where);
  const text = `SELECT count(*) FROM ${tableOf(model)} ${alias} WHERE ${wanted}`;
  const shape: RowShape = { columns: [{ name: 'count', at: 0, sql: 'integer' }], ones: [], lists: [] };
  return { text, values: state.values, shape, audited: state.audited };
}

/**
 * Adds the selected columns and relations of `alias` to the level; returns at which position each
 * arrives.
 */
export function selected(state: State, model: ModelName, alias: string, args: Args, level: Level): RowShape {
  const shape: RowShape = { columns: [], ones: [], lists: [] };
  for (const [name, wanted] of chosen(model, args)) {
    const field = fieldOf(model, name);
    if (!field.relation) {
      if (wanted !== true || field.sql === 'other') unsupported('selection');
      shape.columns.push({ name, at: level.out.push(columnOf(alias, name)) - 1, sql: field.sql });
    } else if (field.list) shape.lists.push(list(state, name, field, alias, nested(wanted), level));
    else shape.ones.push(one(state, name, field, alias, nested(wanted), level));
  }
  if (shape.columns.length + shape.ones.length + shape.lists.length === 0) unsupported('selection');
  return shape;
}

const nested = (wanted: unknown): Args => (wanted === true ? {} : plain(wanted));

function chosen(model: ModelName, { select, include }: Args): [name: string, wanted: unknown][] {
  const wantedOf = (given: unknown) => Object.entries(plain(given)).filter(([, wanted]) => wanted);
  if (select !== undefined && select !== null) {
    if (include !== undefined && include !== null) unsupported('selection');
    return wantedOf(select);
  }
  const columns = scalarsOf(model).map((name): [string, unknown] => [name, true]);
  return include === undefined || include === null ? columns : [...columns, ...wantedOf(include)];
}

function one(state: State, name: string, field: FieldGuarantee, alias: string, args: Args, level: Level) {
  const model = field.relation as ModelName;
  const there = nextAlias(state, model);
  level.joins.push(`LEFT JOIN ${tableOf(model)} ${there} ON ${joinOn(field, alias, there)}`);
  fieldOf(model, 'id');
  const presence = level.out.push(columnOf(there, 'id')) - 1;
  return {
    name,
    presence,
    shape: selected(state, model, there, only(args, TO_ONE), level),
  };
}

function list(state: State, name: string, field: FieldGuarantee, alias: string, args: Args, level: Level) {
  const model = field.relation as ModelName;
  const there = nextAlias(state, model);
  const inner: Level = { out: [], joins: [] };
  const shape = selected(state, model, there, only(args, READ), inner);
  if (inner.out.length > JSON_VALUES) unsupported('selection');
  const ofParent = (row: string) => [joinOn(field, alias, row)];
  const items = `SELECT json_build_array(${inner.out.join(', ')}) AS item FROM ${tableOf(model)} ${there}${tail(state, model, there, args, inner, ofParent)}`;
  const lateral = `l${there}`;
  level.joins.push(
    `LEFT JOIN LATERAL (SELECT COALESCE(json_agg(item), '[]') AS items FROM (${items}) AS of) AS ${lateral} ON TRUE`,
  );
  return { name, at: level.out.push(`${lateral}.items`) - 1, shape };
}

/**
 * Joins, condition, order and page. Page sizes stand in the text: as parameters they would spoil
 * the planner's estimate.
 */
function tail(
  state: State,
  model: ModelName,
  alias: string,
  args: Args,
  { joins }: Level,
  and: (row: string) => string[] = () => [],
): string {
  const order = orderOf(model, args.orderBy);
  const among = (row: string) => [...and(row), condition(state, model, row, args.where)];
  const where = among(alias);
  if (args.cursor !== undefined) where.push(fromCursor(state, model, alias, args.cursor, order, among));
  const by = order.map(({ name, direction }) => `${columnOf(alias, name)} ${direction}`);
  return [
    ...joins.map((join) => ` ${join}`),
    ` WHERE ${where.join(' AND ')}`,
    by.length > 0 ? ` ORDER BY ${by.join(', ')}` : '',
    args.take === undefined ? '' : ` LIMIT ${natural(args.take)}`,
    args.skip === undefined ? '' : ` OFFSET ${natural(args.skip)}`,
  ].join('');
}

const natural = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : unsupported('page');

type Order = { name: string; direction: 'ASC' | 'DESC' }[];

function orderOf(model: ModelName, orderBy: unknown): Order {
  if (orderBy === undefined) return [];
  return [orderBy].flat().map((entry) => {
    const given = Object.entries(plain(entry)).filter(([, direction]) => direction !== undefined);
    const [name, direction] = given[0] ?? [];
    if (given.length !== 1 || name === undefined || (direction !== 'asc' && direction !== 'desc'))
      return unsupported('order');
    const field = fieldOf(model, name);
    if (field.relation || field.list) return unsupported('order');
    return { name, direction: direction === 'asc' ? 'ASC' : 'DESC' };
  });
}

/**
 * Rows at and after the cursor's own, in this order: after it in the first column, or equal there
 * and after it in the next, … None when the cursor's row is not among the selected ones: the place
 * of a hidden row in the order would disclose its values.
 */
function fromCursor(
  state: State,
  model: ModelName,
  alias: string,
  cursor: unknown,
  order: Order,
  among: (row: string) => string[],
): string {
  if (order.length === 0 || order.some(({ name }) => !fieldOf(model, name).required))
    return unsupported('page');
  const there = nextAlias(state, model);
  const key = [uniqueCondition(state, model, there, cursor), ...among(there)].join(' AND ');
  const at = (name: string) =>
    `(SELECT ${columnOf(there, name)} FROM ${tableOf(model)} ${there} WHERE ${key})`;
  return order.reduceRight((rest, { name, direction }) => {
    const [column, beyond] = [columnOf(alias, name), direction === 'ASC' ? '>' : '<'];
    if (rest === '') return `${column} ${beyond}= ${at(name)}`;
    // the first half alone finds the place in an index
    return `(${column} ${beyond}= ${at(name)} AND (${column} ${beyond} ${at(name)} OR ${rest}))`;
  }, '');
}
