import { requireEpoch } from '../../db/leader/fence.ts';
import { type TransactionalQuery, transactionAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';

/** The row of the table `leader` whose leader runs the schedules. */
export const SCHEDULES = 'schedules';

/** Runs transactions of no company, as long as this instance leads. */
export type Lead = <T>(run: (query: TransactionalQuery) => Promise<T>) => Promise<T>;

/** Returns the transactions of a leader in this epoch. Error: LeadershipLost in a later one. */
export const leadIn =
  ({ pool }: Pick<Services, 'pool'>, epoch: string | null): Lead =>
  (run) =>
    transactionAs(pool, { companyId: null, userId: null }, async (query) => {
      await requireEpoch(query, SCHEDULES, epoch);
      return run(query);
    });
