import { runInTransaction, type Transaction } from '../audit/record/transaction.ts';
import type { PrismaClient } from './generated/client.ts';
import { transactionScope } from './tenant/transaction-scope.ts';

/** Every model and raw SQL inside a transaction, with all extensions: Prisma's type of it. */
export type TransactionClient = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

/** The same without raw SQL: every model, inside the transaction of a command. */
export type CommandClient = Omit<TransactionClient, `$${string}`>;

/**
 * Runs `run` as part of the transaction of `tx`: its writes are noted. Throws outside of
 * `db.$transaction`.
 */
export function withTransaction<T>(
  tx: TransactionClient,
  run: (transaction: Transaction<TransactionClient>) => Promise<T>,
): Promise<T> {
  const scope = transactionScope();
  if (!scope) throw new Error('withTransaction: expected to run inside db.$transaction of openClient');
  const transaction = {
    ...{ tx, writes: [], atCommit: scope.atCommit },
    commitWithNext: () => {
      scope.commitsNext = true;
    },
  };
  return runInTransaction(transaction, () => run(transaction));
}
