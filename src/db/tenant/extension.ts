import { v7 as uuidv7 } from 'uuid';
import { notFound } from '../../errors.ts';
import { guarantees, type ModelName } from '../guarantees.gen.ts';
import { currentTransaction } from '../transaction.ts';
import { currentTenant, type Tenant } from './context.ts';
import { type Args, scopedCursor, scopedUnique, scopedWhere, scopeSelection } from './scope.ts';
import { visibleWhere, type Where } from './visibility.ts';

/** What Prisma hands to a query extension. */
export type Operation = {
  model: string;
  operation: string;
  args: unknown;
  query: (args: never) => Promise<unknown>;
};

/**
 * The second wall (the first is the field's rule, the third is RLS): each query is narrowed to the company and to what the
 * permission covers, each new row gets its company, each write is inside a transaction. Outermost extension: the others see
 * arguments that are in scope already.
 */
export const tenantExtension = {
  name: 'tenant',
  query: {
    $allModels: {
      $allOperations: ({ model, operation, args, query }: Operation) => {
        const scope = SCOPES[operation];
        if (!scope)
          throw new Error(`${model}.${operation} is not supported: nothing says how its rows are kept apart`);
        const tenant = currentTenant();
        return scope(model as ModelName, (args ?? {}) as Args, query as Run, {
          tenant,
          root: acting(tenant),
        });
      },
    },
  },
};

type Run = (args: Args) => Promise<unknown>;
/** `root` for the model that is asked for, `tenant` for what is selected or filtered through its relations. */
type Scopes = { tenant: Tenant; root: Tenant };
type Scope = (model: ModelName, args: Args, run: Run, scopes: Scopes) => Promise<unknown>;

/** In a command, its own rows are those in the access scope of its permission; what its answer shows of others is what may be read. */
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
  const result = await run({ ...selected, data: Array.isArray(args.data) ? data : data[0] });
  await assertInScope(model, data, root, demands);
  return result;
};

const updateOne: Scope = async (model, args, run, { tenant, root }) => {
  const { args: selected, demands } = scopeSelection(model, args, tenant);
  const where = scopedUnique(model, args.where, root);
  const result = await run({ ...selected, where, data: plain(model, args.data as Args) });
  await assertInScope(model, [{ id: rowId(where, result) }], root, demands);
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
  const where = scopedUnique(model, args.where, root);
  const result = await run({ ...selected, where, create, update: plain(model, args.update as Args) });
  await assertInScope(model, [{ id: rowId(where, result) }], root, demands);
  return result;
};

/** An operation that isn't named here is refused: findUnique becomes findFirst before it gets here (client.ts). */
const SCOPES: Record<string, Scope> = {
  findFirst: read,
  findFirstOrThrow: read,
  findMany: read,
  count: read,
  aggregate: read,
  groupBy: read,
  create,
  createMany: create,
  createManyAndReturn: create,
  update: updateOne,
  updateMany,
  updateManyAndReturn: updateMany,
  upsert,
  delete: deleteOne,
  deleteMany,
};

/** A new row with its id (UUIDv7, known before the insert since seals are bound to it) and its company, which the caller may repeat but not choose. */
function owned(model: ModelName, row: Args, tenant: Tenant): Args {
  const column = guarantees[model].tenant;
  if (!column) throw new Error(`${model} rows are not made through Prisma: they belong to no company`);
  if (!tenant.companyId) throw notFound();
  if (row[column] !== undefined && row[column] !== tenant.companyId) throw notFound();
  return { id: uuidv7(), ...plain(model, row), [column]: tenant.companyId };
}

/** Nested writes are refused: company, seal and event are guaranteed row by row, by a call for each. */
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

function requireTransaction(model: ModelName): void {
  if (!currentTransaction())
    throw new Error(`${model} is written outside of a transaction; write it in a command`);
}

const rowId = (where: Args, result: unknown) =>
  (where.key as { id?: string } | undefined)?.id ?? (result as Args).id;

const movedColumns = (model: ModelName): string[] => {
  const { read: _, ...columns } = guarantees[model].visible ?? { read: '' };
  return Object.values(columns);
};

/**
 * Nobody makes or moves a row to where they can't reach, nor reads through their answer what they may not see: looked up after the
 * write, and the transaction fails with NOT_FOUND.
 */
async function assertInScope(model: ModelName, rows: Args[], root: Tenant, demands: Where[]): Promise<void> {
  if (!visibleWhere(model, root) && demands.length === 0) return;
  const ids = rows.map((row) => row.id) as string[];
  const delegate = currentTransaction()?.tx[(model[0]?.toLowerCase() + model.slice(1)) as 'employee'];
  const found = ids.includes(undefined as never)
    ? -1
    : await delegate?.count({ where: { id: { in: ids }, AND: demands } });
  if (found !== ids.length) throw notFound();
}
