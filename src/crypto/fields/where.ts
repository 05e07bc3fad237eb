import type { CompanyKeys, Purpose } from '../keys/keyring.ts';
import { blindIndex } from './blind-index.ts';
import { type Column, modelOf } from './columns.ts';

export type Args = Record<string, unknown>;

/** Keys that a query needs, and the work to do once they are loaded. Empty for most queries. */
export type Work = {
  needs: Map<string, [scope: string, purpose: Purpose]>;
  steps: ((keys: CompanyKeys) => void)[];
};

export const newWork = (): Work => ({ needs: new Map(), steps: [] });

export function need(work: Work, scope: string, purpose: Purpose, step: (keys: CompanyKeys) => void): void {
  work.needs.set(`${purpose} ${scope}`, [scope, purpose]);
  work.steps.push(step);
}

export const isRecord = (value: unknown): value is Args =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  isPlain(Object.getPrototypeOf(value));
const isPlain = (prototype: unknown) => prototype === Object.prototype || prototype === null;

/** Rejects class instances in arguments: they could hide a sealed column. */
export function plainObject(model: string, value: unknown): asserts value is Args {
  if (!isRecord(value))
    throw new Error(
      `${model}: expected plain objects as query arguments, got ${value?.constructor?.name ?? typeof value}`,
    );
}

const LOGIC = new Set(['AND', 'OR', 'NOT']);
const RELATION = new Set(['some', 'every', 'none', 'is', 'isNot']);

/**
 * Rewrites equality on searchable columns to their blind index; throws for any other filter on
 * ciphertext.
 */
export function searchable(model: string, where: unknown, work: Work): unknown {
  if (Array.isArray(where)) return where.map((part) => searchable(model, part, work));
  if (where === undefined || where === null) return where;
  plainObject(model, where);
  const { byField, companions, opaque, relations, uniques } = modelOf(model);
  const result: Args = {};
  for (const [name, value] of Object.entries(where)) {
    const column = byField.get(name);
    const relation = relations.get(name);
    if (value === undefined) continue;
    if (column) condition(column, value, result, work);
    else if (companions.has(name) && opaque.has(name))
      throw refused(model, name, 'where', 'search by the sealed column itself');
    else if (relation) result[name] = throughRelation(relation, value, work);
    else if (LOGIC.has(name) || uniques.has(name)) result[name] = searchable(model, value, work);
    else result[name] = comparable(model, value);
  }
  return result;
}

/** Rejects field references such as `client.employee.fields.iban`: ciphertexts are never equal. */
function comparable(model: string, value: unknown): unknown {
  for (const part of isRecord(value) ? Object.values(value) : [value]) {
    const { modelName, name } = (part ?? {}) as { modelName?: unknown; name?: unknown };
    if (typeof modelName === 'string' && typeof name === 'string')
      refuseName(modelName, `where on ${model}`, name);
  }
  return value;
}

function throughRelation(model: string, value: unknown, work: Work): unknown {
  if (value === null) return null;
  plainObject(model, value);
  const operators = Object.keys(value).some((key) => RELATION.has(key));
  if (!operators) return searchable(model, value, work);
  return Object.fromEntries(
    Object.entries(value).map(([key, filter]) => [key, searchable(model, filter, work)]),
  );
}

function condition(column: Column, value: unknown, result: Args, work: Work): void {
  if (value === null) result[column.field] = null;
  else if (typeof value === 'string') lookUp(column, value, work, result, indexOf(column, 'equals'));
  else if (isRecord(value) && Object.keys(value).length > 0) {
    for (const [operator, operand] of Object.entries(value)) filter(column, operator, operand, result, work);
  } // Prisma turns a Sealed into an empty object, and an empty filter would match every row.
  else throw refused(column.model, column.field, 'where', 'expected text or null');
}

function filter(column: Column, operator: string, operand: unknown, result: Args, work: Work): void {
  if (operand === undefined) return;
  // Null is stored as null.
  if (operand === null && (operator === 'equals' || operator === 'not')) {
    result[column.field] = { ...(result[column.field] as Args), [operator]: null };
    return;
  }
  const index = indexOf(column, operator);
  result[index] ??= {};
  const target = result[index] as Args;
  if (operator === 'equals' && typeof operand === 'string') {
    lookUp(column, operand, work, target, 'equals');
    return;
  }
  if (operator !== 'in' || !Array.isArray(operand))
    throw refused(column.model, column.field, `where ${operator}`, NO_OTHER);
  const list: string[] = [];
  operand.forEach((text, position) => {
    if (typeof text !== 'string')
      throw refused(column.model, column.field, 'where in', 'expected a list of text');
    lookUp(column, text, work, list as unknown as Args, String(position));
  });
  target.in = list;
}

const NO_OTHER = 'ciphertext can be compared by equals, in, null and not null only';

function indexOf(column: Column, operator: string): string {
  if (column.index) return column.index;
  throw refused(
    column.model,
    column.field,
    `where ${operator}`,
    'it has no blind index; annotate it with search: exact, or ask for null or not null',
  );
}

function lookUp(column: Column, text: string, work: Work, target: Args, name: string): void {
  need(work, column.scope, 'index', (keys) => {
    target[name] = blindIndex(keys, column.scope, column.model, column.field, text);
  });
}

export const refused = (model: string, field: string, position: string, why: string): Error =>
  new Error(`${model}.${field} is sealed: ${position} is refused; ${why}`);

/**
 * Rejects sealed columns where ciphertext gives a meaningless or revealing answer: orderBy,
 * distinct, by, having, …
 */
export function refuseOpaque(model: string, position: string, value: unknown): void {
  if (typeof value === 'string') refuseName(model, position, value);
  else if (Array.isArray(value)) for (const part of value) refuseOpaque(model, position, part);
  else if (isRecord(value))
    for (const [name, inner] of Object.entries(value)) refuseEntry(model, position, name, inner);
}

function refuseEntry(model: string, position: string, name: string, inner: unknown): void {
  if (inner === undefined) return;
  refuseName(model, position, name);
  // Nested strings are directions and values, except the columns of _relevance.
  if (isRecord(inner) || (name === 'fields' && inner))
    refuseOpaque(modelOf(model).relations.get(name) ?? model, position, inner);
  if (LOGIC.has(name) && Array.isArray(inner)) refuseOpaque(model, position, inner);
}

function refuseName(model: string, position: string, name: string): void {
  if (modelOf(model).opaque.has(name))
    throw refused(model, name, position, 'the order and equality of ciphertext mean nothing');
}
