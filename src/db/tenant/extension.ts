import { v7 as uuidv7 } from 'uuid';
import { delegateOf, requireTransaction } from '../../audit/record/transaction.ts';
import { AppError, notFound } from '../../errors.ts';
import { guarantees, type ModelName } from '../guarantees.gen.ts';
import { type Extension, type OperationShape, shapeOf } from '../operations/operations.ts';
import { reportConflict } from '../operations/unique-conflict.ts';
import { uniqueFilter } from '../operations/unique-selector.ts';
import { currentTenant, type Tenant } from './context.ts';
import { type Args, scopedCursor, scopedUnique, scopedWhere, scopeSelection } from './scope.ts';
import {
  hidesConflicts,
  namesReachedPlace,
  placeColumns,
  placedWhere,
  placeRelations,
  visibleWhere,
  type Where,
} from './visibility.ts';

/**
 * The second of three checks (the first is the field's rule, the third is RLS): each query is
 * narrowed to the company and to what the permission covers, each new row gets its company, each
 * write is inside a transaction. Outermost extension: the others see arguments that are in scope
 * already.
 */
export const tenantExtension: Extension = ({ model, operation, args, query }) => {
  const { action, rows } = shapeOf(model, operation);
  const tenant = currentTenant();
  const scopes = { tenant, root: acting(tenant) };
  const run = action === 'read' ? (query as Run) : guarded(model as ModelName, query as Run, scopes.root);
  return SCOPES[action][rows](model as ModelName, (args ?? {}) as Args, run, scopes);
};

/** A write that reports a conflict with a row that the actor may not see. */
const guarded = (model: ModelName, run: Run, root: Tenant): Run =>
  hidesConflicts(model, root) ? (args) => reportConflict(model, () => run(args)) : run;

type Run = (args: Args) => Promise<unknown>;
/**
 * `root` for the model that is asked for, `tenant` for what is selected or filtered through its
 * relations.
 */
type Scopes = { tenant: Tenant; root: Tenant };
type Scope = (model: ModelName, args: Args, run: Run, scopes: Scopes) => Promise<unknown>;

/**
 * In a command, its own rows are those in the access scope of its permission; what its answer shows
 * of others is what may be read.
 */
function acting(tenant: Tenant): Tenant {
  const { acting: permission, accessScope } = tenant;
  return permission && accessScope ? { ...tenant, accessScope: () => accessScope(permission) } : tenant;
}

const read: Scope = (model, args, run, { tenant, root }) => {
  const { args: selected, demands } = scopeSelection(model, args, tenant);
  scopedCursor(args.cursor, tenant);
  return run({ ...selected, where: scopedWhere(model, args.where, root, demands, tenant) });
};

const create: Scope = async (model, args, run, { tenant, root }) => {
  const { args: selected, demands } = scopeSelection(model, args, tenant);
  const data = [args.data].flat().map((row) => owned(model, row as Args, tenant));
  await assertPlaceable(model, data, root);
  const demanded = [...demands, ...placed(model, data, root)];
  looksAfter(model, data, root, demanded);
  const result = await run({ ...selected, data: Array.isArray(args.data) ? data : data[0] });
  await assertInScope(model, data, root, demanded);
  await assertLinkable(model, data, data, tenant);
  return result;
};

const updateOne: Scope = async (model, args, run, { tenant, root }) => {
  const { args: selected, demands } = scopeSelection(model, args, tenant);
  const places = placed(model, [args.data as Args], root);
  if (places.length > 0) await assertMovable(model, args, root);
  const where = scopedUnique(model, args.where, root, places);
  const demanded = [...demands, ...places];
  looksAfter(model, [args.data as Args], root, demanded);
  const result = await run({ ...selected, where, data: plain(model, args.data as Args) });
  const rows = [{ id: rowId(where, result) }];
  await assertInScope(model, rows, root, demanded);
  await assertLinkable(model, [args.data as Args], rows, tenant);
  return result;
};

const deleteOne: Scope = (model, args, run, { tenant, root }) => {
  const { args: selected, demands } = scopeSelection(model, args, tenant);
  // once the row is gone nothing can be asked of it
  if (demands.length > 0)
    throw new Error(
      `${model}.delete: a relation to rows with limited reach; read it before the row is deleted`,
    );
  requireTransaction(model);
  return run({ ...selected, where: scopedUnique(model, args.where, root) });
};

