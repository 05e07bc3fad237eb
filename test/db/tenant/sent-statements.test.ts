import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Displaced, sentStatements } from '../../../src/db/tenant/sent-statements.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { anyMoment } from '../../support/until.ts';

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
