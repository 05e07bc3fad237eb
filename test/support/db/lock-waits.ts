import { rowsOf, type World } from '../server/world.ts';
import { until } from '../until.ts';

/**
 * Resolves once so many sessions of the world's database wait for a lock. It asks by connections of
 * its own: a transaction sees pg_stat_activity as it was at its first look.
 */
export const lockWaits = (world: World, count: number): Promise<void> =>
  until(async () => {
    const waiting = `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return (await rowsOf(world, waiting))[0].n >= count;
  });