const updateMany: Scope = (model, args, run, { tenant, root }) => {
  const moved = movedColumns(model).filter((column) => column in (args.data as Args));
  if (moved.length > 0 && visibleWhere(model, root)) {
    throw new Error(
      `${model}.updateMany: ${moved.join(', ')} decides who may see the row; update such rows one by one`,
    );
  }
  if (links(model, args.data as Args))
    throw new Error(`${model}.updateMany: says whose own rows these are; update such rows one by one`);
  return run({
    ...args,
    where: scopedWhere(model, args.where, root, [], tenant),
    data: plain(model, args.data as Args),
  });
};

const deleteMany: Scope = (model, args, run, { tenant, root }) => {
  requireTransaction(model);
  return run({ ...args, where: scopedWhere(model, args.where, root, [], tenant) });
};

const upsert: Scope = async (model, args, run, { tenant, root }) => {
  const { args: selected, demands } = scopeSelection(model, args, tenant);
  const create = owned(model, args.create as Args, tenant);
  const places = placed(model, [create, args.update as Args], root);
  const where = scopedUnique(model, args.where, root, places);
  const result = await run({ ...selected, where, create, update: plain(model, args.update as Args) });
  const rows = [{ id: rowId(where, result) }];
  await assertInScope(model, rows, root, [...demands, ...places]);
  await assertLinkable(model, [create, args.update as Args], rows, tenant);
  return result;
};

const SCOPES: Record<OperationShape['action'], Record<OperationShape['rows'], Scope>> = {
  read: { one: read, many: read },
  create: { one: create, many: create },
  update: { one: updateOne, many: updateMany },
  upsert: { one: upsert, many: upsert },
  delete: { one: deleteOne, many: deleteMany },
};

/**
 * A new row with its id (UUIDv7, known before the insert since seals are bound to it) and its
 * company, which the caller may repeat but not choose.
 */
function owned(model: ModelName, row: Args, tenant: Tenant): Args {
  const column = guarantees[model].tenant;
  if (!column) throw new Error(`${model} rows are not made through Prisma: they belong to no company`);
  if (!tenant.companyId) throw notFound();
  if (row[column] !== undefined && row[column] !== tenant.companyId) throw notFound();
  return { id: uuidv7(), ...plain(model, row), [column]: tenant.companyId };
}

/**
 * Nested writes are refused: company, seal and event are guaranteed row by row, by a call for each.
 */
function plain(model: ModelName, data: Args): Args {
  requireTransaction(model);
  const nested = Object.keys(data).find((name) => guarantees[model].fields[name]?.relation);
  if (nested) {
    throw new Error(
      `${model}.${nested}: nested writes are refused; write ${guarantees[model].fields[nested]?.relation} by a call of its own and set the key column`,
    );
  }
  return data;
}

const rowId = (where: Args, result: unknown) =>
  (where.key as { id?: string } | undefined)?.id ?? (result as Args).id;

const movedColumns = (model: ModelName): string[] => {
  const { read: _, ...columns } = guarantees[model].visible ?? { read: '' };
  return Object.values(columns);
};

/**
 * What a write that names a branch, department or team demands of its rows, before and after: that
 * they lie in the actor's.
 */
function placed(model: ModelName, data: Args[], root: Tenant): Where[] {
  const named = placeColumns(model).some((column) => data.some((row) => row[column] !== undefined));
  const where = named ? placedWhere(model, root) : null;
  return where ? [where] : [];
}

/**
 * Rejects new rows outside of the access scope with NOT_FOUND before they are written: or a
 * conflict would reveal that such a row exists. `assertInScope` looks at the rows themselves.
 */
async function assertPlaceable(model: ModelName, data: Args[], root: Tenant): Promise<void> {
  if (!visibleWhere(model, root)) return;
  const relations = placeRelations(model);
  const own = relations.length === 0 && placed(model, data, root).length > 0;
  if (own && !data.every((row) => namesReachedPlace(model, row, root))) throw notFound();
  if (own) for (const row of data) await assertPlacesExist(model, row);
  for (const relation of relations) await assertParents(model, relation, data);
}

