import type { FieldGuarantee, ModelName } from '../guarantees.gen.ts';
import {
  type Args,
  bind,
  columnOf,
  type Draft,
  encoded,
  fieldOf,
  leave,
  newDraft,
  nextAlias,
  only,
  plain,
  scalarsOf,
  tableOf,
} from './compile.ts';
import { condition, uniqueCondition } from './compile-filter.ts';
import { type Statement, selected } from './compile-read.ts';

/** A new row, and what was selected of it, in one statement. */
export function createStatement(model: ModelName, args: Args): Statement {
  const { data } = only(args, ['data', 'select', 'include']);
  const draft = newDraft();
  const row = valuesOf(draft, model, plain(data), ({ list }) => list);
  const given = new Set(row.map(({ name }) => name));
  // What Prisma itself would fill in is Prisma's to do; the rest is PostgreSQL's defaults.
  if (scalarsOf(model).some((name) => !given.has(name) && fieldOf(model, name).sql === 'other')) leave();
  const names = row.map(({ name }) => `"${name}"`).join(', ');
  const insert = `INSERT INTO ${tableOf(model)} (${names}) VALUES (${row.map(({ value }) => value).join(', ')})`;
  return returning(draft, model, args, insert, '*');
}

/** The one row that a unique selector names, changed. No row comes back when there is none. */
export function updateStatement(model: ModelName, args: Args): Statement {
  const { data, where } = only(args, ['data', 'where', 'select', 'include']);
  const draft = newDraft();
  const row = valuesOf(draft, model, plain(data), () => true);
  if (row.length === 0) leave();
  const set = row.map(({ name, value }) => `"${name}" = ${value}`).join(', ');
  const alias = nextAlias(draft);
  const update = `UPDATE ${tableOf(model)} ${alias} SET ${set} WHERE ${uniqueCondition(draft, model, alias, where)}`;
  return returning(draft, model, args, update, `${alias}.*`);
}

/** Rows as they are, locked until the transaction ends, in the order of their ids. */
export function lockStatement(
  model: ModelName,
  columns: string[],
  ids: string[],
  strength: 'UPDATE' | 'NO KEY UPDATE',
): Statement {
  const draft = newDraft();
  const alias = nextAlias(draft);
  const level = { out: [], joins: [] };
  const shape = selected(
    draft,
    model,
    alias,
    { select: Object.fromEntries(columns.map((name) => [name, true])) },
    level,
  );
  const wanted = condition(draft, model, alias, { id: { in: ids } });
  const text = `SELECT ${level.out.join(', ')} FROM ${tableOf(model)} ${alias} WHERE ${wanted} ORDER BY ${columnOf(alias, 'id')} FOR ${strength}`;
  return { text, values: draft.values, shape };
}

/** The written row under a name, so that what is selected of its relations joins on to it. */
function returning(draft: Draft, model: ModelName, args: Args, write: string, columns: string): Statement {
  const alias = nextAlias(draft);
  const level = { out: [] as string[], joins: [] as string[] };
  const shape = selected(draft, model, alias, args, level);
  const joins = level.joins.map((join) => ` ${join}`).join('');
  if (joins.includes(tableOf(model))) leave(); // one statement reads the table as it was before its own write
  const text = `WITH ${alias} AS (${write} RETURNING ${columns}) SELECT ${level.out.join(', ')} FROM ${alias}${joins}`;
  return { text, values: draft.values, shape };
}

function valuesOf(
  draft: Draft,
  model: ModelName,
  data: Args,
  maySet: (field: FieldGuarantee) => boolean,
): { name: string; value: string }[] {
  return Object.entries(data).flatMap(([name, given]) => {
    const field = fieldOf(model, name);
    const value = maySet(field) ? setTo(given) : given;
    if (value === undefined) return [];
    if (value === null && field.required) return leave();
    return [{ name, value: bind(draft, value === null ? null : encoded(field, value)) }];
  });
}

/** The value, out of `{ set: value }` if need be. */
function setTo(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || given instanceof Date || Array.isArray(given))
    return given;
  const { set } = only(plain(given), ['set']);
  return set;
}
