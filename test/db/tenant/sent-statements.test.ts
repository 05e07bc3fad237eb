import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Displaced, sentStatements } from '../../../src/db/tenant/sent-statements.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import { anyMoment, until } from '../../support/until.ts';

let database: FreshDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

test('a statement that a late cancel request meets can be sent again and is no failure [F3]', async () => {
  const statements = sentStatements(client);
  const outcomes: unknown[] = [];
  for (let time = 0; time < 150; time++) {
    // the first is met in any case, and the others by chance, at any moment
    const seconds = time === 0 ? 60 : 0.004;
    const hanging = statements.run(() => client.query('SELECT pg_sleep($1)', [seconds]), { tag: 'hanging' });
    await anyMoment(5);
    statements.displace((tag) => tag === 'hanging');
    const next = statements.run(() => client.query('SELECT pg_sleep(0.004)'), { tag: 'next' });
    outcomes.push(...(await Promise.allSettled([hanging, next])).map((one) => 'reason' in one && one.reason));
  }
  const failures = outcomes.filter((reason) => reason && !(reason instanceof Displaced));
  expect(failures).toEqual([]);
  expect(outcomes.some((reason) => reason instanceof Displaced)).toBe(true);
});

test('a statement that an administrator of PostgreSQL cancels fails with the error of PostgreSQL [F3]', async () => {
  const statements = sentStatements(client);
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const sleeping = statements.run(() => client.query('SELECT pg_sleep(60)'), {});
  const cancelled = expect(sleeping).rejects.toMatchObject({ name: 'error', code: '57014' });
  const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'`;
  await until(async () =>
    asOwner(database.ownerUrl, async (db) => (await db.query(cancel, [rows[0]?.pid])).rowCount === 1),
  );
  await cancelled;
});

test('a statement that fails by itself behind a cancelled one keeps its error, and leaves no cancel request [F3]', async () => {
  const statements = sentStatements(client);
  const hanging = statements.run(() => client.query('SELECT pg_sleep(60)'), { tag: 'hanging' });
  const displaced = expect(hanging).rejects.toBeInstanceOf(Displaced);
  await until(() => asOwner(database.ownerUrl, isSleeping));
  statements.displace((tag) => tag === 'hanging');
  const broken = statements.run(() => client.query('SELECT 1 / 0'), { tag: 'broken' });
  await Promise.all([displaced, expect(broken).rejects.toMatchObject({ name: 'error' })]);
  await until(() => !statements.busy);
});

const isSleeping = async (db: pg.Client) =>
  (
    await db.query(
      `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`,
    )
  ).rowCount === 1;
