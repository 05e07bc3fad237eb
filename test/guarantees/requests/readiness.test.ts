import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, rowsOf, type World } from '../../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.end());

const ready = async () => {
  const response = await fetch(new URL('/health/ready', world.url));
  const { checks } = (await response.json()) as { checks: Record<string, boolean> };
  return [response.status, checks];
};
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
