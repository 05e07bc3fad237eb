import { afterEach, describe, expect, it } from 'vitest';
import { buildSchema } from '../../../src/schema/index.ts';
import { operationLimits } from '../../../src/schema/policy/rate-limits.ts';
import { startRedis } from '../../support/server/redis.ts';
import { type Answer, openWorld, rowsOf, type World } from '../../support/server/world.ts';
import { secondInstance } from '../../support/sign-in/credentials.ts';

const VIEWER = '{ viewer { user { email } } }';
const RESET =
  'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { email } }';
const reset = (number: number) => ({ input: { email: `unknown-${number}@acme.example` } });

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function opened(changes: Parameters<typeof openWorld>[0]): Promise<World> {
  const world = await openWorld(changes);
  ended.push(world.end);
  return world;
}

const codeOf = ({ errors }: Answer): string | undefined => errors?.[0]?.extensions.code;
const times = <T>(count: number, run: (number: number) => T): T[] =>
  Array.from({ length: count }, (_, number) => run(number));

/** Sends one after the other, and returns the codes of the answers. */
async function inTurn(count: number, ask: (number: number) => Promise<Answer>): Promise<unknown[]> {
  const codes: unknown[] = [];
  for (const number of times(count, (each) => each)) codes.push(codeOf(await ask(number)));
  return codes;
}

describe('requests of one caller', () => {
  it('[H3] are RATE_LIMITED beyond the limit, with retryAfter and headers, and other callers are answered', async () => {
    const world = await opened({ rateLimit: 5 });
    const [token, other] = [await world.signIn('company_admin'), await world.signIn('staff')];
    const first = await world.ask(VIEWER, {}, token);
    expect(first.headers.get('ratelimit-policy')).toMatch(/^"requests";q=5;w=60, "cost";/);
    expect(first.headers.get('ratelimit')).toMatch(/^"requests";r=4;t=\d+, "cost";/);
    expect(await inTurn(4, () => world.ask(VIEWER, {}, token))).toEqual(times(4, () => undefined));
    const refused = await world.ask(VIEWER, {}, token);
    expect([refused.status, codeOf(refused)]).toEqual([429, 'RATE_LIMITED']);
    expect(refused.headers.get('ratelimit')).toMatch(/^"requests";r=0;t=\d+$/);
    const retryAfter = Number(refused.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(60);
    expect(refused.errors?.[0]?.extensions).toEqual({ code: 'RATE_LIMITED', retryAfter });
    expect((await world.ask(VIEWER, {}, other)).data.viewer.user.email).toBe('staff@acme.example');
  });

  it('[H3] with refused credentials count for their address', async () => {
    const world = await opened({ rateLimit: 5 });
    const codes = await inTurn(7, (number) => world.ask(VIEWER, {}, `unknown-${number}`));
    expect(codes).toEqual([...times(5, () => 'UNAUTHENTICATED'), 'RATE_LIMITED', 'RATE_LIMITED']);
  });

  it('[H3] with invalid documents count for their address', async () => {
    const world = await opened({ rateLimit: 5 });
    const codes = await inTurn(6, () => world.ask('{ __nothing }'));
    expect(codes).toEqual([...times(5, () => 'BAD_REQUEST'), 'RATE_LIMITED']);
  });

  it('[H3] without a credential that they need count for their address', async () => {
    const world = await opened({ rateLimit: 5 });
    const codes = await inTurn(6, () => world.ask(VIEWER));
    expect(codes).toEqual([...times(5, () => 'UNAUTHENTICATED'), 'RATE_LIMITED']);
  });

  it('[H3] pass exactly up to the limit when 500 come at once to two instances with Redis', async ({
    skip,
  }) => {
    const redis = await startRedis();
    if (!redis) return skip('no redis-server is installed');
    ended.push(redis.stop);
    const world = await opened({ rateLimit: 100, redisUrl: redis.url });
    const second = await secondInstance(world);
    ended.push(second.end);
    const token = await world.signIn('company_admin');
    const asks = [world.ask, second.ask];
    const answers = await Promise.all(
      times(500, (number) => asks[number % 2]?.(VIEWER, {}, token) as Promise<Answer>),
    );
    const codes = answers.map(codeOf);
    expect(codes.filter((code) => code === undefined)).toHaveLength(100);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(400);
  });
});

/**
 * Requests resets until the operation's limit refuses one. PostgreSQL's windows begin with the
 * clock's minutes.
 */
async function sentUntilRefused(world: World): Promise<number> {
  for (let sent = 1; ; sent += 1) {
    const { errors } = await world.ask(RESET, reset(sent));
    if (errors?.[0]?.message.startsWith('Too many requests')) return sent;
  }
}

describe('an operation with a limit of its own', () => {
  it('[H3] is RATE_LIMITED beyond it, counting each alias, while other operations are answered', async () => {
    const world = await opened({ rateLimit: 100 });
    const aliased = `mutation ($input: RequestPasswordResetInput!) {
      a: requestPasswordReset(input: $input) { email } b: requestPasswordReset(input: $input) { email }
    }`;
    const codes = await inTurn(5, (number) => world.ask(aliased, reset(number)));
    expect(codes).not.toContain('RATE_LIMITED');
    const refused = await world.ask(RESET, reset(5));
    expect([refused.status, codeOf(refused)]).toEqual([429, 'RATE_LIMITED']);
    expect(refused.errors?.[0]?.message).toMatch(/^Too many requests; retry in \d+ seconds\.$/);
    expect((await world.ask(VIEWER, {}, await world.signIn('staff'))).errors).toBeUndefined();
  });

  it('[H3] is counted in PostgreSQL while Redis is gone, and requests are still answered', async ({
    skip,
  }) => {
    const redis = await startRedis();
    if (!redis) return skip('no redis-server is installed');
    const world = await opened({ rateLimit: 100, redisUrl: redis.url });
    await redis.stop();
    expect(await sentUntilRefused(world)).toBeGreaterThan(10);
    const rows = await rowsOf(world, `SELECT subject FROM "Throttle" WHERE kind = 'operation'`);
    expect(rows.map(({ subject }) => subject.split(' ')[0])).toContain('Mutation.requestPasswordReset');
    expect((await world.ask(VIEWER, {}, await world.signIn('staff'))).errors).toBeUndefined();
  });

  it('[H3] is counted in PostgreSQL while Redis is frozen', async ({ skip }) => {
    const redis = await startRedis();
    if (!redis) return skip('no redis-server is installed');
    const world = await opened({ rateLimit: 100, redisUrl: redis.url });
    ended.push(redis.stop); // before the world ends, which waits for what Redis was asked
    redis.freeze();
    expect(await sentUntilRefused(world)).toBeGreaterThan(10);
  });

  it('[H3] has a limit that scales with the requests of a caller', () => {
    const schema = buildSchema();
    expect(operationLimits(schema, 100).get('Mutation.signIn')).toEqual({ points: 30, per: 60 });
    expect(operationLimits(schema, 10_000).get('Mutation.signIn')).toEqual({ points: 3_000, per: 60 });
    expect(operationLimits(schema, 1).get('Mutation.signIn')).toEqual({ points: 1, per: 60 });
    expect([...operationLimits(schema, 100).keys()].sort()).toEqual([
      'Mutation.completeSignIn',
      'Mutation.refreshTokens',
      'Mutation.requestCode',
      'Mutation.requestPasswordReset',
      'Mutation.resetPassword',
      'Mutation.signIn',
    ]);
  });
});
