import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Starts `work` so many times a second for so many seconds, whether or not earlier calls are done,
 * as
 * independent clients do. Resolves when all are.
 */
export async function pace(perSecond: number, seconds: number, work: (index: number) => Promise<void>) {
  const began = performance.now();
  const started: Promise<void>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    const wait = began + (index * 1000) / perSecond - performance.now();
    if (wait > 0) await sleep(wait);
    started.push(work(index));
  }
  await Promise.all(started);
}

/** The value that this part of the numbers does not exceed. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
