import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import type { Action } from '../audit/record/events.ts';
import type { Db } from './client.ts';
import type { ModelName } from './guarantees.gen.ts';
import type { Ahead } from './tenant/pg-protocol.ts';

/** A change of one row, to be appended to the audit log by its transaction. Snapshots hold sealed columns as ciphertext. */
export type CapturedChange = {
  action: Action;
  entity: ModelName;
  entityId: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
};

/** The transaction that a statement runs in, with the changes captured so far and what is sent with its COMMIT. */
export type Transaction = { tx: TransactionClient; changes: CapturedChange[]; atCommit: Ahead[] };

/** Prisma's client inside an interactive transaction, with all extensions; commands get it without raw SQL. */
export type TransactionClient = Parameters<Parameters<Db['$transaction']>[0]>[0];

const store = new AsyncLocalStorage<Transaction>();

export const currentTransaction = (): Transaction | undefined => store.getStore();

/** Runs `run` as part of the transaction of `tx`; `db.$transaction` must be around it. */
export function withTransaction<T>(
  tx: TransactionClient,
  run: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const atCommit = held.getStore()?.atCommit;
  if (!atCommit) throw new Error('withTransaction: expected to run inside db.$transaction of openClient');
  const transaction: Transaction = { tx, changes: [], atCommit };
  return store.run(transaction, async () => await run(transaction));
}

/** The connection that a transaction holds, for statements that don't go through Prisma's transaction client. */
export type Held = {
  connection?: pg.PoolClient | undefined;
  /** Statements that are written together with COMMIT, in their order. */
  atCommit: Ahead[];
};
const held = new AsyncLocalStorage<Held>();

export function holding<T>(run: (hold: Held) => Promise<T>): Promise<T> {
  const hold: Held = { atCommit: [] };
  return held.run(hold, async () => await run(hold));
}
export const currentHold = (): Held | undefined => held.getStore();
export const heldConnection = (): pg.PoolClient | undefined => held.getStore()?.connection;
