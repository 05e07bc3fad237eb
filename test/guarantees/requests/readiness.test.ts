import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openWorld, rowsOf, type World } from '../../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterEach(() => void vi.restoreAllMocks());
afterAll(() => world.end());

const ready = async () => {
  const response = await fetch(new URL('/health/ready', world.url));
  const { checks } = (await response.json()) as { checks: Record<string, boolean> };
  return [response.status, checks];
};
/** Replaces the answer to whether PostgreSQL is read-only. */
function answerReadOnly(answer: () => Promise<unknown>): void {
  const { pool } = world.services;
  const query = pool.query.bind(pool);
  vi.spyOn(pool, 'query').mockImplementation((statement, values) =>
    String(statement.text ?? statement).includes('pg_is_in_recovery') ? answer() : query(statement, values),
  );
}
const rename = (from: string, to: string) =>
  rowsOf(
    world,
    `UPDATE _prisma_migrations SET migration_name = regexp_replace(migration_name, $1, $2)
     WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)`,
    [from, to],
  );

test('an instance whose database lacks a migration is not ready, is alive, and is ready once it is applied [K3]', async () => {
  const all = { database: true, migrations: true, keys: true };
  expect(await ready()).toEqual([200, all]);
  await rename('$', '_of_another_version');
  expect(await ready()).toEqual([503, { ...all, migrations: false }]);
  expect((await fetch(new URL('/health/live', world.url))).status).toBe(200);
  await rename('_of_another_version$', '');
  expect(await ready()).toEqual([200, all]);
});

test('a readiness check that is not answered in time leaves the connections as they are [K3]', async () => {
  const renew = vi.spyOn(world.services.pool, 'renew');
  answerReadOnly(() => new Promise(() => {}));
  expect(await ready()).toEqual([503, { database: false, migrations: true, keys: true }]);
  expect(renew).not.toHaveBeenCalled();
});

test('a readiness check that finds PostgreSQL read-only renews the connections [K3]', async () => {
  const renew = vi.spyOn(world.services.pool, 'renew');
  answerReadOnly(async () => ({ rows: [{ readOnly: true }] }));
  expect(await ready()).toEqual([503, { database: false, migrations: true, keys: true }]);
  expect(renew).toHaveBeenCalledOnce();
});
