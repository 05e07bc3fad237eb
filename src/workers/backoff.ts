/** How a worker's last starts went. */
export type History = { ends: number; failedStarts: number };
export const NONE: History = { ends: 0, failedStarts: 0 };

const FIRST_MS = 100;
const MOST_MS = 10_000;
/** A worker that served this long does not end because of its start. */
const STEADY_MS = 60_000;
/** In a row. */
const MOST_FAILED_STARTS = 5;

/**
 * Adds an end to the history. `servedMs` is how long the worker was ready; null for one that never
 * was.
 */
export function ended({ ends, failedStarts }: History, servedMs: number | null): History {
  if (servedMs === null) return { ends: ends + 1, failedStarts: failedStarts + 1 };
  return { ends: servedMs >= STEADY_MS ? 1 : ends + 1, failedStarts: 0 };
}

/**
 * Returns the milliseconds until the next start, which double up to ten seconds; null when the
 * worker has failed to start too often.
 */
export function delayAfter({ ends, failedStarts }: History): number | null {
  if (failedStarts >= MOST_FAILED_STARTS) return null;
  return Math.min(MOST_MS, FIRST_MS * 2 ** (ends - 1));
}
