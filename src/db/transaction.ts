import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import type { Action } from '../audit/record/events.ts';
import type { Db } from './client.ts';
import type { ModelName } from './guarantees.gen.ts';
import type { Ahead } from './tenant/flush.ts';

/** A change of one row that its transaction must put on the record. Images hold sealed columns as ciphertext. */
export type EventDraft = {
  action: Action;
  entity: ModelName;
  entityId: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
};

/** What the extensions need to know of the transaction that a statement runs in. */
export type Transaction = { tx: TransactionClient; events: EventDraft[] };

/** Prisma's client inside an interactive transaction, with all extensions; commands get it without raw SQL. */
export type TransactionClient = Parameters<Parameters<Db['$transaction']>[0]>[0];

const store = new AsyncLocalStorage<Transaction>();

export const currentTransaction = (): Transaction | undefined => store.getStore();
export const withTransaction = <T>(transaction: Transaction, run: () => Promise<T>): Promise<T> =>
  store.run(transaction, async () => await run());

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
