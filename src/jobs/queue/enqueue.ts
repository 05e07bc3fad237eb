import type { Query } from '../../db/sql.ts';
import type { JobQueue } from './queue.ts';
import { type IdsOf, idsOf, type QueueName, queues } from './queues.ts';

/** Adds a job of this company with the commit of the transaction: rolled back, there is none. */
export type Enqueue = <Name extends QueueName>(name: Name, ids: IdsOf<Name>) => Promise<void>;

/** Returns how a transaction of a company adds jobs. `query` runs statements in it. */
export const enqueueIn =
  (jobs: JobQueue, query: Query, companyId: string): Enqueue =>
  async (name, ids) => {
    await jobs.send(name, { companyId, ...idsOf(queues[name].ids, ids) }, query);
  };