/** The same for a row that an update moves, for a row that the actor may change. */
async function assertMovable(model: ModelName, { where, data }: Args, root: Tenant): Promise<void> {
  const select = Object.fromEntries(placeColumns(model).map((column) => [column, true]));
  const rows = await delegateOf(model).findMany({ where: uniqueFilter(model, where as Args), select });
  const moved = (rows as Args[]).map((row) => ({ ...row, ...(data as Args) }));
  await assertPlaceable(model, moved, root);
}

/**
 * Rejects a row whose places are none of the company, or lie elsewhere than the row says, with
 * NOT_FOUND.
 */
async function assertPlacesExist(model: ModelName, row: Args): Promise<void> {
  const columns = placeColumns(model);
  for (const { relation, list, on = [] } of Object.values(guarantees[model].fields)) {
    const ties = on.filter(([here]) => columns.includes(here));
    if (!relation || list || ties.length === 0 || ties.some(([here]) => (row[here] ?? null) === null))
      continue;
    const where = Object.fromEntries(ties.map(([here, there]) => [there, row[here]]));
    if ((await delegateOf(relation as ModelName).count({ where })) === 0) throw notFound();
  }
}

async function assertParents(model: ModelName, relation: string, data: Args[]): Promise<void> {
  const { relation: parent, on = [] } = guarantees[model].fields[relation] ?? {};
  const column = on.find(([, there]) => there === 'id')?.[0];
  if (!parent || !column) throw new Error(`${model}.${relation}: expected a relation by id`);
  const ids = [...new Set(data.map((row) => row[column]).filter((id) => id !== null && id !== undefined))];
  const found = await delegateOf(parent as ModelName).count({ where: { id: { in: ids } } });
  if (found !== ids.length) throw notFound();
}

/**
 * Keeps the transaction open where `assertInScope` or `assertLinkable` have to look at what was
 * written.
 */
function looksAfter(model: ModelName, data: Args[], root: Tenant, demands: Where[]): void {
  if (visibleWhere(model, root) || demands.length > 0 || data.some((row) => links(model, row)))
    requireTransaction(model).declareLast = undefined;
}

/**
 * Rejects with NOT_FOUND when a written row, or what is selected through it, is outside of the
 * access scope; the transaction fails with it. Looked up after the write.
 */
async function assertInScope(model: ModelName, rows: Args[], root: Tenant, demands: Where[]): Promise<void> {
  if (!visibleWhere(model, root) && demands.length === 0) return;
  const ids = rows.map((row) => row.id) as string[];
  const found = ids.includes(undefined as never)
    ? -1
    : await delegateOf(model).count({ where: { id: { in: ids }, AND: demands } });
  if (found !== ids.length) throw notFound();
}

/** Returns whether a write links the row to a user. Removing the link grants nothing. */
const links = (model: ModelName, row: Args): boolean => {
  const { self } = guarantees[model].visible ?? {};
  return (
    self !== undefined && self in guarantees[model].fields && ![undefined, null].includes(row[self] as null)
  );
};

/**
 * Rejects a write that makes rows a user's own, unless the actor may read all that these rows then
 * open to that user: or an accomplice would be shown what the actor may not read. Error: FORBIDDEN.
 */
async function assertLinkable(model: ModelName, data: Args[], rows: Args[], tenant: Tenant): Promise<void> {
  const { accessScope, opensToSelf } = tenant;
  if (!data.some((row) => links(model, row)) || !accessScope) return;
  if (!opensToSelf) throw new Error(`${model}: says whose own the row is; only a command may`);
  const opened = opensToSelf(model).filter((permission) => accessScope(permission) !== 'company');
  const reached = opened.map((permission) =>
    placedWhere(model, { ...tenant, accessScope: () => accessScope(permission) }),
  );
  const ids = rows.map((row) => row.id) as string[];
  const found =
    opened.length === 0
      ? ids.length
      : await delegateOf(model).count({ where: { id: { in: ids }, AND: reached } });
  if (found === ids.length) return;
  throw new AppError(
    'FORBIDDEN',
    `This opens the record to a member: it needs ${opened.join(', ')} for the record’s place.`,
  );
}
