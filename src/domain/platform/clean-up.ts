import { appendBursts } from '../../auth/account/failure-bursts.ts';
import { transactionAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';
import { deleteExpired } from './purge-expired.ts';

const EVERY_MS = 60_000;

const LOCK = `SELECT pg_try_advisory_xact_lock(hashtextextended('clean-up', 0)) AS mine`;

/**
 * Deletes what has expired and appends bursts of failures. Does nothing while another instance does
 * it.
 */
export const cleanUp = (services: Pick<Services, 'pool'>): Promise<void> =>
  transactionAs(services.pool, { companyId: null, userId: null }, async (query) => {
    const [lock] = await query<{ mine: boolean }>(LOCK);
    if (!lock?.mine) return;
    await appendBursts(services.pool);
    await deleteExpired(services);
  });

export type Schedule = {
  /** Starts nothing more; resolves when a running clean-up is done. */
  stop(): Promise<void>;
};

/** Cleans up now and every minute. A failure is logged, and the next minute tries again. */
export function scheduleCleanUp(services: Pick<Services, 'pool' | 'log' | 'clock'>): Schedule {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const round = async () => {
    await cleanUp(services).catch((err) => services.log.warn({ err }, 'the clean-up failed'));
    // a clock that was set, where nothing asks for the readiness check
    await services.clock.measure().catch(() => {}); // a lost database is logged by its own watch
    if (!stopped) timer = setTimeout(start, EVERY_MS).unref();
  };
  let running = round();
  function start() {
    running = round();
  }
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
