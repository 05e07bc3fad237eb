import type { Query } from './sql.ts';

/** Milliseconds by which this machine's clock is ahead of PostgreSQL's, as last measured. */
let skew = 0;

/**
 * Returns the time by PostgreSQL's clock, in milliseconds: instances whose own clocks differ judge
 * sessions, tokens and codes alike. It is as exact as the last measurement.
 */
export const databaseNow = (): number => Date.now() - skew;
export const databaseTime = (): Date => new Date(databaseNow());

/**
 * Measures by how many milliseconds this machine's clock is ahead of PostgreSQL's; exact to half of
 * the round trip.
 */
export async function measureClockSkew(query: Query): Promise<number> {
  const sent = Date.now();
  const [row] = await query<{ at: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS at',
  );
  skew = (sent + Date.now()) / 2 - (row as { at: number }).at;
  return skew;
}

/** Above this many milliseconds the clocks differ by more than a network and NTP explain. */
const TOLERATED = 2_000;

export type ClockWatch = {
  /** Measures, and warns of a difference above two seconds, once until the clocks agree again. */
  measure: () => Promise<void>;
  /** Whether the last measurement found such a difference. */
  isOff: () => boolean;
};

export function clockWatch(query: Query, warn: (skewMs: number) => void): ClockWatch {
  let off = false;
  const measure = async () => {
    const before = off;
    off = Math.abs(await measureClockSkew(query)) > TOLERATED;
    if (off && !before) warn(Math.round(skew));
  };
  return { measure, isOff: () => off };
}
