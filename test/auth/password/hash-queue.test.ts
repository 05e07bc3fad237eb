import { describe, expect, test } from 'vitest';
import { hashQueue } from '../../../src/auth/password/hash-queue.ts';

/** Work that ends when the test says so. */
function held() {
  const ends: (() => void)[] = [];
  let running = 0;
  const work = () => {
    running += 1;
    return new Promise<void>((resolve) => {
      ends.push(() => {
        running -= 1;
        resolve();
      });
    });
  };
  const endAll = () => {
    for (const end of ends.splice(0)) end();
  };
  return { work, endAll, running: () => running };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the queue of password hashing', () => {
  test('[F6] runs at most its limit in parallel and completes queued work', async () => {
    const [queue, { work, endAll, running }] = [hashQueue(2, 10), held()];
    const all = Array.from({ length: 6 }, () => queue(work));
    for (const expected of [2, 2, 2]) {
      await turn();
      expect(running()).toBe(expected);
      endAll();
    }
    await Promise.all(all);
    expect(running()).toBe(0);
  });

  test('[F6] refuses work at once when the queue is full, and accepts it afterwards', async () => {
    const [queue, { work, endAll }] = [hashQueue(1, 2), held()];
    const taken = [queue(work), queue(work), queue(work)];
    await turn();
    await expect(queue(work)).rejects.toMatchObject({ code: 'UNAVAILABLE', advice: { retryAfter: 5 } });
    for (let left = 3; left > 0; left--) {
      endAll();
      await turn();
    }
    await Promise.all(taken);
    await expect(queue(async () => 'done')).resolves.toBe('done');
  });
});
