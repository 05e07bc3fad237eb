import { guarantees, type ModelName } from '../guarantees.gen.ts';
import { bind, columnOf, type Draft, encoded, fieldOf, leave, nextAlias, plain, tableOf } from './compile.ts';

type Field = ReturnType<typeof fieldOf>;

/** Prisma's `where` for rows of a model named `alias`, as one SQL condition. */
export const condition = (draft: Draft, model: ModelName, alias: string, where: unknown): string =>
  wanted(draft, model, alias, where) || 'TRUE';

/** `where` as a condition, or '' when it asks nothing: Prisma drops such a part, which is not the same as TRUE in an OR or a NOT. */
function wanted(draft: Draft, model: ModelName, alias: string, where: unknown): string {
  if (where === undefined) return '';
  const parts = Object.entries(plain(where))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => part(draft, model, alias, name, value));
  return joined(parts, ' AND ');
}

function part(draft: Draft, model: ModelName, alias: string, name: string, value: unknown): string {
  if (Object.hasOwn(LOGIC, name)) return (LOGIC[name] as Logic)(draft, model, alias, value);
  const field = fieldOf(model, name);
  return field.relation
    ? related(draft, field, alias, value)
    : compared(draft, field, columnOf(alias, name), value);
}

type Logic = (draft: Draft, model: ModelName, alias: string, value: unknown) => string;
const each: (...args: Parameters<Logic>) => string[] = (draft, model, alias, value) =>
  [value].flat().map((one) => wanted(draft, model, alias, one));
const allAsk = (parts: string[]): string[] => (parts.includes('') ? leave() : parts);

const LOGIC: Record<string, Logic> = {
  AND: (draft, model, alias, value) => joined(each(draft, model, alias, value), ' AND '),
  OR: (draft, model, alias, value) => {
    if (!Array.isArray(value) || value.length === 0) return leave();
    return joined(allAsk(each(draft, model, alias, value)), ' OR ');
  },
  NOT: (draft, model, alias, value) => {
    const parts = within(draft, true, () => allAsk(each(draft, model, alias, value)));
    return joined(
      parts.map((one) => `NOT ${one}`),
      ' AND ',
    );
  },
};

function within<T>(draft: Draft, negated: boolean, write: () => T): T {
  const around = draft.negated;
  draft.negated = negated;
  const written = write();
  draft.negated = around;
  return written;
}

function joined(parts: string[], by: ' AND ' | ' OR '): string {
  const asking = parts.filter((part) => part !== '');
  return asking.length > 1 ? `(${asking.join(by)})` : (asking[0] ?? '');
}

/** The row that a unique selector names, narrowed by whatever stands beside it. Without such a selector it could be any row. */
export function uniqueCondition(draft: Draft, model: ModelName, alias: string, where: unknown): string {
  const selectors = guarantees[model].uniques;
  const { AND, ...given } = plain(where);
  const [name, key] = Object.entries(given)[0] ?? [];
  if (Object.keys(given).length !== 1 || name === undefined || !Object.hasOwn(selectors, name))
    return leave();
  const { ...values } = plain(key);
  const parts = (selectors[name] as string[]).map((column) => {
    const value = values[column];
    delete values[column];
    return `${columnOf(alias, column)} = ${bind(draft, encoded(fieldOf(model, column), value))}`;
  });
  if (Object.keys(values).length > 0) return leave();
  return joined([...parts, wanted(draft, model, alias, { AND })], ' AND ');
}

/** A row that the relation leads to, or none: `some`, `none`, `is`, or the filter itself for a relation to one. */
function related(draft: Draft, field: Field, alias: string, value: unknown): string {
  const given = Object.entries(plain(value)).filter(([, filter]) => filter !== undefined);
  const [operator, filter] = given[0] ?? [];
  if (field.list) {
    if (given.length !== 1) return leave();
    if (operator === 'some') return exists(draft, field, alias, filter);
    return operator === 'none' ? `NOT ${exists(draft, field, alias, filter)}` : leave();
  }
  if (given.some(([name]) => name === 'isNot')) return leave();
  // Prisma joins the one row: null in a column of it makes the NOT null, where NOT EXISTS would be true.
  if (draft.negated && given.length > 0) return leave();
  if (operator === 'is' && given.length === 1) return exists(draft, field, alias, filter);
  return given.length === 0 ? '' : exists(draft, field, alias, value);
}

