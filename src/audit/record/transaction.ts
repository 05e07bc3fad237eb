import { AsyncLocalStorage } from 'node:async_hooks';
import type { ModelName } from '../../db/guarantees.gen.ts';
import type { Action } from './events.ts';
import type { Snapshot } from './snapshot.ts';

/** A change of one row, to be appended to the audit log by its transaction. Snapshots hold sealed columns as ciphertext. */
export type CapturedChange = {
  action: Action;
  entity: ModelName;
  entityId: string;
  before?: Snapshot;
  after?: Snapshot;
};

/** The part of Prisma's transaction client that extensions use. */
type RawClient = { $queryRawUnsafe<Rows>(sql: string, ...values: unknown[]): PromiseLike<Rows> };

/** The transaction that the current code runs in, with the changes captured so far and what is sent with its COMMIT. */
export type Transaction<Client extends RawClient = RawClient> = {
  tx: Client;
  changes: CapturedChange[];
  /** How many updates left their row as it was: they are no change, and have no event. */
  unchanged: number;
  atCommit: { text: string; values: (string | null)[] }[];
};

const store = new AsyncLocalStorage<Transaction>();

export const currentTransaction = (): Transaction | undefined => store.getStore();

/** Runs `run` with this as the current transaction; it awaits inside, since Prisma's promises start only when awaited. */
export const runInTransaction = <T>(transaction: Transaction, run: () => Promise<T>): Promise<T> =>
  store.run(transaction, async () => await run());

/** Returns the current transaction. Throws outside of one: the change's event could not commit with the change. */
export function requireTransaction(model: string): Transaction {
  const transaction = currentTransaction();
  if (!transaction) throw new Error(`${model} is written outside of a transaction; write it in a command`);
  return transaction;
}

type Args = Record<string, unknown>;
type Delegate = Record<
  'findMany' | 'count' | 'createManyAndReturn' | 'updateManyAndReturn' | 'create' | 'update',
  (args: Args) => PromiseLike<unknown>
>;

/** Returns the model's methods in the current transaction, through all extensions. Throws outside of one. */
export function delegateOf(model: ModelName): Delegate {
  const { tx } = requireTransaction(model);
  const name = `${model[0]?.toLowerCase()}${model.slice(1)}`;
  return (tx as unknown as Record<string, Delegate>)[name] as Delegate;
}
