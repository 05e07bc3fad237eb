import { expect, test } from 'vitest';
import { waits } from '../../scripts/check-waits.ts';

test.each([
  'await new Promise((resolve) => setTimeout(resolve, 50));',
  "import { setTimeout as sleep } from 'node:timers/promises';",
  'const began = performance.now();',
  'await expect.poll(waiting, { timeout: 5_000 }).toBe(0);',
  'await vi.waitFor(async () => {});',
  'expect(Date.now() - at.getTime()).toBeLessThan(60_000);',
  'expect(taken).toBeLessThan(Date.now() + 1000);',
  '  }, 60_000);',
  '    30_000,',
  '    (LIMIT + 30) * 1000,',
  'fc.assert(property, { interruptAfterTimeLimit: LIMIT * 1000 });',
  'await follow(AbortSignal.timeout(5_000));',
  'vi.setConfig({ testTimeout: 300_000 });',
])('the check of waits names path and line of: %s', (line) => {
  expect(waits('test/db/pool.test.ts', `\n${line}`)).toEqual([
    expect.stringMatching(/^test\/db\/pool\.test\.ts:2: /),
  ]);
});

test.each([
  "import { setImmediate as nextTurn } from 'node:timers/promises';",
  "vi.useFakeTimers({ toFake: ['setTimeout'] });",
  'const days = (expires - Date.now()) / 86_400_000;',
  'await until(() => pool.totalCount === 0);',
  'await expect.poll(waiting).toBe(0);',
])('the check of waits accepts: %s', (line) => {
  expect(waits('test/db/pool.test.ts', line)).toEqual([]);
});
