import { AsyncLocalStorage } from 'node:async_hooks';
import type { ModelName } from '../../db/guarantees.gen.ts';

/** A call that wrote rows of an audited model; `columns` are those that an update sets. */
export type AuditedWrite = {
  model: ModelName;
  change: 'created' | 'updated' | 'deleted';
  columns: readonly string[];
};

/** The part of Prisma's transaction client that extensions use. */
type RawClient = { $queryRawUnsafe<Rows>(sql: string, ...values: unknown[]): PromiseLike<Rows> };

/**
 * The transaction that the current code runs in, with the writes so far and what is sent with its
 * COMMIT.
 */
export type Transaction<Client extends RawClient = RawClient> = {
  tx: Client;
  writes: AuditedWrite[];
  atCommit: { text: string; values: (string | null)[] }[];
  /**
   * While a command's last write runs: returns what declares its event, or null where more
   * statements follow it. Undefined otherwise.
   */
  declareLast?: ((write: AuditedWrite) => { text: string; values: string[] } | null) | undefined;
  /** Whether the events of all writes are declared. */
  isDeclared?: boolean;
  /** Has the next write commit, in one round trip where it is the first statement as well. */
  commitWithNext: () => void;
};

const store = new AsyncLocalStorage<Transaction>();

/**
 * Runs `run` with this as the current transaction; it awaits inside, since Prisma's promises start
 * only when awaited.
 */
export const runInTransaction = <T>(transaction: Transaction, run: () => Promise<T>): Promise<T> =>
  store.run(transaction, async () => await run());

/**
 * Returns the current transaction. Throws outside of one: the change's event could not commit with
 * the change.
 */
export function requireTransaction(model: string): Transaction {
  const transaction = store.getStore();
  if (!transaction) throw new Error(`${model} is written outside of a transaction; write it in a command`);
  return transaction;
}

type Args = Record<string, unknown>;
type Delegate = Record<'findMany' | 'count' | 'create' | 'update', (args: Args) => PromiseLike<unknown>>;

/**
 * Returns the model's methods in the current transaction, through all extensions. Throws outside of
 * one.
 */
export function delegateOf(model: ModelName): Delegate {
  const { tx } = requireTransaction(model);
  const name = `${model[0]?.toLowerCase()}${model.slice(1)}`;
  return (tx as unknown as Record<string, Delegate>)[name] as Delegate;
}
