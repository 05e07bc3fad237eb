/**
 * The queues of jobs, each the work of one company. A job holds ids alone: what it needs is read
 * when it runs, by the company's own rules. Its handler: jobs/run/handlers.ts.
 */
export const queues = {
  'old-invitation': {
    what: 'Removes an invitation that was not accepted in the time that it is kept.',
    ids: ['memberId'],
  },
} as const satisfies Record<string, Queue>;

export type Queue = {
  /** What its jobs do, for platform administrators. */
  what: string;
  /** The names of the ids that a job holds, besides its company's. */
  ids: readonly string[];
};

export type QueueName = keyof typeof queues;
export type IdsOf<Name extends QueueName> = Record<(typeof queues)[Name]['ids'][number], string>;
/** What a job holds. */
export type Ids = Readonly<Record<string, string>>;

/** A failed job is tried again so often, each time after a longer wait, from seconds up. */
export const RETRIES = 5;
export const RETRY_SECONDS = 5;
/** A job that runs longer is taken for lost, and given to another worker. */
export const MOST_SECONDS = 300;
/** So is a job whose worker is silent for longer: it was killed, or is paused. */
export const SILENT_SECONDS = 20;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Returns what a job holds. Throws for anything but the ids of its queue: no job holds data. */
export function idsOf(names: readonly string[], given: Ids): Ids {
  for (const name of [...names, ...Object.keys(given)])
    if (!names.includes(name) || !UUID.test(given[name] ?? ''))
      throw new Error(`jobs: expected an id as ${name}, and no other data`);
  return given;
}
