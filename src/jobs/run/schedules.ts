import { cleanUp } from '../../domain/platform/clean-up.ts';
import type { Lead } from '../../domain/platform/lead.ts';
import { applyRetention } from '../../domain/platform/retention.ts';
import type { Services } from '../../services.ts';

/** Work of the whole deployment, which one instance does: the leader. */
export type Schedule = {
  /** Minute, hour, day of the month, month, day of the week; UTC. */
  cron: string;
  /** What it is for, for platform administrators. */
  what: string;
  /** Runs also when a server begins to lead. */
  atOnce?: true;
  run: (services: Services, lead: Lead) => Promise<void>;
};

/** The schedules, by the queue of their runs. Of runs that no instance could do, one is made up. */
export const schedules: Readonly<Record<string, Schedule>> = {
  'clean-up': {
    cron: '* * * * *',
    what: 'Deletes expired rows and appends bursts of failures to the audit log.',
    atOnce: true,
    run: cleanUp,
  },
  retention: {
    cron: '20 3 * * *',
    what: 'Removes what has been kept for the days that are set for its kind.',
    run: applyRetention,
  },
};
