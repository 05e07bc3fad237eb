import { guarantees, type ModelName } from '../../db/guarantees.gen.ts';
import { type Extension, shapeOf, type WriteOperation } from '../../db/operations/operations.ts';
import { uniqueFilter } from '../../db/operations/unique-selector.ts';
import { isAction, unknownEvent } from './events.ts';
import {
  type Args,
  assertBulk,
  idsOf,
  type Lock,
  lockAndWrite,
  lockRows,
  type Row,
  type Where,
} from './locked-rows.ts';
import { changeOf, columnsOf, type Snapshot, snapshotOf } from './snapshot.ts';
import { delegateOf, requireTransaction } from './transaction.ts';

type Run = (args: Args) => Promise<unknown>;
type Write = (model: ModelName, args: Args, run: Run, lock: Lock) => Promise<unknown>;

/**
 * Captures the change of each row of an @audited model that is written, with both snapshots. Stands between tenant (arguments are in
 * scope already) and seal. Rows come back with all their columns, whatever was selected. PostgreSQL refuses at commit what this missed.
 */
export const captureExtension =
  (lock: Lock): Extension =>
  ({ model, operation, args, query }) => {
    const run = query as Run;
    const { action } = shapeOf(model, operation);
    if (action === 'read' || !guarantees[model as ModelName].audited) return run((args ?? {}) as Args);
    requireTransaction(model);
    return WRITES[operation as WriteOperation](model as ModelName, args as Args, run, lock);
  };

const create: Write = async (model, args, run) => {
  const row = (await run(widened(model, args))) as Row;
  capture(model, 'created', row.id, { after: snapshotOf(model, row) });
  return row;
};

const createManyAndReturn: Write = async (model, args, run) => {
  assertBulk(model, [args.data].flat().length);
  const rows = (await run(widened(model, args))) as Row[];
  for (const row of rows) capture(model, 'created', row.id, { after: snapshotOf(model, row) });
  return rows;
};

/** Creates with returning, because Prisma otherwise does not report the created rows. */
const createMany: Write = async (model, args) => ({
  count: ((await delegateOf(model).createManyAndReturn(args)) as Row[]).length,
});

const update: Write = async (model, args, run, lock) => {
  const ids = await oneId(model, args.where as Where);
  const write = async () => (await run(widened(model, args))) as Row;
  const [before, row] = await lockAndWrite(lock, model, ids, write);
  captureUpdate(model, before, row);
  return row;
};

const updateManyAndReturn: Write = async (model, args, run, lock) => {
  const ids = await idsOf(model, args.where as Where);
  const before = await lockRows(lock, model, ids, 'NO KEY UPDATE');
  const rows = (await run({
    ...widened(model, args),
    where: { AND: [args.where, { id: { in: ids } }] },
  })) as Row[];
  for (const row of rows) captureUpdate(model, before, row);
  return rows;
};

const updateMany: Write = async (model, { limit, ...args }) => {
  if (limit !== undefined)
    throw new Error(`${model}.updateMany: 'limit' leaves open which rows change; name them in 'where'`);
  return { count: ((await delegateOf(model).updateManyAndReturn(args)) as Row[]).length };
};

const deleteOne: Write = async (model, args, run, lock) => {
  const before = await lockRows(lock, model, await oneId(model, args.where as Where), 'UPDATE');
  const row = (await run(widened(model, args))) as Row;
  capture(model, 'deleted', row.id, { before: snapshotOf(model, locked(model, before, row.id)) });
  return row;
};

/** Finds, locks and finds again: a row that a concurrent transaction changed may no longer match. */
const deleteMany: Write = async (model, args, run, lock) => {
  if (args.limit !== undefined)
    throw new Error(`${model}.deleteMany: 'limit' leaves open which rows go; name them in 'where'`);
  const before = await lockRows(lock, model, await idsOf(model, args.where as Where), 'UPDATE');
  const ids = await idsOf(model, { AND: [args.where, { id: { in: [...before.keys()] } }] });
  const result = await run({ where: { AND: [args.where, { id: { in: ids } }] } });
  for (const id of ids)
    capture(model, 'deleted', id, { before: snapshotOf(model, locked(model, before, id)) });
  return result;
};

/** Runs an upsert as a create or an update, which captures its change. Of two concurrent upserts of a new row, one fails on the unique key. */
const upsert: Write = async (model, { where, create, update, ...selection }) => {
  const [found] = await idsOf(model, uniqueFilter(model, where as Where));
  const delegate = delegateOf(model);
  return found
    ? delegate.update({ where, data: update, ...selection })
    : delegate.create({ data: create, ...selection });
};

const WRITES: Record<WriteOperation, Write> = {
  create,
  createMany,
  createManyAndReturn,
  update,
  updateMany,
  updateManyAndReturn,
  delete: deleteOne,
  deleteMany,
  upsert,
};

/** The row's id, from its key or looked up; none when the row is out of scope, and Prisma then reports it missing. */
async function oneId(model: ModelName, where: Where): Promise<string[]> {
  const filter = uniqueFilter(model, where);
  return typeof filter.id === 'string' ? [filter.id] : idsOf(model, filter);
}

/** Returns arguments that select all of the row's columns, for its snapshot, and relations as selected. */
function widened(model: ModelName, { omit: _, ...args }: Args): Args {
  if (!args.select) return args;
  const columns = Object.fromEntries(columnsOf(model).map((name) => [name, true]));
  return { ...args, select: { ...(args.select as Args), ...columns } };
}

function captureUpdate(model: ModelName, before: Map<string, Row>, row: Row): void {
  const change = changeOf(model, locked(model, before, row.id), row);
  if (change) capture(model, 'updated', row.id, change);
  else requireTransaction(model).unchanged += 1;
}

function locked(model: ModelName, rows: Map<string, Row>, id: string): Row {
  const row = rows.get(id);
  if (!row)
    throw new Error(
      `${model} ${id} was written without having been locked: its snapshot before the change is unknown`,
    );
  return row;
}

function capture(
  model: ModelName,
  change: 'created' | 'updated' | 'deleted',
  entityId: string,
  snapshots: { before?: Snapshot; after?: Snapshot },
): void {
  const action = `${model[0]?.toLowerCase()}${model.slice(1)}.${change}`;
  if (!isAction(action)) throw new Error(unknownEvent(action));
  requireTransaction(model).changes.push({ action, entity: model, entityId, ...snapshots });
}
