import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairQueue } from '../../../src/db/tenant/fair-queue.ts';

/** A work that runs until it is ended. */
function work(started: string[], key: string) {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = () => {
    started.push(key);
    return ended;
  };
  return { key, run, end };
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a fair queue', () => {
  it('[F3] starts at once what has a place, and no more of one key than its part', () => {
    const started: string[] = [];
    const enter = fairQueue(4, 2);
    for (const key of ['a', 'a', 'a', 'b', 'b', 'b', 'c']) enter(key, work(started, key).run);
    expect(started).toEqual(['a', 'a', 'b', 'b']);
  });

  it('[F3] serves a key that comes late before the second work of one with a thousand', async () => {
    const started: string[] = [];
    const enter = fairQueue(1, 1);
    const first = work(started, 'import');
    enter('import', first.run);
    for (let index = 0; index < 1_000; index++) enter('import', work(started, 'import').run);
    enter('single', work(started, 'single').run);
    first.end();
    await turn();
    expect(started).toEqual(['import', 'single']);
  });

  it('[F3] runs every work once, in the order of its key, within both limits, for any arrivals and ends', async () => {
    const arrivals = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 40 });
    const limits = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }));
    const choices = fc.infiniteStream(fc.nat());
    await fc.assert(
      fc.asyncProperty(arrivals, limits, choices, async (keys, [most, mostOfOne], choice) => {
        const started: string[] = [];
        const enter = fairQueue(most, mostOfOne);
        const works = keys.map((key, index) => work(started, `${key}${index}`));
        for (const { key, run } of works) enter(key.charAt(0), run);
        const running = () => works.filter(({ key }) => started.includes(key) && !ended.has(key));
        const ended = new Set<string>();
        while (ended.size < works.length) {
          const now = running();
          expect(now.length).toBeGreaterThan(0);
          expect(now.length).toBeLessThanOrEqual(most);
          for (const key of 'abcd')
            expect(now.filter((one) => one.key.startsWith(key)).length).toBeLessThanOrEqual(mostOfOne);
          const one = now[choice.next().value % now.length] as (typeof works)[number];
          ended.add(one.key);
          one.end();
          await turn();
        }
        for (const key of 'abcd') {
          const own = started.filter((name) => name.startsWith(key)).map((name) => Number(name.slice(1)));
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
        expect(new Set(started).size).toBe(works.length);
      }),
      { numRuns: 100 },
    );
  });
});
