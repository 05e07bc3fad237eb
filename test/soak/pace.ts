import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Starts `work` so many times a second for so many seconds, whether or not earlier calls are done,
 * as
 * independent clients do. Resolves when all are.
 * @returns by how many milliseconds each began late: what the machine adds to every answer
 */
export async function pace(
  perSecond: number,
  seconds: number,
  work: (index: number) => Promise<void>,
): Promise<number[]> {
  const began = performance.now();
  const started: Promise<void>[] = [];
  const late: number[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    const due = began + (index * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    late.push(performance.now() - due);
    started.push(work(index));
  }
  await Promise.all(started);
  return late;
}

/** The value that this part of the numbers does not exceed. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
