import { guarantees, type ModelName } from '../../db/guarantees.gen.ts';
import { type Extension, type OperationShape, shapeOf } from '../../db/operations/operations.ts';
import { uniqueFilter } from '../../db/operations/unique-selector.ts';
import { type AuditedWrite, delegateOf, requireTransaction, type Transaction } from './transaction.ts';

type Args = Record<string, unknown>;

/** Maximum of rows that one call writes: each has an event, and all stay locked until commit. */
const BULK_LIMIT = 1000;

/**
 * Notes each call that writes rows of an @audited model, and refuses it outside of a transaction.
 * PostgreSQL writes the events (chapter 15 of the migrations); the command declares who makes the
 * change.
 */
export const captureExtension: Extension = async ({ model, operation, args, query }) => {
  const { action, rows } = shapeOf(model, operation);
  const run = query as (args: unknown) => Promise<unknown>;
  if (action === 'read' || !guarantees[model as ModelName].audited) return run(args ?? {});
  const transaction = requireTransaction(model);
  if (action === 'upsert') return upsert(model as ModelName, args as Args);
  if (rows === 'many') assertBounded(model, operation, args as Args);
  const columns = action === 'update' ? Object.keys((args as Args).data as Args) : [];
  const write = { model: model as ModelName, change: CHANGES[action], columns };
  if (rows === 'one') declareLast(transaction, write);
  const result = await run(rows === 'one' ? withId(args as Args) : args);
  const written = rows === 'many' ? countOf(result) : 1;
  assertBulk(model, written);
  if (written > 0) transaction.writes.push(write);
  return result;
};

/** Declares the event of a command's one write beforehand, so that the write itself can commit. */
function declareLast(transaction: Transaction, write: AuditedWrite): void {
  const { writes, declareLast: declare, atCommit } = transaction;
  const declared = writes.length === 0 ? declare?.(write) : null;
  if (!declared) return;
  atCommit.push(declared);
  transaction.isDeclared = true;
  transaction.commitWithNext();
}

const CHANGES = { create: 'created', update: 'updated', delete: 'deleted' } as const satisfies Record<
  Exclude<OperationShape['action'], 'read' | 'upsert'>,
  string
>;

/** A row's id is selected as well: the tenant extension looks at the written row once more. */
const withId = ({ select, ...args }: Args): Args =>
  select ? { ...args, select: { ...(select as Args), id: true } } : args;

const countOf = (result: unknown): number =>
  Array.isArray(result) ? result.length : (result as { count: number }).count;

function assertBounded(model: string, operation: string, { data, limit }: Args): void {
  if (Array.isArray(data)) assertBulk(model, data.length);
  if (limit !== undefined)
    throw new Error(`${model}.${operation}: 'limit' leaves open which rows change; name them in 'where'`);
}

function assertBulk(model: string, rows: number): void {
  if (rows > BULK_LIMIT)
    throw new Error(
      `${model}: a call writes at most ${BULK_LIMIT} rows, each with its event; write them in parts`,
    );
}

/**
 * Runs an upsert as a create or an update. Of two concurrent upserts of a new row, one fails on the
 * unique key.
 */
async function upsert(model: ModelName, { where, create, update, ...selection }: Args): Promise<unknown> {
  const delegate = delegateOf(model);
  const found = await delegate.findMany({
    where: uniqueFilter(model, where as Args),
    select: { id: true },
    take: 1,
  });
  return (found as unknown[]).length > 0
    ? delegate.update({ where, data: update, ...selection })
    : delegate.create({ data: create, ...selection });
}
