import { guarantees, type ModelName } from '../../db/guarantees.gen.ts';
import { currentTransaction, type TransactionClient } from '../../db/transaction.ts';
import { columnsOf } from './snapshot.ts';

export type Args = Record<string, unknown>;
export type Row = Record<string, unknown> & { id: string };
export type Where = Record<string, unknown>;

/** How many rows one call may write: each is an event of its own, and they are all held locked until commit. */
export const BULK_LIMIT = 1000;

type Delegate = Record<
  'findMany' | 'createManyAndReturn' | 'updateManyAndReturn' | 'create' | 'update',
  (args: Args) => PromiseLike<unknown>
>;

/** The model's methods in the current transaction, through all extensions. */
export const delegateOf = (model: ModelName): Delegate => {
  const { tx } = transactionFor(model);
  return tx[(model[0]?.toLowerCase() + model.slice(1)) as keyof TransactionClient] as unknown as Delegate;
};

export function transactionFor(model: ModelName) {
  const transaction = currentTransaction();
  if (!transaction)
    throw new Error(
      `${model} is written outside of a transaction, where its event could not commit with it; write it in a command`,
    );
  return transaction;
}

/** The ids of the rows that a `where` finds, at most BULK_LIMIT. A unique selector is flattened for it. */
export async function idsOf(model: ModelName, where: Where): Promise<string[]> {
  const found = (await delegateOf(model).findMany({
    where: flat(model, where),
    select: { id: true },
    take: BULK_LIMIT + 1,
  })) as Row[];
  assertBulk(model, found.length);
  return found.map((row) => row.id);
}

export function assertBulk(model: ModelName, rows: number): void {
  if (rows > BULK_LIMIT)
    throw new Error(
      `${model}: a call writes at most ${BULK_LIMIT} rows, each with its event; write them in parts`,
    );
}

/**
 * Rows as they are, locked until the transaction ends, by `id = ANY (ids)` and in the order of their ids; ciphertext as it is. `sent`: it is on
 * the transaction's connection already, so that what is asked there next happens after it, awaited or not.
 */
export type Lock = (model: ModelName, columns: string[], ids: string[], strength: Strength) => Locking;
export type Locking = { rows: Promise<Row[]>; sent: boolean };
type Strength = 'UPDATE' | 'NO KEY UPDATE';

/**
 * The rows before a change: nobody changes them between this image and the write. Locked in the order of their ids, so that two calls
 * don't wait for each other. Sealed columns are ciphertext, since no extension saw them.
 */
export async function lockRows(
  lock: Lock,
  model: ModelName,
  ids: string[],
  strength: Strength,
): Promise<Map<string, Row>> {
  if (ids.length === 0) return new Map();
  transactionFor(model);
  return byId(await lock(model, columnsOf(model), ids, strength).rows);
}

/** The same, and the write that follows, in one round trip where that can be: the write is the same whatever the image turns out to be. */
export async function lockAndWrite(
  lock: Lock,
  model: ModelName,
  ids: string[],
  write: () => Promise<Row>,
): Promise<[before: Map<string, Row>, row: Row]> {
  if (ids.length === 0) return [new Map(), await write()];
  transactionFor(model);
  const { rows, sent } = lock(model, columnsOf(model), ids, 'NO KEY UPDATE');
  if (!sent) await rows;
  // of two that fail the first is the cause: PostgreSQL refuses whatever follows it in the transaction
  const [before, row] = await Promise.all([rows, write()]);
  return [byId(before), row];
}

const byId = (rows: Row[]) => new Map(rows.map((row) => [row.id, row]));

/** `{ key: { companyId, id } }` → `{ companyId, id }`: only unique selectors know compound keys, filters don't. */
export function flat(model: ModelName, where: Where): Where {
  const parts = Object.entries(where).map(([name, value]) =>
    guarantees[model].uniques[name] ? (value as Where) : { [name]: value },
  );
  return Object.assign({}, ...parts);
}
