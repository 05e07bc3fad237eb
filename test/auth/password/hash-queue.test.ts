import { describe, expect, test } from 'vitest';
import { hashQueue } from '../../../src/auth/password/hash-queue.ts';
import { blockEventLoop } from '../../support/until.ts';

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
const atOnce = async () => {};
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the queue of password hashing', () => {
  test('[F6] runs at most its limit in parallel and completes queued work', async () => {
    const [queue, { work, endAll, running }] = [hashQueue(2, 10, atOnce), held()];
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
    const [queue, { work, endAll }] = [hashQueue(1, 2, atOnce), held()];
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

  test('[F6] answers when its work ends, and rests as long as that took before the next work', async () => {
    const rests = held();
    let rested = Number.NaN;
    const queue = hashQueue(1, 2, (milliseconds) => {
      rested = milliseconds;
      return rests.work();
    });
    await queue(async () => blockEventLoop(30));
    const next = queue(async () => 'done');
    await turn();
    expect(rests.running()).toBe(1);
    expect(rested).toBeGreaterThanOrEqual(30);
    rests.endAll();
    await expect(next).resolves.toBe('done');
  });

  test('[F6] rejects when its work throws before it returns a promise, and goes on', async () => {
    const queue = hashQueue(1, 2, atOnce);
    const thrown = queue(() => {
      throw new Error('no text');
    });
    await expect(thrown).rejects.toThrow('no text');
    await expect(queue(async () => 'done')).resolves.toBe('done');
  });

  test('[F6] rests after work that failed, and goes on', async () => {
    const queue = hashQueue(1, 2, atOnce);
    await expect(queue(() => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory');
    await expect(queue(async () => 'done')).resolves.toBe('done');
  });
});
