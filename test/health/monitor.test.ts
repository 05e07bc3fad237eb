import { pino } from 'pino';
import { expect, test } from 'vitest';
import { isAlerting } from '../../src/health/figures.ts';
import { healthMonitor } from '../../src/health/monitor.ts';

/** A monitor over a PostgreSQL that answers with this row. */
function monitorOf(row: () => object | Promise<object>) {
  const lines: { level: number; msg: string; figure?: string }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const query = async () => [await row()] as never[];
  const monitor = healthMonitor({ query, folder: '/', log });
  return { monitor, lines };
}
const row = {
  ...{ role: 'server', seesOthers: true, connections: 10, limit: 100, cacheHitRatio: 0.99, deadRows: 0 },
  ...{ replicas: 1, replicationLag: null, lockWaits: 0, longestTransaction: null, auditLogSize: 8192 },
};

test('a figure above its threshold is logged once, and once when it is back [K3]', async () => {
  let lockWaits = 0;
  const { monitor, lines } = monitorOf(() => ({ ...row, lockWaits }));
  const told = () => lines.filter(({ figure }) => figure === 'lock_waits').map(({ msg }) => msg);
  await monitor.sample(true);
  lockWaits = 6;
  await monitor.sample(true);
  await monitor.sample(true);
  expect(told()).toEqual(['a health figure has passed its threshold']);
  lockWaits = 5;
  await monitor.sample(true);
  expect(told()).toEqual([
    'a health figure has passed its threshold',
    'a health figure is within its threshold again',
  ]);
  monitor.stop();
});

test('a share that must not fall alerts below its threshold, and a missing value never does [K3]', () => {
  expect(isAlerting('cache_hit_ratio', { value: 0.89 })).toBe(true);
  expect(isAlerting('cache_hit_ratio', { value: 0.9 })).toBe(false);
  expect(isAlerting('cache_hit_ratio', { value: null, reason: '' })).toBe(false);
  expect(isAlerting('audit_log_size', { value: 1e15 })).toBe(false);
});

test('a series keeps the last 720 values [K3]', async () => {
  let auditLogSize = 0;
  const { monitor } = monitorOf(() => ({ ...row, auditLogSize: ++auditLogSize }));
  for (let sample = 0; sample < 725; sample++) await monitor.sample(true);
  const kept = monitor.seriesOf('audit_log_size').map(({ value }) => value);
  expect([kept.length, kept[0], kept.at(-1)]).toEqual([720, 6, 725]);
  monitor.stop();
});

test('a database that does not answer leaves its figures null with a reason, and those of the process [K3]', async () => {
  const { monitor } = monitorOf(() => Promise.reject(new Error('connection refused')));
  const found = await monitor.measure();
  expect(found.lock_waits).toEqual({ value: null, reason: 'The database does not answer.' });
  expect(found.audit_log_size).toEqual({ value: null, reason: 'The database does not answer.' });
  expect(found.process_memory.value).toBeGreaterThan(0);
  monitor.stop();
});

test('a replica that has replayed all has no lag, and without a replica there is no value [K3]', async () => {
  const { monitor } = monitorOf(() => row);
  expect((await monitor.measure()).replication_lag).toEqual({ value: 0 });
  const without = monitorOf(() => ({ ...row, replicas: 0 })).monitor;
  expect((await without.measure()).replication_lag).toEqual({
    value: null,
    reason: 'No replica is connected.',
  });
  monitor.stop();
  without.stop();
});
