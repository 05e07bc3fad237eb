import { limitSilence } from '../../db/leader/fence.ts';
import type { Query } from '../../db/sql.ts';
import { asSystem } from '../../domain/platform/system.ts';
import { AppError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import type { Job } from '../queue/queue.ts';
import { type Handler, handlers } from './handlers.ts';

/** Another worker has the job: this one was silent for too long, or the job was cancelled. */
export class JobTaken extends Error {
  override readonly name = 'JobTaken';
}

/**
 * Runs a job: its command, as the system in its company. The command's transaction settles the job
 * too, so that it takes effect once, however many workers had it. A row that is gone meanwhile
 * needs no work.
 */
export async function runJob(
  services: Services,
  job: Job,
  { command, input }: Handler = handlers[job.queue as keyof typeof handlers],
): Promise<void> {
  const { companyId = '', ...ids } = job.data;
  const settle = async (query: Query) => {
    await limitSilence(query);
    if (!(await services.jobs.complete(job, query))) throw new JobTaken('Another worker has this job.');
  };
  try {
    await asSystem(services, companyId, settle)(command, input(ids));
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'NOT_FOUND')) throw error;
  }
}
