import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import { reading } from '../../auth/reading.ts';
import { queryAs } from '../../db/sql.ts';
import { queues } from '../queue/queues.ts';
import { schedules } from '../run/schedules.ts';

/** A queue, or the runs of a schedule. `id` is its name. */
export type ListedQueue = {
  id: string;
  what: string;
  cron: string | null;
  waiting: number;
  running: number;
  failed: number;
};
type Counts = Pick<ListedQueue, 'id' | 'waiting' | 'running' | 'failed'>;

const COUNTS = `SELECT name AS id, count(*) FILTER (WHERE state IN ('created', 'retry'))::int AS waiting,
    count(*) FILTER (WHERE state = 'active')::int AS running, count(*) FILTER (WHERE state = 'failed')::int AS failed
  FROM pgboss.job WHERE state IN ('created', 'retry', 'active', 'failed') GROUP BY name`;

/** Returns all queues with the number of their jobs over all companies. */
export const jobQueues = reading({
  caller: 'actor',
  permission: 'platform.jobs.read',
  run: async ({ services }): Promise<ListedQueue[]> => {
    const counts = await queryAs(services.pool, { companyId: PLATFORM_ID, userId: null })<Counts>(COUNTS);
    const listed = { ...queues, ...schedules };
    return Object.entries<{ what: string; cron?: string }>(listed).map(([id, { what, cron = null }]) => {
      const { waiting = 0, running = 0, failed = 0 } = counts.find((one) => one.id === id) ?? {};
      return { id, what, cron, waiting, running, failed };
    });
  },
});
