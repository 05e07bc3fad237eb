import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openServer } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { type Answer, asker, openWorld, type World } from '../support/server/world.ts';
import { blockEventLoop } from '../support/until.ts';

const BLOCKED_MS = 600;
const VIEWER = '{ viewer { user { email } } }';

let world: World;
let server: FastifyInstance;
let ask: World['ask'];
beforeAll(async () => {
  world = await openWorld();
  const config = { ...world.config, mostLateMs: readConfig({}).mostLateMs };
  server = openServer({ ...world.services, config });
  ask = asker(`${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`);
});
afterAll(async () => {
  await server.close();
  await world.end();
});

/** Blocks the event loop in turns until `done`. */
async function blockUntil(done: () => boolean): Promise<void> {
  while (!done()) {
    blockEventLoop(BLOCKED_MS);
    await nextTurn();
  }
}

/**
 * Asks without a credential while the event loop is blocked, until refused; then `after`, while it
 * still is.
 */
async function whileRefused<Result>(after: (refused: Answer) => Promise<Result>): Promise<Result> {
  const asking = async () => {
    for (;;) {
      const answer = await ask(VIEWER);
      if (codeOf(answer) === 'UNAVAILABLE') return after(answer);
    }
  };
  let done = false;
  const asked = asking().finally(() => {
    done = true;
  });
  await blockUntil(() => done);
  return asked;
}

const codeOf = (answer: Answer): string | undefined => answer.errors?.[0]?.extensions.code;

it('[F6] an anonymous client is refused with UNAVAILABLE and retryAfter while the event loop is late', async () => {
  const refused = await whileRefused(async (answer) => answer);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('2');
  expect(refused.errors?.[0]?.message).toBe('The server is overloaded; retry in a few seconds.');
});

it('[F6] a signed-in user is answered while anonymous clients are refused', async () => {
  const token = await world.signIn('company_admin');
  const answer = await whileRefused(() => ask(VIEWER, {}, token));
  expect(answer.data.viewer.user.email).toBe('company_admin@acme.example');
});

it('[F6] health is answered while anonymous clients are refused', async () => {
  const health = await whileRefused(async () => server.inject('/health/live'));
  expect(health.statusCode).toBe(200);
});

it('[F6] an anonymous client is answered again once the event loop is on time', async () => {
  await whileRefused(async () => {});
  await expect.poll(async () => codeOf(await ask(VIEWER))).toBe('UNAUTHENTICATED');
});
