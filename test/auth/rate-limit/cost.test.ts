import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../../src/auth/lockout/limits.ts';
import { startRedis } from '../../support/server/redis.ts';
import { type Answer, openWorld, type World } from '../../support/server/world.ts';
import { secondInstance } from '../../support/sign-in/credentials.ts';

const EMPLOYEES = `query ($n: Int) { employees(first: $n) { edges { node { id salary } } } }`;
const VIEWER = '{ viewer { user { email } } }';
const BUDGET = 2_000;

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function opened(changes: Parameters<typeof openWorld>[0]): Promise<World> {
  const world = await openWorld(changes);
  ended.push(world.end);
  return world;
}

// biome-ignore lint/suspicious/noExplicitAny: the extension of an answer
const costOf = (answer: Answer): any => (answer as { extensions?: { cost?: unknown } }).extensions?.cost;
const codeOf = ({ errors }: Answer): string | undefined => errors?.[0]?.extensions.code;
const minute = () => Math.floor(Date.now() / 60_000);
const leftIn = ({ headers }: Answer): number =>
  Number(/"cost";r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);

describe('the cost of an operation', () => {
  it('[H3] is what its answer holds, so that rows and values out of sight cost nothing', async () => {
    const world = await opened({ costLimit: BUDGET });
    const [admin, staff] = [await world.signIn('company_admin'), await world.signIn('staff')];
    for (const token of [admin, staff]) {
      const answer = await world.ask(EMPLOYEES, { n: 50 }, token);
      const rows = answer.data.employees.edges.map(({ node }: { node: { salary: unknown } }) => node);
      const salaries = rows.filter(({ salary }: { salary: unknown }) => salary !== null).length;
      const actual = 1 + rows.length + salaries;
      const remaining = BUDGET - actual;
      expect(costOf(answer)).toMatchObject({ estimated: 101, actual, limit: BUDGET, remaining });
      expect(leftIn(answer)).toBe(remaining);
    }
  });

  it('[H3] of a mutation is debited also where it is refused', async () => {
    const world = await opened({ costLimit: BUDGET });
    const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }';
    const input = { email: 'unknown@acme.example', password: 'wrong-Password-1' };
    const refused = await world.ask(query, { input });
    expect(codeOf(refused)).toBe('UNAUTHENTICATED');
    expect(costOf(refused)).toMatchObject({ estimated: 50, actual: 50, remaining: BUDGET - 50 });
  });

  it('[H3] over the budget is RATE_LIMITED until the window ends, and other callers are answered', async () => {
    const world = await opened({ costLimit: BUDGET });
    const [token, other] = [await world.signIn('company_admin'), await world.signIn('staff')];
    const aliases = Array.from(
      { length: 18 },
      (_, index) => `a${index}: employees(first: 50) { totalCount }`,
    );
    const counting = `{ ${aliases.join(' ')} }`; // 198
    let answer = await world.ask(counting, {}, token);
    while (codeOf(answer) === undefined) {
      expect(costOf(answer).actual).toBe(198);
      answer = await world.ask(counting, {}, token);
    }
    expect([answer.status, codeOf(answer)]).toEqual([429, 'RATE_LIMITED']);
    expect(costOf(answer)).toMatchObject({ estimated: 198, actual: 0 });
    expect(costOf(answer).remaining).toBeLessThan(198);
    const retryAfter = Number(answer.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(60);
    expect((await world.ask(VIEWER, {}, other)).data.viewer.user.email).toBe('staff@acme.example');
  });
});

describe('a budget in Redis', () => {
  it('[H3] is one over two instances, and passes exactly its limit when 300 operations come at once', async ({
    skip,
  }) => {
    const redis = await startRedis();
    if (!redis) return skip('no redis-server is installed');
    ended.push(redis.stop);
    const world = await opened({ costLimit: BUDGET, redisUrl: redis.url });
    const second = await secondInstance(world);
    ended.push(second.end);
    const token = await world.signIn('company_admin');
    const asks = [world.ask, second.ask];
    const began = minute();
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        asks[index % 2]?.('{ employees(first: 50) { totalCount } }', {}, token),
      ),
    );
    const codes = answers.map((answer) => codeOf(answer as Answer));
    const passed = codes.filter((code) => code === undefined).length;
    const most = Math.floor(BUDGET / 11);
    // the operations may meet two windows
    if (minute() === began) expect(passed).toBe(most);
    else expect(passed).toBeGreaterThanOrEqual(most);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(300 - passed);
  });

  it('[H3] is counted in each instance while Redis is gone', async ({ skip }) => {
    const redis = await startRedis();
    if (!redis) return skip('no redis-server is installed');
    const world = await opened({ costLimit: BUDGET, redisUrl: redis.url });
    const token = await world.signIn('company_admin');
    const before = await world.ask(EMPLOYEES, { n: 5 }, token);
    await redis.stop();
    const after = await world.ask(EMPLOYEES, { n: 5 }, token);
    expect(costOf(after)).toMatchObject({ actual: costOf(before).actual, remaining: leftIn(before) });
  });
});

describe('the budget of a caller with alerts', () => {
  it('[H3] is a quarter for a user whose operations were denied in a burst, and whole for others', async () => {
    const world = await opened({ costLimit: BUDGET });
    const [token, other] = [await world.signIn('staff'), await world.signIn('company_admin')];
    const limit = async (by: string) => costOf(await world.ask(VIEWER, {}, by)).limit;
    expect(await limit(token)).toBe(BUDGET);
    let denied = 0;
    while ((await limit(token)) === BUDGET) {
      denied += 1;
      expect(codeOf(await world.ask('{ factorAdoption { role } }', {}, token))).toBe('FORBIDDEN');
    }
    expect(denied).toBeGreaterThanOrEqual(limits.denial.account); // they may meet two windows
    expect(await limit(token)).toBe(BUDGET / 4);
    expect(await limit(other)).toBe(BUDGET);
  });

  it('[H3] is a quarter for a network that guessed passwords, and whole for its users', async () => {
    const world = await opened({ costLimit: 20_000 });
    const token = await world.signIn('staff');
    const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }';
    const guess = (index: number) =>
      world.ask(query, { input: { email: `unknown-${index}@acme.example`, password: 'wrong-Password-1' } });
    const limit = async (by?: string) => costOf(await world.ask('{ __typename }', {}, by)).limit;
    expect(await limit()).toBe(20_000);
    for (let guesses = 0; guesses < limits.password.address; guesses++) await guess(guesses);
    expect([await limit(), await limit(token)]).toEqual([5_000, 20_000]);
  });
});
