import { modelOf } from './columns.ts';
import { type Args, isRecord, plainObject, refuseOpaque, searchable, type Work } from './where.ts';

/**
 * The sealed columns of a result's rows at each depth; null where there are none, so that those
 * rows are not visited.
 */
export type Plan = { model: string; columns: string[]; relations: [name: string, plan: Plan][] };

const OPAQUE_POSITIONS = [
  'orderBy',
  'distinct',
  'cursor',
  'by',
  'having',
  '_count',
  '_min',
  '_max',
  '_avg',
  '_sum',
] as const;

/**
 * Returns the arguments of a query or nested list with searchable filters, and the plan of its
 * result.
 */
export function readable(model: string, args: Args, work: Work): { args: Args; plan: Plan | null } {
  for (const position of OPAQUE_POSITIONS) refuseOpaque(model, position, args[position]);
  const result: Args = { ...args };
  if (args.where !== undefined) result.where = searchable(model, args.where, work);
  const relations: Plan['relations'] = [];
  for (const key of ['select', 'include'] as const) {
    if (args[key] === undefined || args[key] === null) continue;
    plainObject(model, args[key]);
    result[key] = chosen(model, args[key], work, relations);
  }
  const columns = sealedOf(model, args);
  if (columns.length > 0) withId(result);
  return { args: result, plan: columns.length + relations.length > 0 ? { model, columns, relations } : null };
}

/** Returns the sealed columns of this selection. */
function sealedOf(model: string, { select, omit }: Args): string[] {
  const all = modelOf(model).columns;
  if (all.length === 0) return [];
  const wanted = isRecord(select)
    ? all.filter(({ field }) => select[field])
    : all.filter(({ field }) => !(isRecord(omit) && omit[field]));
  return wanted.map(({ field }) => field);
}

/** Adds the row's id, which a value is bound to. */
function withId(args: Args): void {
  if (isRecord(args.select)) args.select = { ...args.select, id: true };
  if (isRecord(args.omit)) args.omit = { ...args.omit, id: false };
}

function chosen(model: string, fields: Args, work: Work, relations: Plan['relations']): Args {
  const result: Args = {};
  for (const [name, wanted] of Object.entries(fields)) {
    const relation = modelOf(model).relations.get(name);
    if (name === '_count') result[name] = counted(model, wanted, work);
    else if (relation && wanted) result[name] = nested(name, relation, wanted, work, relations);
    else result[name] = wanted;
  }
  return result;
}

function nested(
  name: string,
  relation: string,
  wanted: unknown,
  work: Work,
  relations: Plan['relations'],
): unknown {
  if (wanted !== true) plainObject(relation, wanted);
  const { args, plan } = readable(relation, wanted === true ? {} : wanted, work);
  if (plan) relations.push([name, plan]);
  return wanted === true ? true : args;
}

/** Handles the filters of `_count: { select: { employees: { where } } }`. */
function counted(model: string, wanted: unknown, work: Work): unknown {
  if (!isRecord(wanted) || !isRecord(wanted.select)) return wanted;
  const entries = Object.entries(wanted.select).map(([name, value]) => {
    const relation = modelOf(model).relations.get(name);
    return [
      name,
      relation && isRecord(value) ? { ...value, where: searchable(relation, value.where, work) } : value,
    ];
  });
  return { ...wanted, select: Object.fromEntries(entries) };
}
