import type { RecordedChange } from '../../audit/record/declaration.ts';
import type { TransactionClient } from '../../db/transaction.ts';

/**
 * A consequence of changed rows, applied in the same transaction for every command. `apply` returns
 * its own changes, which are audited too.
 */
export type Consequence = {
  apply: (
    tx: TransactionClient,
    companyId: string,
    changes: readonly RecordedChange[],
  ) => Promise<RecordedChange[]>;
};
