import type { CapturedChange } from '../audit/record/transaction.ts';
import type { TransactionClient } from '../db/transaction.ts';

/**
 * What follows from changed rows in the same transaction, whichever command changed them. `apply` returns the changes that it
 * made itself, which are audited with the others.
 */
export type Consequence = {
  apply: (
    tx: TransactionClient,
    companyId: string,
    changes: readonly CapturedChange[],
  ) => Promise<CapturedChange[]>;
};
