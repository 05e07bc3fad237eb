import { type CommandResponse, type JobResult, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { Query } from '../../db/sql.ts';
import { MOST_SECONDS, RETRIES, RETRY_SECONDS, SILENT_SECONDS } from './queues.ts';

/** A job as its worker gets it. `attempt` counts from 0. */
export type Job = { id: string; queue: string; attempt: number; data: Record<string, string> };
/** Runs a job. Returns the code of its failure, which is kept beside it; null when it is done. */
export type RunJob = (job: Job) => Promise<string | null>;
/** How the jobs of a queue are kept from running at the same time. */
export type Order = 'parallel' | 'one at a time';

/** The queues of jobs in PostgreSQL. */
export type JobQueue = {
  /** Makes the queue, or gives it the current settings. */
  declare: (name: string, order: Order) => Promise<void>;
  /**
   * Adds a job in the transaction of `query`, or at once without it: what is rolled back adds none.
   * Returns its id; null where one of a queue for one job at a time is waiting already.
   */
  send: (name: string, data: Record<string, string>, query?: Query) => Promise<string | null>;
  /** Replaces the schedules, by queue. */
  schedule: (crons: Readonly<Record<string, string>>) => Promise<void>;
  /** Runs jobs of a queue, one after the other. */
  work: (name: string, order: Order, run: RunJob) => Promise<void>;
  /** Takes no further jobs of a queue. */
  leave: (name: string) => Promise<void>;
  /**
   * Settles a job in the transaction of `query`, if this attempt still has it. Returns whether it
   * does.
   */
  complete: (job: Job, query: Query) => Promise<boolean>;
  /** Makes a failed job wait for a worker again. Returns whether there was one. */
  retry: (name: string, id: string, query: Query) => Promise<boolean>;
  /** Cancels a job that waits or runs. Returns whether there was one. */
  cancel: (name: string, id: string, query: Query) => Promise<boolean>;
  /** Waits for running jobs, hands back what still runs after `graceMs`, and disconnects. */
  stop: (graceMs?: number) => Promise<void>;
};

export type QueueOptions = {
  /** Leads to PostgreSQL itself. */
  connectionString: string;
  /** How long settled jobs are kept. */
  keepDays: number;
  log: Logger;
};

/** Connections of one server for its jobs, beside the one for the election. */
export const QUEUE_CONNECTIONS = 2;

const inTransaction = (query: Query) => ({
  db: {
    executeSql: async (text: string, values: unknown[] = []) => ({ rows: await query(text, values) }),
  },
});

/** pg-boss declares no member of its answer. */
const affects = (response: CommandResponse) => (response as { affected: number }).affected > 0;

/** Seconds between two looks of an idle worker, and between two looks for lost jobs. */
const POLL_SECONDS = 2;
const SUPERVISE_SECONDS = 15;
/** How many jobs a worker takes at a time. */
const BATCH = 5;

/** Opens the queues. Connects with the first call, and again with the next one after a failure. */
export function openQueue(options: QueueOptions): JobQueue {
  const { keepDays } = options;
  let opening: Promise<PgBoss> | undefined;
  const opened = () => {
    opening ??= startBoss(options).catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  const settings = {
    ...{ retryLimit: RETRIES, retryDelay: RETRY_SECONDS, retryBackoff: true },
    ...{
      expireInSeconds: MOST_SECONDS,
      heartbeatSeconds: SILENT_SECONDS,
      deleteAfterSeconds: keepDays * 86_400,
    },
  };
  return {
    async declare(name, order) {
      const boss = await opened();
      const policy = order === 'parallel' ? 'standard' : 'stately';
      await boss.createQueue(name, { policy, ...settings });
      await boss.updateQueue(name, settings);
    },
    send: async (name, data, query) => (await opened()).send(name, data, query ? inTransaction(query) : {}),
    async schedule(crons) {
      const boss = await opened();
      for (const { name } of await boss.getSchedules()) if (!(name in crons)) await boss.unschedule(name);
      for (const [name, cron] of Object.entries(crons))
        await boss.schedule(name, cron, {}, { tz: 'UTC', missed: 'once' });
    },
    async work(name, order, run) {
      const boss = await opened();
      const batchSize = order === 'parallel' ? BATCH : 1;
      const options = {
        ...{ pollingIntervalSeconds: POLL_SECONDS, batchSize, burstWhenBatchFull: batchSize > 1 },
        ...({ includeMetadata: true, perJobResults: true } as const),
      };
      await boss.work<Job['data'], never, typeof options>(name, options, async (jobs) => {
        const results: JobResult[] = [];
        for (const { id, retryCount, data, signal } of jobs) {
          if (signal.aborted) continue; // it was cancelled, or handed back with all others
          const code = await run({ id, queue: name, attempt: retryCount, data: data ?? {} });
          results.push(
            code === null ? { id, status: 'completed' } : { id, status: 'failed', output: { code } },
          );
        }
        return results;
      });
    },
    leave: async (name) => (await opened()).offWork(name, { wait: false }),
    async complete({ id, queue, attempt }, query) {
      const boss = await opened();
      const done = await boss.complete(queue, { id, retryCount: attempt }, null, inTransaction(query));
      return affects(done);
    },
    async retry(name, id, query) {
      return affects(await (await opened()).retry(name, id, inTransaction(query)));
    },
    async cancel(name, id, query) {
      return affects(await (await opened()).cancel(name, id, inTransaction(query)));
    },
    async stop(graceMs = 0) {
      const boss = await opening?.catch(() => undefined);
      await boss?.stop({ timeout: graceMs });
    },
  };
}

/** The server's role makes no tables: `migrate`, `reindex` and what needs partitions are off. */
async function startBoss({ connectionString, log }: QueueOptions): Promise<PgBoss> {
  const boss = new PgBoss({
    ...{ connectionString, max: QUEUE_CONNECTIONS, application_name: 'bulwark jobs' },
    ...{ migrate: false, createSchema: false, reindex: false, registerInstance: false },
    ...{ superviseIntervalSeconds: SUPERVISE_SECONDS, monitorIntervalSeconds: SUPERVISE_SECONDS },
  });
  boss.on('error', (error) => log.warn({ err: error }, 'the queue of jobs failed; it goes on by itself'));
  boss.on('warning', ({ message }) => log.warn({ warning: message }, 'the queue of jobs'));
  await boss.start().catch(async (error) => {
    await boss.stop({ graceful: false }).catch(() => {});
    throw error;
  });
  return boss;
}