function exists(draft: Draft, field: Field, alias: string, filter: unknown): string {
  const model = field.relation as ModelName;
  const there = nextAlias(draft);
  const filtered = within(draft, false, () => condition(draft, model, there, plain(filter)));
  return `EXISTS (SELECT FROM ${tableOf(model)} ${there} WHERE ${joinOn(field, alias, there)} AND ${filtered})`;
}

export function joinOn({ on }: Field, here: string, there: string): string {
  if (!on || on.length === 0) return leave();
  return on.map(([mine, theirs]) => `${columnOf(there, theirs)} = ${columnOf(here, mine)}`).join(' AND ');
}

const COMPARISONS: Record<string, string> = { lt: '<', lte: '<=', gt: '>', gte: '>=' };
const PATTERNS: Record<string, (text: string) => string> = {
  contains: (text) => `%${text}%`,
  startsWith: (text) => `${text}%`,
  endsWith: (text) => `%${text}`,
};

function compared(draft: Draft, field: Field, column: string, value: unknown): string {
  if (value === null) return field.required ? leave() : `${column} IS NULL`;
  if (field.list) return leave();
  if (typeof value !== 'object' || value instanceof Date)
    return `${column} = ${bind(draft, encoded(field, value))}`;
  const { mode, ...operators } = plain(value);
  const parts = Object.entries(operators)
    .filter(([, operand]) => operand !== undefined)
    .map(([operator, operand]) => operated(draft, field, column, operator, operand, mode));
  if (parts.length === 0) return leave();
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(' AND ')})`;
}

function operated(
  draft: Draft,
  field: Field,
  column: string,
  operator: string,
  operand: unknown,
  mode: unknown,
): string {
  const pattern = Object.hasOwn(PATTERNS, operator) ? PATTERNS[operator] : undefined;
  if (pattern) {
    if (field.sql !== 'text') return leave();
    return `${column} ${like(mode)} ${bind(draft, pattern(encoded(field, operand) as string))}`;
  }
  if (mode !== undefined) return leave();
  if (operator === 'equals')
    return compared(draft, field, column, operand === null ? null : asValue(operand));
  if (operator === 'not') return otherThan(draft, field, column, operand);
  // Prisma asks booleans for equality only, and enums for no order.
  if (field.sql === 'boolean') return leave();
  if (operator === 'in' || operator === 'notIn') return among(draft, field, column, operator, operand);
  const comparison = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
  if (!comparison || field.sql === 'enum') return leave();
  return `${column} ${comparison} ${bind(draft, encoded(field, operand))}`;
}

const asValue = (operand: unknown) =>
  typeof operand === 'object' && !(operand instanceof Date) ? leave() : operand;

function like(mode: unknown): string {
  if (mode === undefined || mode === 'default') return 'LIKE';
  return mode === 'insensitive' ? 'ILIKE' : leave();
}

function otherThan(draft: Draft, field: Field, column: string, operand: unknown): string {
  if (operand === null) return field.required ? leave() : `${column} IS NOT NULL`;
  return `${column} <> ${bind(draft, encoded(field, asValue(operand)))}`;
}

/** One statement whatever the list's length: `IN ($1…$n)` would be one for each n. */
function among(
  draft: Draft,
  field: Field,
  column: string,
  operator: 'in' | 'notIn',
  operand: unknown,
): string {
  if (!Array.isArray(operand)) return leave();
  const list = bind(
    draft,
    operand.map((item) => encoded(field, item)),
  );
  return operator === 'in' ? `${column} = ANY (${list})` : `${column} <> ALL (${list})`;
}
