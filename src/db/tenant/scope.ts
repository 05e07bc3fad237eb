import { notFound } from '../../errors.ts';
import { type FieldGuarantee, guarantees, type ModelName } from '../guarantees.gen.ts';
import type { Tenant } from './context.ts';
import { noRow, visibleWhere, type Where } from './visibility.ts';

export type Args = Record<string, unknown>;

const isObject = (value: unknown): value is Args =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value)); // graphql-js makes arguments without a prototype

/**
 * The company's rows of a model (or the user's, for identity models), narrowed to what the tenant's
 * reach covers.
 */
export function ownRows(model: ModelName, tenant: Tenant): Where[] {
  const { tenant: column, identity } = guarantees[model];
  if (!column && !identity)
    throw new Error(`${model} is neither a company's nor a user's: it is not reachable through Prisma`);
  const owner = column
    ? { [column]: tenant.companyId ?? NO_ROW }
    : { [identity as string]: tenant.userId ?? NO_ROW };
  const visible = visibleWhere(model, tenant);
  return visible ? [owner, visible] : [owner];
}
const NO_ROW = '00000000-0000-0000-0000-000000000000';

/**
 * The `where` of a read or a bulk write: the caller's, the scope's, and what to-one selections
 * demand of their parents.
 */
export function scopedWhere(
  model: ModelName,
  where: unknown,
  root: Tenant,
  demands: Where[] = [],
  tenant: Tenant = root,
): Where {
  const own = ownRows(model, root);
  return isObject(where)
    ? { AND: [scopedFilter(model, where, tenant), ...own, ...demands] }
    : { AND: [...own, ...demands] };
}

/** A cursor is a row's key; another company's is not there. */
export function scopedCursor(cursor: unknown, tenant: Tenant): void {
  const { key } = (isObject(cursor) ? cursor : {}) as { key?: { companyId?: string } };
  if (key && key.companyId !== tenant.companyId) throw notFound();
}

/**
 * The `where` of a write to one row: its unique key stays on top, the scope and what the write
 * demands stand beside it.
 */
export function scopedUnique(model: ModelName, where: unknown, tenant: Tenant, demands: Where[] = []): Where {
  const given = isObject(where) ? where : {};
  for (const value of Object.values(given)) {
    if (isObject(value) && typeof value.companyId === 'string' && value.companyId !== tenant.companyId)
      throw notFound();
  }
  const and = given.AND === undefined ? [] : [given.AND].flat();
  return { ...given, AND: [...and, ...ownRows(model, tenant), ...demands] };
}

/**
 * Filters through relations see only rows in reach, or they would answer questions about the
 * others.
 */
function scopedFilter(model: ModelName, where: Args, tenant: Tenant): Where {
  const result: Where = {};
  for (const [name, value] of Object.entries(where)) {
    const relation = guarantees[model].fields[name]?.relation as ModelName | undefined;
    if (name === 'OR' && Array.isArray(value) && value.length === 0) result[name] = [noRow(model)];
    else if (['AND', 'OR', 'NOT'].includes(name))
      result[name] = mapEach(value, (part) => scopedFilter(model, part, tenant));
    else if (relation && isObject(value)) result[name] = scopedRelation(model, name, relation, value, tenant);
    else result[name] = value;
  }
  return result;
}

function scopedRelation(
  model: ModelName,
  name: string,
  relation: ModelName,
  value: Args,
  tenant: Tenant,
): Where {
  const narrowed = (filter: unknown) => {
    const visible = visibleWhere(relation, tenant);
    const inner = isObject(filter) ? scopedFilter(relation, filter, tenant) : {};
    return visible ? { AND: [inner, visible] } : inner;
  };
  const operators = Object.keys(value).filter((key) =>
    ['some', 'none', 'every', 'is', 'isNot'].includes(key),
  );
  if (operators.length === 0) return narrowed(value);
  if (visibleWhere(relation, tenant) && operators.some((key) => key === 'every' || key === 'isNot')) {
    throw new Error(
      `${model}.${name}: 'every' and 'isNot' would tell about ${relation} rows out of reach; use 'some' or 'none'`,
    );
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, filter]) => [key, isObject(filter) ? narrowed(filter) : filter]),
  );
}

function mapEach(value: unknown, change: (part: Args) => unknown): unknown {
  if (Array.isArray(value)) return value.map((part) => (isObject(part) ? change(part) : part));
  return isObject(value) ? change(value) : value;
}

/**
 * Narrows every list relation inside `select` and `include` (and `_count`), and returns what the
 * selected to-one relations demand of the row itself: a row whose required relation is out of reach
 * is out of reach too.
 */
export function scopeSelection(
  model: ModelName,
  args: Args,
  tenant: Tenant,
): { args: Args; demands: Where[] } {
  const result = { ...args };
  const demands: Where[] = [];
  for (const key of ['select', 'include'] as const) {
    if (!isObject(args[key])) continue;
    result[key] = Object.fromEntries(
      Object.entries(args[key]).map(([name, wanted]) => [
        name,
        scopeField(model, name, wanted, tenant, demands),
      ]),
    );
  }
  return { args: result, demands };
}

function scopeField(
  model: ModelName,
  name: string,
  wanted: unknown,
  tenant: Tenant,
  demands: Where[],
): unknown {
  if (!wanted) return wanted;
  if (name === '_count') return scopeCount(model, wanted, tenant);
  const field = guarantees[model].fields[name];
  if (!field?.relation) return wanted;
  const nested = scopeSelection(field.relation as ModelName, isObject(wanted) ? wanted : {}, tenant);
  if (field.list)
    return {
      ...nested.args,
      where: scopedWhere(field.relation as ModelName, nested.args.where, tenant, nested.demands),
    };
  demands.push(...toOneDemands(model, name, field, nested.demands, tenant));
  return isObject(wanted) ? nested.args : wanted;
}

function toOneDemands(
  model: ModelName,
  name: string,
  field: FieldGuarantee,
  inner: Where[],
  tenant: Tenant,
): Where[] {
  const visible = visibleWhere(field.relation as ModelName, tenant);
  const all = visible ? [...inner, visible] : inner;
  if (all.length > 0 && !field.required) {
    throw new Error(
      `${model}.${name}: an optional relation to rows with limited reach; read ${field.relation} by its own query`,
    );
  }
  return all.map((demand) => ({ [name]: demand }));
}

function scopeCount(model: ModelName, wanted: unknown, tenant: Tenant): unknown {
  const lists = Object.entries(guarantees[model].fields).filter(([, field]) => field.relation && field.list);
  const chosen =
    isObject(wanted) && isObject(wanted.select)
      ? wanted.select
      : Object.fromEntries(lists.map(([name]) => [name, true]));
  const select: Args = {};
  for (const [name, value] of Object.entries(chosen)) {
    const relation = guarantees[model].fields[name]?.relation as ModelName;
    select[name] = value
      ? { where: scopedWhere(relation, isObject(value) ? value.where : undefined, tenant) }
      : value;
  }
  return { select };
}
