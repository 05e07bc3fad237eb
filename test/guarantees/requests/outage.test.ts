import { afterAll, beforeAll, expect, test } from 'vitest';
import { asOwner } from '../../support/server/global-setup.ts';
import { openWorld, type World } from '../../support/server/world.ts';

let world: World;
let admin = '';
beforeAll(async () => {
  world = await openWorld();
  admin = await world.signIn('company_admin');
});
afterAll(() => world.end());

const CREATE = 'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { branch { id } } }';
const create = () => world.ask(CREATE, { input: { name: `Branch ${crypto.randomUUID()}` } }, admin);
const codes = ({ errors }: { errors?: { extensions: { code: string } }[] }) =>
  errors?.map(({ extensions }) => extensions.code);
const ready = async () => {
  const response = await fetch(new URL('/health/ready', world.url));
  const { checks } = (await response.json()) as { checks: { database: boolean } };
  return { status: response.status, checks };
};
/** Lines of the log about the database, level and message. */
const told = () =>
  world
    .logged()
    .split('\n')
    .filter((line) => /the database can/.test(line))
    .map((line) => JSON.parse(line) as { level: string; msg: string; reason?: string });

const name = () => new URL(world.database.ownerUrl).pathname.slice(1);
/** Changes the database from another one of the same server, then cuts the server's connections. */
async function change(clause: string, { cut }: { cut: boolean }): Promise<void> {
  const elsewhere = Object.assign(new URL(world.database.ownerUrl), { pathname: '/postgres' }).href;
  await asOwner(elsewhere, async (db) => {
    await db.query(`ALTER DATABASE ${name()} ${clause}`);
    if (cut)
      await db.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name()]);
  });
}

test('a lost database has one line in the log however many requests fail, and one when it is back [F11] [H5]', async () => {
  const before = told().length;
  await change('WITH ALLOW_CONNECTIONS false', { cut: true });
  try {
    await expect.poll(() => told().length).toBe(before + 1);
    const answers = await Promise.all(Array.from({ length: 20 }, create));
    expect(new Set(answers.flatMap((answer) => codes(answer)))).toEqual(new Set(['UNAVAILABLE']));
    expect(await ready()).toMatchObject({ status: 503, checks: { database: false } });
  } finally {
    await change('WITH ALLOW_CONNECTIONS true', { cut: false });
  }
  await expect.poll(() => told().length).toBe(before + 2);
  expect((await create()).errors).toBeUndefined();
  expect(await ready()).toMatchObject({ status: 200 });
  const [lost, back] = told().slice(before);
  expect([lost?.level, back?.level]).toEqual(['error', 'info']);
  expect(lost?.reason).toContain('is not currently accepting connections');
  expect(JSON.stringify(lost)).not.toContain(new URL(world.database.appUrl).password);
});

test('a database that becomes read-only answers writes with UNAVAILABLE, and is written again once it may be [F11] [U13]', async () => {
  const before = told().length;
  await change('SET default_transaction_read_only = on', { cut: true });
  await expect.poll(async () => codes(await create())).toEqual(['UNAVAILABLE']);
  await expect.poll(ready).toMatchObject({ status: 503, checks: { database: false } });
  await change('SET default_transaction_read_only = off', { cut: false });
  await expect.poll(ready).toMatchObject({ status: 200 });
  // connections from before would be read-only still
  for (let write = 0; write < 20; write++) expect((await create()).errors).toBeUndefined();
  expect(told().slice(before)).toMatchObject([
    { level: 'error', reason: 'PostgreSQL is read-only' },
    { level: 'info' },
  ]);
});
