import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import type { PrecedingStatement } from './pg-protocol.ts';

/** What a transaction shares with statements that do not go through Prisma's transaction client. */
export type TransactionScope = {
  /** The connection that it runs on, from checkout to release. */
  connection?: pg.PoolClient | undefined;
  /** Statements that are sent together with COMMIT, in their order. */
  atCommit: PrecedingStatement[];
};

const store = new AsyncLocalStorage<TransactionScope>();

/** Runs `run` in the scope of a new transaction: the connection that it checks out becomes the scope's. */
export function withTransactionScope<T>(run: (scope: TransactionScope) => Promise<T>): Promise<T> {
  const scope: TransactionScope = { atCommit: [] };
  return store.run(scope, async () => await run(scope));
}

export const transactionScope = (): TransactionScope | undefined => store.getStore();
