import { setTimeout as sleep } from 'node:timers/promises';
import { type Election, standForElection } from '../../db/leader/leader.ts';
import { leadIn, SCHEDULES } from '../../domain/platform/lead.ts';
import { reportUnexpected } from '../../error-tracking/hook.ts';
import { AppError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { asTrace } from '../../tracing/trace.ts';
import type { Job } from '../queue/queue.ts';
import { type QueueName, queues } from '../queue/queues.ts';
import { JobTaken, runJob } from './run-job.ts';
import { schedules } from './schedules.ts';

/** The jobs that this server runs. */
export type RunningJobs = {
  /**
   * Gives the lead up and takes no further job; hands back what still runs after `graceMs`, so that
   * another server runs it.
   */
  stop: (graceMs: number) => Promise<void>;
};

/** Until the database answers: milliseconds between two attempts to start. */
const RETRY_MS = 2_000;

/** Runs the jobs of companies, and the schedules while this server leads. */
export function startJobs(services: Services): RunningJobs {
  const stopped = new AbortController();
  let election: Election | undefined;
  const start = async () => {
    while (!stopped.signal.aborted) {
      const ready = await runQueues(services).then(
        () => true,
        (err) => services.log.warn({ err }, 'jobs cannot be run yet'),
      );
      if (ready) break;
      await sleep(RETRY_MS, undefined, { signal: stopped.signal, ref: false }).catch(() => {});
    }
    if (!stopped.signal.aborted) election = electionFor(services);
  };
  const starting = start();
  return {
    async stop(graceMs) {
      stopped.abort();
      await starting;
      await election?.stop();
      await services.jobs.stop(graceMs);
    },
  };
}

async function runQueues(services: Services): Promise<void> {
  const { jobs } = services;
  for (const name of Object.keys(schedules)) await jobs.declare(name, 'one at a time');
  const names = Object.keys(queues) as QueueName[];
  for (const name of names) await jobs.declare(name, 'parallel');
  for (const name of names)
    await jobs.work(name, 'parallel', (job) => told(services, job, () => runJob(services, job)));
}

/** The leader alone takes runs of the schedules, in the order of the changes of its lead. */
function electionFor(services: Services): Election {
  const { log } = services;
  let last = Promise.resolve();
  const election = standForElection({
    connectionString: services.jobsUrl,
    name: SCHEDULES,
    onChange: (epoch) => {
      last = last.then(() => (epoch === null ? leave(services) : leadUntilDone(services, election, epoch)));
    },
    onError: (err) => log.warn({ err }, 'the connection for the election was lost'),
  });
  return election;
}

/** Takes over the schedules, however often the database fails meanwhile. */
async function leadUntilDone(services: Services, election: Election, epoch: string): Promise<void> {
  while (election.epoch() === epoch) {
    const failure = await lead(services, election).then(
      () => null,
      (err) => err,
    );
    if (failure === null) return;
    services.log.warn({ err: failure }, 'the schedules cannot be taken over yet');
    await leave(services);
    await sleep(RETRY_MS, undefined, { ref: false });
  }
}

async function lead(services: Services, election: Election): Promise<void> {
  const { jobs, log } = services;
  log.info({ epoch: election.epoch() }, 'this server runs the schedules');
  await jobs.schedule(Object.fromEntries(Object.entries(schedules).map(([name, { cron }]) => [name, cron])));
  for (const [name, { run, atOnce }] of Object.entries(schedules)) {
    await jobs.work(name, 'one at a time', (job) =>
      told(services, job, () => run(services, leadIn(services, election.epoch()))),
    );
    if (atOnce) await jobs.send(name, {});
  }
}

async function leave({ jobs, log }: Services): Promise<void> {
  log.info('this server no longer runs the schedules');
  for (const name of Object.keys(schedules)) await jobs.leave(name).catch(() => {}); // none was taken
}

/** Logs a failure as a whole. Returns its code alone: a message may hold personal data. */
async function told(
  { log }: Services,
  { id, queue, attempt }: Job,
  work: () => Promise<void>,
): Promise<string | null> {
  try {
    await asTrace(`job ${queue}`, work);
    return null;
  } catch (err) {
    log.warn({ err, job: id, queue, attempt }, 'a job failed');
    if (err instanceof AppError) return err.code;
    if (!(err instanceof JobTaken)) reportUnexpected(err, { queue });
    return (err as Error).name;
  }
}
