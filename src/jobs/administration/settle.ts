import { z } from 'zod';
import type { Action } from '../../audit/record/events.ts';
import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import { type IdentityCommand, identityCommand } from '../../auth/identity-command.ts';
import { id } from '../../domain/input.ts';
import { AppError, notFound } from '../../errors.ts';
import type { JobQueue } from '../queue/queue.ts';
import { findJobs, type ListedJob } from './jobs.ts';

// Jobs are the deployment's, whatever company they are for: their events are the platform's.

type Change = { action: Action; change: 'retry' | 'cancel'; refusal: string };

/** Errors: UNAUTHENTICATED, FORBIDDEN, STEP_UP_REQUIRED, NOT_FOUND, CONFLICT with `refusal`. */
const jobCommand = ({
  action,
  change,
  refusal,
}: Change): IdentityCommand<'user', { jobId: string }, ListedJob> =>
  identityCommand({
    caller: 'user',
    permission: 'platform.jobs.write',
    stepUp: true,
    input: z.object({ jobId: id }),
    run: ({ services, input: { jobId }, transaction }) =>
      transaction({ companyId: PLATFORM_ID, userId: null }, async (tx) => {
        const [job] = await findJobs(tx, [jobId]);
        if (!job) throw notFound();
        const changed = await (services.jobs[change] as JobQueue['retry'])(job.queue, jobId, tx);
        if (!changed) throw new AppError('CONFLICT', refusal);
        await tx.append({ action, data: { jobId, queue: job.queue, companyId: job.companyId } });
        return (await findJobs(tx, [jobId]))[0] as ListedJob;
      }),
  });

/** Makes a failed job run again. */
export const retryJob = jobCommand({
  action: 'job.retried',
  change: 'retry',
  refusal: 'Only a failed job can be retried.',
});

/** Cancels a job: one that runs takes no effect any more, unless it commits first. */
export const cancelJob = jobCommand({
  action: 'job.cancelled',
  change: 'cancel',
  refusal: 'Only a job that waits or runs can be cancelled.',
});
