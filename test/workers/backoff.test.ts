import { describe, expect, it } from 'vitest';
import { delayAfter, ended, NONE } from '../../src/workers/backoff.ts';

/** The delay after so many ends in a row; each worker was ready for so many milliseconds. */
const delayOf = (ends: number, servedMs: number | null) =>
  delayAfter(Array.from({ length: ends }).reduce<typeof NONE>((history) => ended(history, servedMs), NONE));

describe('the delay before a worker is started again', () => {
  it('[K8] doubles from 100 ms up to ten seconds, however often it ends', () => {
    expect([1, 2, 3, 7, 8, 9, 1_000].map((ends) => delayOf(ends, 59_999))).toEqual([
      ...[100, 200, 400, 6_400, 10_000, 10_000, 10_000],
    ]);
  });

  it('[K8] is the first one again after a minute of service', () => {
    expect(delayOf(50, 60_000)).toBe(100);
  });

  it('[K8] is none after five starts in a row that failed', () => {
    expect([delayOf(4, null), delayOf(5, null)]).toEqual([800, null]);
  });

  it('[K8] counts failed starts from the last one that served', () => {
    const four = [null, null, null, null, 1, null].reduce<typeof NONE>(ended, NONE);
    expect(delayAfter(four)).toBe(3_200);
  });
});
