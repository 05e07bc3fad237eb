import { guarantees, type ModelName } from './guarantees.gen.ts';
import {
  bind,
  columnOf,
  type Draft,
  encoded,
  fieldOf,
  leave,
  nextAlias,
  plain,
  tableOf,
} from './statement.ts';

type Field = ReturnType<typeof fieldOf>;

/** Prisma's `where` for rows of a model named `alias`, as one SQL condition. */
export function condition(draft: Draft, model: ModelName, alias: string, where: unknown): string {
  if (where === undefined) return 'TRUE';
  const parts: string[] = [];
  for (const [name, value] of Object.entries(plain(where))) {
    if (value === undefined) continue;
    parts.push(part(draft, model, alias, name, value));
  }
  return parts.length === 0 ? 'TRUE' : parts.length === 1 ? (parts[0] as string) : `(${parts.join(' AND ')})`;
}

function part(draft: Draft, model: ModelName, alias: string, name: string, value: unknown): string {
  if (name === 'AND') return joined(draft, model, alias, value, ' AND ', 'TRUE');
  if (name === 'OR') return joined(draft, model, alias, value, ' OR ', 'FALSE');
  if (name === 'NOT') {
    const parts = [value].flat().map((one) => `NOT ${condition(draft, model, alias, one)}`);
    return parts.length === 0 ? 'TRUE' : `(${parts.join(' AND ')})`;
  }
  if (Object.hasOwn(guarantees[model].uniques, name)) return condition(draft, model, alias, value);
  const field = fieldOf(model, name);
  return field.relation
    ? related(draft, field, alias, value)
    : compared(draft, field, columnOf(alias, name), value);
}

function joined(
  draft: Draft,
  model: ModelName,
  alias: string,
  value: unknown,
  by: ' AND ' | ' OR ',
  empty: string,
): string {
  if (by === ' OR ' && !Array.isArray(value)) return leave();
  const parts = [value].flat().map((one) => condition(draft, model, alias, one));
  return parts.length === 0 ? empty : `(${parts.join(by)})`;
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
  return exists(draft, field, alias, operator === 'is' && given.length === 1 ? filter : value);
}

function exists(draft: Draft, field: Field, alias: string, filter: unknown): string {
  const model = field.relation as ModelName;
  const there = nextAlias(draft);
  const wanted = condition(draft, model, there, plain(filter));
  return `EXISTS (SELECT FROM ${tableOf(model)} ${there} WHERE ${joinOn(field, alias, there)} AND ${wanted})`;
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
    if (field.sql !== 'text' || typeof operand !== 'string') return leave();
    return `${column} ${like(mode)} ${bind(draft, pattern(operand))}`;
  }
  if (mode !== undefined) return leave();
  if (operator === 'equals')
    return compared(draft, field, column, operand === null ? null : asValue(operand));
  if (operator === 'not') return otherThan(draft, field, column, operand);
  if (operator === 'in' || operator === 'notIn') return among(draft, field, column, operator, operand);
  const comparison = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
  // Prisma compares booleans and enums by equality only.
  if (!comparison || field.sql === 'boolean' || field.sql === 'enum') return leave();
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
