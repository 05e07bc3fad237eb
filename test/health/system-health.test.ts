import { afterAll, beforeAll, expect, test } from 'vitest';
import { figureNames } from '../../src/health/figures.ts';
import { asOwner } from '../support/server/global-setup.ts';
import { openWorld, rowsOf, type World } from '../support/server/world.ts';

const HEALTH = `{ systemHealth { instance startedAt measuredAt
  figures { name unit value threshold isAlerting reason } } }`;
const SERIES =
  'query ($figure: HealthFigureName!) { systemHealthSeries(figure: $figure) { unit points { measuredAt value } } }';

type Figure = {
  name: string;
  value: number | null;
  threshold: number | null;
  isAlerting: boolean;
  reason: string | null;
};

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.end());

const figures = async (): Promise<Figure[]> => {
  const answer = await world.ask(HEALTH, {}, await world.signIn('super_admin'));
  expect(answer.errors).toBeUndefined();
  return answer.data.systemHealth.figures;
};
const figure = async (name: string) => (await figures()).find((one) => one.name === name) as Figure;
const serverRole = () => new URL(world.database.appUrl).username;

test('a platform administrator sees every figure, each with a value or with a reason [K3]', async () => {
  const found = await figures();
  expect(found.map(({ name }) => name)).toEqual(figureNames.map((name) => name.toUpperCase()));
  for (const { name, value, reason } of found)
    expect([name, value === null ? reason?.length : reason]).toEqual([
      name,
      value === null ? expect.any(Number) : null,
    ]);
  const shares = found.filter(({ name }) => /^(CPU|MEMORY|DISK|DATABASE_CONN|CACHE)/.test(name));
  for (const { name, value } of shares)
    expect([name, value === null || (value >= 0 && value <= 1)]).toEqual([name, true]);
});

test.each(['company_admin', 'external_auditor'])(
  '%s, of a company, may not see the health [K3] [T3]',
  async (role) => {
    const token = await world.signIn(role);
    for (const [query, variables] of [
      [HEALTH, {}],
      [SERIES, { figure: 'MEMORY' }],
    ] as const)
      expect((await world.ask(query, variables, token)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  },
);

test('the longest transaction is null with the grant to make where the role cannot see it, and right after the grant [K3]', async () => {
  const before = await figure('LONGEST_TRANSACTION');
  expect(before).toMatchObject({ value: null, isAlerting: false });
  expect(before.reason).toBe(
    `The server's role does not see other roles' sessions: GRANT pg_read_all_stats TO ${serverRole()};`,
  );
  const [, grant] = /: (GRANT .*;)$/.exec(before.reason ?? '') ?? [];
  await asOwner(world.database.ownerUrl, async (db) => {
    await db.query(grant as string);
    await db.query('BEGIN');
    await db.query('SELECT pg_sleep(0.01)');
    expect((await figure('LONGEST_TRANSACTION')).value).toBeGreaterThan(0.01);
    await db.query('ROLLBACK');
    await db.query(`REVOKE pg_read_all_stats FROM ${serverRole()}`);
  });
});

test('sessions that wait for a lock are counted [K3]', async () => {
  await asOwner(world.database.ownerUrl, async (holder) => {
    await holder.query('BEGIN');
    await holder.query('SELECT pg_advisory_xact_lock(4711)');
    const waiting = rowsOf(world, 'SELECT pg_advisory_xact_lock(4711)');
    await expect.poll(async () => (await figure('LOCK_WAITS')).value).toBeGreaterThan(0);
    await holder.query('ROLLBACK');
    await waiting;
  });
});

test('the audit log grows with its events [K3]', async () => {
  const [{ size }] = await rowsOf(
    world,
    `SELECT sum(pg_total_relation_size(oid))::float8 AS size FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname LIKE 'audit\\_%'`,
  );
  expect((await figure('AUDIT_LOG_SIZE')).value).toBeGreaterThanOrEqual(size);
});

test('a series keeps the measured values in their order [K3]', async () => {
  const { health } = world.services;
  for (let round = 0; round < 3; round++) await health.sample(round === 0);
  const series = async (name: string) => {
    const answer = await world.ask(SERIES, { figure: name }, await world.signIn('super_admin'));
    return answer.data.systemHealthSeries.points as { measuredAt: string; value: number }[];
  };
  const memory = await series('PROCESS_MEMORY');
  expect(memory.length).toBeGreaterThanOrEqual(3);
  expect(memory.map(({ measuredAt }) => measuredAt)).toEqual(
    memory.map(({ measuredAt }) => measuredAt).sort(),
  );
  expect((await series('AUDIT_LOG_SIZE')).length).toBe(1);
});
