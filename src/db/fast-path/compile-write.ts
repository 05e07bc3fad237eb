import type { FieldGuarantee, ModelName } from '../guarantees.gen.ts';
import {
  type Args,
  bind,
  encoded,
  fieldOf,
  newState,
  nextAlias,
  only,
  plain,
  type State,
  scalarsOf,
  tableOf,
} from './compile.ts';
import { uniqueCondition } from './compile-filter.ts';
import { type Statement, selected } from './compile-read.ts';
import { unsupported } from './unsupported.ts';

/** A new row, and what was selected of it, in one statement. */
export function createStatement(model: ModelName, args: Args): Statement {
  const { data } = only(args, ['data', 'select', 'include']);
  const state = newState();
  const row = valuesOf(state, model, plain(data), ({ list }) => list);
  const given = new Set(row.map(({ name }) => name));
  // What Prisma itself would fill in is Prisma's to do; the rest is PostgreSQL's defaults.
  if (scalarsOf(model).some((name) => !given.has(name) && fieldOf(model, name).sql === 'other'))
    unsupported('write');
  const names = row.map(({ name }) => `"${name}"`).join(', ');
  const alias = nextAlias(state, model);
  const insert = `INSERT INTO ${tableOf(model)} AS ${alias} (${names}) VALUES (${row.map(({ value }) => value).join(', ')})`;
  return returning(state, model, args, insert, alias);
}

/** The one row that a unique selector names, changed. No row comes back when there is none. */
export function updateStatement(model: ModelName, args: Args): Statement {
  const { data, where } = only(args, ['data', 'where', 'select', 'include']);
  const state = newState();
  const row = valuesOf(state, model, plain(data), () => true);
  if (row.length === 0) unsupported('write');
  const set = row.map(({ name, value }) => `"${name}" = ${value}`).join(', ');
  const alias = nextAlias(state, model);
  const update = `UPDATE ${tableOf(model)} ${alias} SET ${set} WHERE ${uniqueCondition(state, model, alias, where)}`;
  return returning(state, model, args, update, alias);
}

/**
 * The selected columns of the written row; with relations the row under a name, so that what is
 * selected of them joins on to it.
 */
function returning(state: State, model: ModelName, args: Args, write: string, alias: string): Statement {
  const level = { out: [] as string[], joins: [] as string[] };
  const shape = selected(state, model, alias, args, level);
  const columns = level.out.join(', ');
  const { values, audited } = state;
  if (level.joins.length === 0) return { text: `${write} RETURNING ${columns}`, values, shape, audited };
  const joins = level.joins.join(' ');
  if (joins.includes(tableOf(model))) unsupported('write'); // one statement reads the table as it was before its own write
  const text = `WITH written AS (${write} RETURNING ${alias}.*) SELECT ${columns} FROM written ${alias} ${joins}`;
  return { text, values, shape, audited };
}

function valuesOf(
  state: State,
  model: ModelName,
  data: Args,
  maySet: (field: FieldGuarantee) => boolean,
): { name: string; value: string }[] {
  return Object.entries(data).flatMap(([name, given]) => {
    const field = fieldOf(model, name);
    const value = maySet(field) ? setTo(given) : given;
    if (value === undefined) return [];
    if (value === null && field.required) return unsupported('write');
    return [{ name, value: bind(state, value === null ? null : encoded(field, value)) }];
  });
}

/** The value, out of `{ set: value }` if need be. */
function setTo(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || given instanceof Date || Array.isArray(given))
    return given;
  const { set } = only(plain(given), ['set']);
  return set;
}
