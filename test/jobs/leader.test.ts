import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Election, standForElection } from '../../src/db/leader/leader.ts';
import { lockUntilCommit, tryLockUntilCommit } from '../../src/db/leader/locks.ts';
import { transactionAs } from '../../src/db/sql.ts';
import { leadIn, SCHEDULES } from '../../src/domain/platform/lead.ts';
import { openWorld, rowsOf, type World } from '../support/server/world.ts';
import { until } from '../support/until.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.end());

const LEASE_MS = 600;

const candidate = (): Election & { changes: (string | null)[] } => {
  const changes: (string | null)[] = [];
  const election = standForElection({
    connectionString: world.database.appUrl,
    name: SCHEDULES,
    leaseMs: LEASE_MS,
    onChange: (epoch) => void changes.push(epoch),
    onError: () => {},
  });
  return { ...election, changes };
};
const epochInTable = async () =>
  (await rowsOf(world, `SELECT epoch::text FROM leader WHERE name = 'schedules'`))[0].epoch;
const sessions = () =>
  rowsOf(
    world,
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );

test('of two instances one leads; the other one leads in a later epoch once the first gives up [K1]', async () => {
  const [first, second] = [candidate(), candidate()];
  await until(() => first.epoch() ?? second.epoch());
  const [leader, other] = first.epoch() ? [first, second] : [second, first];
  const epoch = leader.epoch();
  expect([other.epoch(), await epochInTable()]).toEqual([null, epoch]);
  await leader.stop();
  await until(() => other.epoch());
  expect(Number(other.epoch())).toBe(Number(epoch) + 1);
  expect([leader.epoch(), leader.changes]).toEqual([null, [epoch, null]]);
  await other.stop();
  expect(await sessions()).toEqual([]);
});

test('a leader whose connection is lost leads again, in a later epoch [K1]', async () => {
  const one = candidate();
  await until(() => one.epoch());
  const epoch = one.epoch();
  for (const { pid } of await sessions()) await rowsOf(world, 'SELECT pg_terminate_backend($1)', [pid]);
  await until(() => one.epoch() !== null && one.epoch() !== epoch);
  expect(one.changes).toEqual([epoch, null, String(Number(epoch) + 1)]);
  await one.stop();
});

const expire = `UPDATE "Company" SET name = name WHERE false`;

test('a transaction of an earlier epoch fails, and changes nothing [K1]', async () => {
  await rowsOf(world, `UPDATE leader SET epoch = 7 WHERE name = 'schedules'`);
  await leadIn(world.services, '7')((query) => query(expire));
  for (const epoch of ['6', null])
    await expect(leadIn(world.services, epoch)(() => Promise.reject(new Error('it ran')))).rejects.toThrow(
      'Another instance leads',
    );
});

test('a later epoch begins after the transaction of the earlier one [K1]', async () => {
  await rowsOf(world, `UPDATE leader SET epoch = 7 WHERE name = 'schedules'`);
  const order: string[] = [];
  const inside = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const writing = leadIn(
    world.services,
    '7',
  )(async () => {
    inside.resolve();
    await mayEnd.promise;
    order.push('the earlier one writes');
  });
  await inside.promise;
  const electing = rowsOf(world, `UPDATE leader SET epoch = 8 WHERE name = 'schedules'`).then(() =>
    order.push('the later one leads'),
  );
  await until(async () => (await rowsOf(world, 'SELECT FROM pg_locks WHERE NOT granted')).length > 0);
  mayEnd.resolve();
  await Promise.all([writing, electing]);
  expect(order).toEqual(['the earlier one writes', 'the later one leads']);
});

test('a lock of a transaction keeps another one from it until the commit [K2]', async () => {
  const anonymous = { companyId: null, userId: null };
  const { pool } = world.services;
  const tries = () => transactionAs(pool, anonymous, (query) => tryLockUntilCommit(query, 'a section'));
  await transactionAs(pool, anonymous, async (query) => {
    await lockUntilCommit(query, 'a section');
    expect([
      await tries(),
      await transactionAs(pool, anonymous, (q) => tryLockUntilCommit(q, 'another')),
    ]).toEqual([false, true]);
  });
  expect(await tries()).toBe(true);
});
