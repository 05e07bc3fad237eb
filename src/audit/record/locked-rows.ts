import type { ModelName } from '../../db/guarantees.gen.ts';
import { columnsOf } from './snapshot.ts';
import { delegateOf, requireTransaction } from './transaction.ts';

export type Args = Record<string, unknown>;
export type Row = Record<string, unknown> & { id: string };
export type Where = Record<string, unknown>;

/** Maximum of rows that one call writes: each has an event, and all stay locked until commit. */
export const BULK_LIMIT = 1000;

/** Returns the ids of the rows that a filter finds. Throws when there are more than BULK_LIMIT. */
export async function idsOf(model: ModelName, where: Where): Promise<string[]> {
  const found = (await delegateOf(model).findMany({
    where,
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
 * Reads and locks rows until the transaction ends, in the order of their ids; sealed columns are ciphertext. `sent`: the statement is
 * on the transaction's connection already, so that the next one there runs after it, awaited or not.
 */
export type Lock = (model: ModelName, columns: string[], ids: string[], strength: Strength) => Locking;
export type Locking = { rows: Promise<Row[]>; sent: boolean };
type Strength = 'UPDATE' | 'NO KEY UPDATE';

/**
 * Returns the rows before a change, locked: no other transaction changes them between this snapshot and the write. The order of their
 * ids keeps two calls from a deadlock.
 */
export async function lockRows(
  lock: Lock,
  model: ModelName,
  ids: string[],
  strength: Strength,
): Promise<Map<string, Row>> {
  if (ids.length === 0) return new Map();
  requireTransaction(model);
  return byId(await lock(model, columnsOf(model), ids, strength).rows);
}

/** Locks and writes, in one round trip where the lock is `sent`: the write does not depend on the snapshot. */
export async function lockAndWrite(
  lock: Lock,
  model: ModelName,
  ids: string[],
  write: () => Promise<Row>,
): Promise<[before: Map<string, Row>, row: Row]> {
  if (ids.length === 0) return [new Map(), await write()];
  requireTransaction(model);
  const { rows, sent } = lock(model, columnsOf(model), ids, 'NO KEY UPDATE');
  if (!sent) await rows;
  // of two that fail the first is the cause: PostgreSQL refuses whatever follows it in the transaction
  const [before, row] = await Promise.all([rows, write()]);
  return [byId(before), row];
}

const byId = (rows: Row[]) => new Map(rows.map((row) => [row.id, row]));
