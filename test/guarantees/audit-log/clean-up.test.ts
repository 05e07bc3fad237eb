import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from '../../support/server/program.ts';
import { startServer } from '../../support/server/server-process.ts';
import { openWorld, rowsOf, type World } from '../../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.end());

const USER = `(SELECT id FROM "User" WHERE email = 'staff@acme.example')`;
/**
 * An expired row and a valid one in each of these tables; an attempt count and a burst that are
 * over.
 */
const addRows = () =>
  rowsOf(
    world,
    `INSERT INTO "Session" (id, "userId", "expiresAt", "absoluteExpiresAt")
       SELECT kind || gen_random_uuid(), ${USER}, until, until FROM (VALUES ('old', now() - interval '1 second'), ('new', now() + interval '1 hour')) v (kind, until);
     INSERT INTO "RevokedToken" (jti, "userId", "expiresAt")
       SELECT gen_random_uuid(), ${USER}, until FROM (VALUES (now() - interval '1 second'), (now() + interval '1 hour')) v (until);
     INSERT INTO "IdempotencyKey" ("companyId", id, "userId", "keyHash", "sealedRequest", "expiresAt")
       SELECT c.id, gen_random_uuid(), ${USER}, gen_random_uuid()::text, 'b1.test.' || repeat('x', 40), until
       FROM "Company" c, (VALUES (now() - interval '1 second'), (now() + interval '1 hour')) v (until) WHERE c.name = 'Acme';
     INSERT INTO "Throttle" (kind, subject, failures, "failedAt") VALUES ('password', 'address:old', 1, now() - interval '2 hours');
     INSERT INTO failure_burst (company_id, action, count, started_at)
       VALUES ('00000000-0000-7000-8000-000000000000', 'session.signInFailed', 50, now() - interval '1 hour')`,
  );
const counts = () =>
  rowsOf(
    world,
    `SELECT (SELECT count(*)::int FROM "Session" WHERE id LIKE 'old%') AS old, (SELECT count(*)::int FROM "Session" WHERE id LIKE 'new%') AS new,
       (SELECT count(*)::int FROM "RevokedToken") AS tokens, (SELECT count(*)::int FROM "IdempotencyKey") AS keys,
       (SELECT count(*)::int FROM "Throttle" WHERE subject = 'address:old') AS attempts,
       (SELECT count(*)::int FROM failure_burst) AS bursts,
       (SELECT count(*)::int FROM audit_event WHERE action = 'session.signInFailed') AS events`,
  );
const CLEAN = [{ old: 0, new: 1, tokens: 1, keys: 1, attempts: 0, bursts: 0, events: 1 }];

test('two servers that start at once delete expired rows, append each burst once, and stop on SIGTERM [F10] [D3]', {
  timeout: 60_000,
}, async () => {
  await addRows();
  const servers = await Promise.all([startServer(world), startServer(world)]);
  await expect.poll(counts).toEqual(CLEAN);
  const stopped = await Promise.all(servers.map((server) => server.stop()));
  expect(stopped.map(({ code }) => code)).toEqual([0, 0]);
  for (const server of servers) expect(server.output()).not.toContain('a job failed');
});

test('`npm run purge-expired` deletes expired rows at once and prints their number by table [F10] [D3]', {
  timeout: 60_000,
}, async () => {
  await addRows();
  const { database, config } = world;
  const { code, output } = await runProgram('purge-expired', {
    environment: {
      APP_ENV: 'staging',
      PUBLIC_URL: 'http://127.0.0.1',
      DATABASE_URL: database.appUrl,
      PLATFORM_DATABASE_URL: database.platformUrl,
      MASTER_KEYS: config.masterKeys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(),
    },
  });
  expect([code, JSON.parse(output.trim().split('\n').at(-1) as string)]).toEqual([
    0,
    expect.objectContaining({ Session: 1, RevokedToken: 1, IdempotencyKey: 1, Throttle: 1 }),
  ]);
});
