import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import type { PrecedingStatement } from './pg-protocol.ts';

/** What a transaction shares with statements that do not go through Prisma's transaction client. */
export type TransactionScope = {
  /** The connection that it runs on, from checkout to release. */
  connection?: pg.PoolClient | undefined;
  /** Statements that are sent together with COMMIT, in their order. */
  atCommit: PrecedingStatement[];
  /**
   * The next write of the fast path commits: if it is the first statement too, the transaction is
   * one round trip.
   */
  commitsNext: boolean;
  /** Begins the transaction, of one that begins with its first statement. */
  begin?: () => Promise<unknown>;
  /** Runs a write as the whole transaction, with what is sent at COMMIT; null once it has begun. */
  commitAlone?: (write: object) => Promise<pg.QueryResult> | null;
};

const store = new AsyncLocalStorage<TransactionScope>();

/**
 * Runs `run` in the scope of a new transaction: the connection that it checks out becomes the
 * scope's.
 */
export function withTransactionScope<T>(run: (scope: TransactionScope) => Promise<T>): Promise<T> {
  const scope: TransactionScope = { atCommit: [], commitsNext: false };
  return store.run(scope, async () => await run(scope));
}

export const transactionScope = (): TransactionScope | undefined => store.getStore();
