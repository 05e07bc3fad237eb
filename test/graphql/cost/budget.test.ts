import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../../../src/auth/rate-limit/library.ts';
import { toyServer } from '../../support/server/toy-server.ts';

/** Seconds; so long that no test meets two windows. */
const WINDOW = 10_000_000;

/** A toy with a budget of so many points. */
function budgeted(points: number, alerted: string[] = []) {
  const { count, debit } = memoryLimiter();
  const rates = {
    ...{ count, requests: { points: 1000, per: 60 }, operations: new Map() },
    budget: {
      ...{ debit, full: { points, per: WINDOW } },
      tightened: { points: points / 2, per: WINDOW },
      isAlerted: (caller: string) => alerted.includes(caller),
    },
  };
  return toyServer({ rates });
}

type Response = Awaited<ReturnType<ReturnType<typeof toyServer>['ask']>>;
const costOf = (response: Response) => response.json().extensions?.cost;
const codeOf = (response: Response): string | undefined => response.json().errors?.[0]?.extensions.code;
const user = (name: string) => ({ authorization: `Bearer ${name}` });
const THINGS = 'query ($n: Int) { things(first: $n) { edges { node { id } } } }';

describe('the budget of a caller', () => {
  it('is debited what the answer holds, and not the estimate [H3]', async () => {
    const { ask } = budgeted(100);
    const first = await ask(THINGS, { n: 50 });
    const { resetSeconds, ...cost } = costOf(first);
    // `things` is null in the toy: its field was executed, and no row is in the answer
    expect(cost).toEqual({ estimated: 51, actual: 1, limit: 100, remaining: 99 });
    expect(resetSeconds).toBeGreaterThan(0);
    expect(first.headers['ratelimit-policy']).toBe(
      '"requests";q=1000;w=60, "cost";q=100;w=10000000;qu="cost"',
    );
    expect(first.headers.ratelimit).toMatch(/^"requests";r=999;t=\d+, "cost";r=99;t=\d+$/);
    expect(costOf(await ask(THINGS, { n: 50 }))).toMatchObject({ actual: 1, remaining: 98 });
  });

  it('that is smaller than the estimate refuses the operation and debits nothing [H3]', async () => {
    const { ask } = budgeted(50);
    const refused = await ask(THINGS, { n: 50 });
    expect([refused.statusCode, codeOf(refused)]).toEqual([429, 'RATE_LIMITED']);
    const [{ message, extensions }] = refused.json().errors;
    expect(message).toMatch(/^The operation costs up to 51, and 50 are left; retry in \d+ seconds\.$/);
    expect(extensions.retryAfter).toBeGreaterThan(0);
    expect(refused.headers['retry-after']).toBe(String(extensions.retryAfter));
    expect(costOf(refused)).toMatchObject({ estimated: 51, actual: 0, limit: 50, remaining: 50 });
    expect(refused.headers.ratelimit).toMatch(/, "cost";r=50;t=\d+$/);
    expect(costOf(await ask(THINGS, { n: 49 }))).toMatchObject({ estimated: 50, remaining: 49 });
  });

  it('is its own: another caller’s is whole [H3]', async () => {
    const { ask } = budgeted(3);
    expect(costOf(await ask('{ slow }'))).toMatchObject({ actual: 3, remaining: 0 });
    expect(codeOf(await ask('{ slow }'))).toBe('RATE_LIMITED');
    expect(costOf(await ask('{ slow }', {}, user('member')))).toMatchObject({ remaining: 0 });
  });

  it('is a part of the whole for a caller with alerts, and whole for others [H3]', async () => {
    const { ask } = budgeted(12, ['user:user-1']);
    const alerted = await ask('{ slow }', {}, user('member'));
    expect(costOf(alerted)).toMatchObject({ limit: 6, remaining: 3 });
    expect(alerted.headers['ratelimit-policy']).toContain('"cost";q=6;');
    await ask('{ slow }', {}, user('member'));
    expect(codeOf(await ask('{ slow }', {}, user('member')))).toBe('RATE_LIMITED');
    expect(costOf(await ask('{ slow }'))).toMatchObject({ limit: 12, remaining: 9 });
  });

  it('lets operations without cost pass when it is spent [H3]', async () => {
    const { ask } = budgeted(3);
    await ask('{ slow }');
    expect((await ask('{ hello }')).json()).toMatchObject({ data: { hello: 'world' } });
  });

  it('is debited a field that failed, and an operation without data [H3]', async () => {
    const { ask } = budgeted(100);
    const failed = await ask('mutation { write(text: 5) }');
    expect([codeOf(failed), costOf(failed)]).toEqual(['BAD_REQUEST', undefined]); // refused by validation
    const query = 'query ($text: Int) { slow echo(number: $text) }';
    const refused = await ask(query, { text: 'x' });
    expect(refused.json().errors).toHaveLength(1);
    expect(costOf(refused)).toMatchObject({ actual: 3, remaining: 97 });
    const nothing = await ask('{ slow mustNotBeNull }');
    expect([nothing.json().data, costOf(nothing).remaining]).toEqual([null, 94]);
  });

  it('never passes its limit when operations come at once [H3]', async () => {
    const { ask } = budgeted(30);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask('{ slow }')));
    expect(answers.filter((answer) => codeOf(answer) === undefined)).toHaveLength(10);
    expect(answers.filter((answer) => codeOf(answer) === 'RATE_LIMITED')).toHaveLength(40);
    expect(codeOf(await ask('{ slow }'))).toBe('RATE_LIMITED');
  });

  it('is debited the estimate of a subscription when it begins [H3]', async () => {
    const { ask } = budgeted(30);
    const query = 'subscription ($n: Int) { page(first: $n) { edges { node { id } } } }';
    const stream = { accept: 'text/event-stream' };
    const first = await ask(query, { n: 20 }, stream);
    expect(first.headers.ratelimit).toMatch(/, "cost";r=9;t=\d+$/);
    expect((await ask(query, { n: 20 }, stream)).payload).toContain('"code":"RATE_LIMITED"');
    expect((await ask(query, { n: 8 }, stream)).headers.ratelimit).toMatch(/, "cost";r=0;t=\d+$/);
  });

  it('is not shown to a client whose document is refused [H3]', async () => {
    const { ask } = budgeted(30);
    const refused = await ask('{ nothing }');
    expect(refused.json()).not.toHaveProperty('extensions');
    expect(refused.headers.ratelimit).toBeUndefined();
  });
});
