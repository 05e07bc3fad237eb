import { z } from 'zod';
import type { Context } from '../../context.ts';
import { invalidInput } from '../../errors.ts';
import { jobQueues, type ListedQueue } from '../../jobs/administration/job-queues.ts';
import {
  type JobFilter,
  type JobPlace,
  jobCount,
  jobPage,
  jobsById,
  type ListedJob,
} from '../../jobs/administration/jobs.ts';
import { cancelJob, retryJob } from '../../jobs/administration/settle.ts';
import { connectionType } from '../connections/connection-types.ts';
import { cursorOf, placeIn } from '../connections/cursor.ts';
import { orderOf } from '../connections/lists.ts';
import { connectionOf, type PageArgs, pageOf } from '../connections/page.ts';
import { shortList, shortListNode } from '../connections/short-list.ts';
import { builder } from '../core/builder.ts';
import { enumOf } from '../core/enum.ts';
import { isUuid } from '../core/fields.ts';
import { globalIdOf } from '../core/global-id.ts';
import { mutation } from '../core/mutation.ts';

const rule = { can: 'platform.jobs.read' } as const;

const JobState = enumOf('JobState', 'Where a job is on its way.', {
  waiting: 'It waits for its first attempt, or for the next one.',
  running: 'A server runs it.',
  done: 'It took effect.',
  failed: 'All of its attempts failed.',
  cancelled: 'An administrator of the platform cancelled it.',
});

const queuesOf = (context: Context) => context.read(jobQueues, undefined);

const JobQueue = builder.node(builder.objectRef<ListedQueue>('JobQueue'), {
  ...shortListNode(queuesOf),
  description: 'Jobs of one kind, or the runs of a schedule.',
  authScopes: rule,
  fields: (t) => ({
    name: t.exposeString('id', { description: 'The name of the queue, such as `retention`.' }),
    description: t.exposeString('what', { description: 'What its jobs do.' }),
    cron: t.exposeString('cron', {
      nullable: true,
      description: 'When a schedule runs, in UTC, as a cron expression; null for a queue without one.',
    }),
    waitingCount: t.exposeInt('waiting', { description: 'The number of jobs that wait for an attempt.' }),
    runningCount: t.exposeInt('running', { description: 'The number of jobs that a server runs.' }),
    failedCount: t.exposeInt('failed', {
      description: 'The number of jobs of which all attempts failed, in the days for which jobs are kept.',
    }),
  }),
});

shortList('jobQueues', {
  type: JobQueue,
  description: 'The queues of jobs, by name, over all companies.',
  authScopes: rule,
  order: ['id'],
  rows: queuesOf,
});

const Job = builder.node(builder.objectRef<ListedJob>('Job'), {
  id: { resolve: ({ id }) => id },
  loadMany: async (ids, context) => {
    const found = await context.read(jobsById, ids.filter(isUuid));
    return ids.map((id) => found.find((job) => job.id === id.toLowerCase()) ?? null);
  },
  description: 'Work that a server does later, for one company or by a schedule.',
  authScopes: rule,
  fields: (t) => ({
    queueName: t.exposeString('queue', { description: 'The name of its queue.' }),
    state: t.expose('state', { type: JobState, description: 'Where the job is on its way.' }),
    attemptCount: t.exposeInt('attempts', { description: 'How many attempts have begun.' }),
    companyId: t.id({
      nullable: true,
      description: 'The id of the `ManagedCompany` that the job is for; null for a run of a schedule.',
      resolve: ({ companyId }) => companyId && globalIdOf('ManagedCompany', companyId),
    }),
    failureCode: t.exposeString('failureCode', {
      nullable: true,
      description:
        'The error code of the last attempt that failed; the log has the error under the id of the job.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the job was added.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the last attempt began.',
    }),
    settledAt: t.expose('settledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the job was done, failed or cancelled.',
    }),
  }),
});

const NEWEST = orderOf(['-createdAt']);
const place = z.tuple([z.iso.datetime(), z.uuid()]);

function placeOf(cursor: string | null | undefined, argument: 'after' | 'before'): JobPlace | null {
  if (cursor == null) return null;
  const { data } = place.safeParse(placeIn(cursor, argument, NEWEST));
  if (!data) throw invalidInput({ [argument]: 'expected a cursor of this connection' });
  return { createdAt: data[0], id: data[1] };
}

builder.queryField('jobs', (t) =>
  t.connection(
    {
      type: Job,
      description: 'The jobs of all companies, newest first.',
      authScopes: rule,
      args: {
        state: t.arg({ type: JobState, description: 'Only jobs in this state.' }),
        queueName: t.arg.string({ description: 'Only jobs of this queue.' }),
      },
      resolve: async (
        _root: unknown,
        { state, queueName, ...args }: PageArgs & { state?: JobFilter['state']; queueName?: string | null },
        context: Context,
      ) => {
        const { take, backward } = pageOf(args);
        const filter = { state: state ?? null, queue: queueName ?? null };
        const [after, before] = [placeOf(args.after, 'after'), placeOf(args.before, 'before')];
        const rows = await context.read(jobPage, { ...filter, take: take + 1, backward, after, before });
        const count = () => context.read(jobCount, filter);
        return connectionOf(rows, args, (row) => cursorOf(row, NEWEST), count);
      },
    } as never,
    connectionType(Job as never) as never,
  ),
);

const jobMutation = (name: string, useCase: typeof retryJob, description: string, what: string) =>
  mutation(name, useCase, {
    description,
    input: (t) => ({ jobId: t.globalID({ required: true, for: [Job], description: what }) }),
    payload: (t) => ({
      job: t.field({ type: Job, description: 'The job after the change.', resolve: (job) => job }),
    }),
  });

jobMutation('retryJob', retryJob, 'Makes a failed job run again.', 'The failed job.');
jobMutation(
  'cancelJob',
  cancelJob,
  'Cancels a job. One that runs takes no effect any more, unless it is done first.',
  'The job to cancel.',
);
