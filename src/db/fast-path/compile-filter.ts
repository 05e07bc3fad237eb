import { guarantees, type ModelName } from '../guarantees.gen.ts';
import { bind, columnOf, encoded, fieldOf, nextAlias, plain, type State, tableOf } from './compile.ts';
import { unsupported } from './unsupported.ts';

type Field = ReturnType<typeof fieldOf>;

/** Compiles Prisma's `where` for rows of the model with this alias to one SQL condition. */
export const condition = (state: State, model: ModelName, alias: string, where: unknown): string =>
  partialCondition(state, model, alias, where) || 'TRUE';

/**
 * Compiles `where` to a condition, or '' when it is empty: Prisma drops such a part, which is not
 * the same as TRUE in an OR or a NOT.
 */
function partialCondition(state: State, model: ModelName, alias: string, where: unknown): string {
  if (where === undefined) return '';
  const parts = Object.entries(plain(where))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => partOf(state, model, alias, name, value));
  return join(parts, ' AND ');
}

function partOf(state: State, model: ModelName, alias: string, name: string, value: unknown): string {
  if (Object.hasOwn(LOGIC, name)) return (LOGIC[name] as Logic)(state, model, alias, value);
  const field = fieldOf(model, name);
  return field.relation
    ? relationCondition(state, field, alias, value)
    : fieldCondition(state, field, columnOf(alias, name), value);
}

type Logic = (state: State, model: ModelName, alias: string, value: unknown) => string;
const conditionsOf: (...args: Parameters<Logic>) => string[] = (state, model, alias, value) =>
  [value].flat().map((one) => partialCondition(state, model, alias, one));
const allNonEmpty = (parts: string[]): string[] => (parts.includes('') ? unsupported('filter') : parts);

const LOGIC: Record<string, Logic> = {
  AND: (state, model, alias, value) => join(conditionsOf(state, model, alias, value), ' AND '),
  OR: (state, model, alias, value) => {
    if (!Array.isArray(value) || value.length === 0) return unsupported('filter');
    return join(allNonEmpty(conditionsOf(state, model, alias, value)), ' OR ');
  },
  NOT: (state, model, alias, value) => {
    const parts = withNegation(state, true, () => allNonEmpty(conditionsOf(state, model, alias, value)));
    return join(
      parts.map((one) => `NOT ${one}`),
      ' AND ',
    );
  },
};

function withNegation<T>(state: State, negated: boolean, compile: () => T): T {
  const around = state.negated;
  state.negated = negated;
  const compiled = compile();
  state.negated = around;
  return compiled;
}

function join(parts: string[], by: ' AND ' | ' OR '): string {
  const given = parts.filter((part) => part !== '');
  return given.length > 1 ? `(${given.join(by)})` : (given[0] ?? '');
}

/**
 * Returns the condition of the row that a unique selector names, narrowed by the filter beside it.
 */
export function uniqueCondition(state: State, model: ModelName, alias: string, where: unknown): string {
  const selectors = guarantees[model].uniques;
  const { AND, ...given } = plain(where);
  const [name, key] = Object.entries(given)[0] ?? [];
  if (Object.keys(given).length !== 1 || name === undefined || !Object.hasOwn(selectors, name))
    return unsupported('filter');
  const { ...values } = plain(key);
  const parts = (selectors[name] as string[]).map((column) => {
    const value = values[column];
    delete values[column];
    return `${columnOf(alias, column)} = ${bind(state, encoded(fieldOf(model, column), value))}`;
  });
  if (Object.keys(values).length > 0) return unsupported('filter');
  return join([...parts, partialCondition(state, model, alias, { AND })], ' AND ');
}

/**
 * Returns a relation's condition: `some`, `none`, `is`, or the filter itself for a relation to one.
 */
