import { guarantees, type ModelName } from '../../db/guarantees.gen.ts';
import { isAction } from './events.ts';
import {
  type Args,
  assertBulk,
  delegateOf,
  flat,
  idsOf,
  type Lock,
  lockAndWrite,
  lockRows,
  type Row,
  transactionFor,
  type Where,
} from './locked-rows.ts';
import { changeOf, columnsOf, type Image, imageOf } from './snapshot.ts';

type Operation = {
  model: string;
  operation: string;
  args: unknown;
  query: (args: never) => Promise<unknown>;
};
type Run = (args: Args) => Promise<unknown>;
type Write = (model: ModelName, args: Args, run: Run, lock: Lock) => Promise<unknown>;

/**
 * Drafts an event with both images for each row of an @audited model that is written. Stands between tenant (arguments are in
 * scope already) and seal. Rows come back with all their columns, whatever was selected. PostgreSQL refuses at commit what this missed.
 */
export const captureExtension = (lock: Lock) => ({
  name: 'capture',
  query: {
    $allModels: {
      $allOperations: ({ model, operation, args, query }: Operation): Promise<unknown> => {
        const run = query as Run;
        if (READS.has(operation) || !guarantees[model as ModelName].audited) return run((args ?? {}) as Args);
        const write = WRITES[operation];
        if (!write)
          throw new Error(`${model}.${operation} is not supported: nothing says how it gets on the record`);
        transactionFor(model as ModelName);
        return write(model as ModelName, args as Args, run, lock);
      },
    },
  },
});

const create: Write = async (model, args, run) => {
  const row = (await run(widened(model, args))) as Row;
  draft(model, 'created', row.id, { after: imageOf(model, row) });
  return row;
};

const createManyAndReturn: Write = async (model, args, run) => {
  assertBulk(model, [args.data].flat().length);
  const rows = (await run(widened(model, args))) as Row[];
  for (const row of rows) draft(model, 'created', row.id, { after: imageOf(model, row) });
  return rows;
};

/** Prisma doesn't say which rows it made unless asked to return them. */
const createMany: Write = async (model, args) => ({
  count: ((await delegateOf(model).createManyAndReturn(args)) as Row[]).length,
});

const update: Write = async (model, args, run, lock) => {
  const ids = await oneId(model, args.where as Where);
  const write = async () => (await run(widened(model, args))) as Row;
  const [before, row] = await lockAndWrite(lock, model, ids, write);
  drafted(model, before, row);
  return row;
};

const updateManyAndReturn: Write = async (model, args, run, lock) => {
  const ids = await idsOf(model, args.where as Where);
  const before = await lockRows(lock, model, ids, 'NO KEY UPDATE');
  const rows = (await run({
    ...widened(model, args),
    where: { AND: [args.where, { id: { in: ids } }] },
  })) as Row[];
  for (const row of rows) drafted(model, before, row);
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
  draft(model, 'deleted', row.id, { before: imageOf(model, locked(model, before, row.id)) });
  return row;
};

/** Found, locked, and looked at again: what another transaction changed meanwhile may not match any more. */
const deleteMany: Write = async (model, args, run, lock) => {
  if (args.limit !== undefined)
    throw new Error(`${model}.deleteMany: 'limit' leaves open which rows go; name them in 'where'`);
  const before = await lockRows(lock, model, await idsOf(model, args.where as Where), 'UPDATE');
  const ids = await idsOf(model, { AND: [args.where, { id: { in: [...before.keys()] } }] });
  const result = await run({ where: { AND: [args.where, { id: { in: ids } }] } });
  for (const id of ids) draft(model, 'deleted', id, { before: imageOf(model, locked(model, before, id)) });
  return result;
};

/** Two writes, each with its own way onto the record. Two upserts of a new row at once: one of them gets the unique violation. */
const upsert: Write = async (model, { where, create, update, ...selection }) => {
  const [found] = await idsOf(model, where as Where);
  const delegate = delegateOf(model);
  return found
    ? delegate.update({ where, data: update, ...selection })
    : delegate.create({ data: create, ...selection });
};

const WRITES: Record<string, Write> = {
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
const READS = new Set([
  'findFirst',
  'findFirstOrThrow',
  'findUnique',
  'findUniqueOrThrow',
  'findMany',
  'count',
  'aggregate',
  'groupBy',
]);

/** The row's id, from its key, or looked up. Who cannot see the row finds none, and Prisma then reports it missing. */
async function oneId(model: ModelName, where: Where): Promise<string[]> {
  const { id } = flat(model, where);
  return typeof id === 'string' ? [id] : idsOf(model, where);
}

/** All of the row's columns come back, since the image needs them; relations as selected. */
function widened(model: ModelName, { omit: _, ...args }: Args): Args {
  if (!args.select) return args;
  const columns = Object.fromEntries(columnsOf(model).map((name) => [name, true]));
  return { ...args, select: { ...(args.select as Args), ...columns } };
}

function drafted(model: ModelName, before: Map<string, Row>, row: Row): void {
  draft(model, 'updated', row.id, changeOf(model, locked(model, before, row.id), row));
}

function locked(model: ModelName, rows: Map<string, Row>, id: string): Row {
  const row = rows.get(id);
  if (!row)
    throw new Error(
      `${model} ${id} was written without having been locked: its image before the change is unknown`,
    );
  return row;
}

function draft(
  model: ModelName,
  change: 'created' | 'updated' | 'deleted',
  entityId: string,
  images: { before?: Image; after?: Image },
): void {
  const action = `${model[0]?.toLowerCase()}${model.slice(1)}.${change}`;
  if (!isAction(action)) throw new Error(`src/audit/record/events.ts has no event ${action}`);
  transactionFor(model).changes.push({ action, entity: model, entityId, ...images });
}
