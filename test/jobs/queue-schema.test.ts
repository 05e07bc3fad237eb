import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';

let database: FreshDatabase;
let boss: PgBoss;
const errors: unknown[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  boss = new PgBoss({
    ...{ connectionString: database.appUrl, migrate: false, createSchema: false, reindex: false },
    ...{ registerInstance: false, supervise: false, max: 1 },
  });
  boss.on('error', (error) => errors.push(error));
});
afterAll(async () => {
  await boss.stop({ graceful: false });
  await database.drop();
});

test("the migrations make the tables of the installed pg-boss, and the server's role may use them [K1]", async () => {
  await boss.start(); // refuses another version of its tables
  const { missing, ...drift } = (await boss.detectSchemaDrift()) as unknown as Record<string, unknown[]>;
  expect({ missing: missing ?? [], ...drift }).toMatchObject({ missing: [], ok: true });
});

test("the server's role sends, takes, settles and looks after jobs without an error [K1]", async () => {
  await boss.createQueue('any', { policy: 'stately', retryLimit: 1, heartbeatSeconds: 10 });
  await boss.updateQueue('any', { retryLimit: 0 });
  await boss.schedule('any', '* * * * *', {}, { tz: 'UTC', missed: 'once' });
  const id = (await boss.send('any', {})) as string;
  await boss.fetch('any');
  await boss.fail('any', id);
  await boss.retry('any', id);
  await boss.cancel('any', id);
  await boss.supervise();
  await boss.unschedule('any');
  expect(errors).toEqual([]);
});