function relationCondition(state: State, field: Field, alias: string, value: unknown): string {
  const given = Object.entries(plain(value)).filter(([, filter]) => filter !== undefined);
  const [operator, filter] = given[0] ?? [];
  if (field.list) {
    if (given.length !== 1) return unsupported('filter');
    if (operator === 'some') return exists(state, field, alias, filter);
    return operator === 'none' ? `NOT ${exists(state, field, alias, filter)}` : unsupported('filter');
  }
  if (given.some(([name]) => name === 'isNot')) return unsupported('filter');
  // Prisma joins the one row: null in a column of it makes the NOT null, where NOT EXISTS would be
  // true.
  if (state.negated && given.length > 0) return unsupported('filter');
  if (operator === 'is' && given.length === 1) return exists(state, field, alias, filter);
  return given.length === 0 ? '' : exists(state, field, alias, value);
}

function exists(state: State, field: Field, alias: string, filter: unknown): string {
  const model = field.relation as ModelName;
  const other = nextAlias(state, model);
  const filtered = withNegation(state, false, () => condition(state, model, other, plain(filter)));
  return `EXISTS (SELECT FROM ${tableOf(model)} ${other} WHERE ${joinOn(field, alias, other)} AND ${filtered})`;
}

export function joinOn({ on }: Field, here: string, other: string): string {
  if (!on || on.length === 0) return unsupported('filter');
  return on.map(([mine, theirs]) => `${columnOf(other, theirs)} = ${columnOf(here, mine)}`).join(' AND ');
}

const COMPARISONS: Record<string, string> = { lt: '<', lte: '<=', gt: '>', gte: '>=' };
const PATTERNS: Record<string, (text: string) => string> = {
  contains: (text) => `%${text}%`,
  startsWith: (text) => `${text}%`,
  endsWith: (text) => `%${text}`,
};

function fieldCondition(state: State, field: Field, column: string, value: unknown): string {
  if (value === null) return field.required ? unsupported('filter') : `${column} IS NULL`;
  if (field.list) return unsupported('filter');
  if (typeof value !== 'object' || value instanceof Date)
    return `${column} = ${bind(state, encoded(field, value))}`;
  const { mode, ...operators } = plain(value);
  const parts = Object.entries(operators)
    .filter(([, operand]) => operand !== undefined)
    .map(([operator, operand]) => operatorCondition(state, field, column, operator, operand, mode));
  if (parts.length === 0) return unsupported('filter');
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(' AND ')})`;
}

function operatorCondition(
  state: State,
  field: Field,
  column: string,
  operator: string,
  operand: unknown,
  mode: unknown,
): string {
  const pattern = Object.hasOwn(PATTERNS, operator) ? PATTERNS[operator] : undefined;
  if (pattern) {
    if (field.sql !== 'text') return unsupported('filter');
    return `${column} ${like(mode)} ${bind(state, pattern(encoded(field, operand) as string))}`;
  }
  if (mode !== undefined) return unsupported('filter');
  if (operator === 'equals')
    return fieldCondition(state, field, column, operand === null ? null : asValue(operand));
  if (operator === 'not') return notCondition(state, field, column, operand);
  // Prisma asks booleans for equality only, and enums for no order.
  if (field.sql === 'boolean') return unsupported('filter');
  if (operator === 'in' || operator === 'notIn')
    return listCondition(state, field, column, operator, operand);
  const comparison = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
  if (!comparison || field.sql === 'enum') return unsupported('filter');
  return `${column} ${comparison} ${bind(state, encoded(field, operand))}`;
}

const asValue = (operand: unknown) =>
  typeof operand === 'object' && !(operand instanceof Date) ? unsupported('filter') : operand;

function like(mode: unknown): string {
  if (mode === undefined || mode === 'default') return 'LIKE';
  return mode === 'insensitive' ? 'ILIKE' : unsupported('filter');
}

function notCondition(state: State, field: Field, column: string, operand: unknown): string {
  if (operand === null) return field.required ? unsupported('filter') : `${column} IS NOT NULL`;
  return `${column} <> ${bind(state, encoded(field, asValue(operand)))}`;
}

/** One statement whatever the list's length: `IN ($1…$n)` would be one for each n. */
function listCondition(
  state: State,
  field: Field,
  column: string,
  operator: 'in' | 'notIn',
  operand: unknown,
): string {
  if (!Array.isArray(operand)) return unsupported('filter');
  const list = bind(
    state,
    operand.map((item) => encoded(field, item)),
  );
  return operator === 'in' ? `${column} = ANY (${list})` : `${column} <> ALL (${list})`;
}
