import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Milliseconds between two looks at what gives no event: processes, files, other sessions of
 * PostgreSQL.
 */
const PAUSE = 10;

/** Resolves once the condition holds. Only the test's time-out ends a wait for what never comes. */
export async function until(condition: () => unknown): Promise<void> {
  while (!(await condition())) await sleep(PAUSE);
}

/** Resolves after up to so many milliseconds, by chance: for kills and commits at any moment. */
export const anyMoment = (most: number): Promise<void> => sleep(Math.random() * most);

/**
 * Leaves milliseconds for what must not happen. On a slow machine a test sees less, and fails no
 * more often.
 */
export const leaveTime = (milliseconds: number): Promise<void> => sleep(milliseconds);

/** Keeps the event loop from turning for milliseconds. */
export function blockEventLoop(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}
