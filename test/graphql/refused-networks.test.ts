import { describe, expect, it, test } from 'vitest';
import { memoryLimiter } from '../../src/auth/rate-limit/library.ts';
import { toyServer } from '../support/server/toy-server.ts';
import { until } from '../support/until.ts';

const HELLO = '{ hello }';
const USER = { authorization: 'Bearer of-a-member' };

/** A toy that accepts so many requests of a caller in so many seconds. */
function limited(points: number, per = 60, over: Parameters<typeof toyServer>[0] = {}) {
  const rates = { count: memoryLimiter().count, requests: { points, per }, operations: new Map() };
  return toyServer({ rates, ...over });
}

type Toy = ReturnType<typeof toyServer>;
type Response = Awaited<ReturnType<Toy['ask']>>;
const codeOf = (response: Response): string | undefined => response.json().errors?.[0]?.extensions.code;

async function inTurn(count: number, ask: () => Promise<Response>): Promise<unknown[]> {
  const codes: unknown[] = [];
  for (let asked = 0; asked < count; asked++) codes.push(codeOf(await ask()));
  return codes;
}

const sent = ({ app }: Toy, payload: string) =>
  app.inject({ method: 'POST', url: '/graphql', headers: { 'content-type': 'application/json' }, payload });

describe('a request of a signed-in user that a limit refuses', () => {
  test.each([
    ['its cost', 'query ($n: Int) { things(first: $n) { edges { node { id } } } }', 'QUERY_TOO_COMPLEX'],
    ['introspection', '{ __schema { queryType { name } } }', 'FORBIDDEN'],
  ])(
    'for %s counts for the user, and others at the address are answered [H3]',
    async (_what, query, code) => {
      const { ask } = limited(3);
      const codes = await inTurn(4, () => ask(query, { n: 1_000_000 }, USER));
      expect(codes).toEqual([code, code, code, 'RATE_LIMITED']);
      expect(await inTurn(3, () => ask(HELLO))).toEqual([undefined, undefined, undefined]);
    },
  );
});

describe('a request that is refused before its caller is known', () => {
  test.each([
    ['malformed JSON', '{', 'BAD_REQUEST'],
    ['a body without a document', '{}', 'BAD_REQUEST'],
    ['a document that is not known', '{"documentId":"unknown"}', 'PERSISTED_QUERY_NOT_SUPPORTED'],
  ])('for %s counts for its address [H3]', async (_what, body, code) => {
    const toy = limited(3);
    expect(await inTurn(4, () => sent(toy, body))).toEqual([code, code, code, 'RATE_LIMITED']);
  });

  it('for the number of documents that wait counts for its address [H3]', async () => {
    const { ask } = limited(400);
    const long = (index: number) => `{ hello } # ${index} ${'x'.repeat(5_000)}`;
    const flood = await Promise.all(Array.from({ length: 500 }, (_, index) => ask(long(index))));
    expect(flood.map(codeOf)).toContain('UNAVAILABLE');
    expect(codeOf(await ask(HELLO))).toBe('RATE_LIMITED');
  });
});

describe('a network beyond its limit of requests', () => {
  it('has requests without a credential refused before their document is read, and others executed [H3]', async () => {
    const read: unknown[] = [];
    const documentOf = ({ query }: { query: unknown }) => {
      read.push(query);
      return query;
    };
    const { ask } = limited(2, 60, { documentOf });
    expect(await inTurn(3, () => ask(HELLO))).toEqual([undefined, undefined, 'RATE_LIMITED']);
    const refused = await ask('{ hello deep { leaf } }');
    expect([refused.statusCode, codeOf(refused)]).toEqual([429, 'RATE_LIMITED']);
    expect(refused.headers.ratelimit).toMatch(/^"requests";r=0;t=\d+$/);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('{ echo }', {}, USER)).statusCode).toBe(200);
    expect(read).toEqual([HELLO, HELLO, HELLO, '{ echo }']);
  });

  it('is answered again in its next window [H3]', async () => {
    const { ask } = limited(2, 1);
    await until(async () => codeOf(await ask(HELLO)) === 'RATE_LIMITED');
    await until(async () => (await ask(HELLO)).json().data?.hello === 'world');
  });
});
