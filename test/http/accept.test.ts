import { afterAll, beforeAll, expect, test } from 'vitest';
import { listening } from '../support/server/toy-server.ts';

let toy: Awaited<ReturnType<typeof listening>>;
beforeAll(async () => {
  toy = await listening();
});
afterAll(() => toy.app.close());

const JSON_TYPE = 'application/json; charset=utf-8';
const RESPONSE_TYPE = 'application/graphql-response+json; charset=utf-8';
const ask = (accept: string) =>
  toy.app.inject({ url: '/graphql', query: { query: '{ hello }' }, headers: { accept } });

test.each([
  ['', JSON_TYPE],
  ['   ', JSON_TYPE],
  [', ,', JSON_TYPE],
  ['*/*', JSON_TYPE],
  ['*/*;q=0.1', JSON_TYPE],
  ['application/*', JSON_TYPE],
  ['APPLICATION/JSON', JSON_TYPE],
  ['application/json;charset=utf-8', JSON_TYPE],
  ['text/html, application/json;q=0.5', JSON_TYPE],
  ['application/graphql-response+json', RESPONSE_TYPE],
  ['application/graphql-response+json;q=0, application/json', JSON_TYPE],
  ['application/json;q=0.0, application/graphql-response+json', RESPONSE_TYPE],
])('Accept "%s" is answered with %s [B1]', async (accept, type) => {
  const answer = await ask(accept);
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, type]);
});

test.each(['text/html;level=1', 'application/json;q=0', '*/*; q=0.000', 'application/xml', 'json', ';', '%'])(
  'Accept "%s" is refused with 406 [B1]',
  async (accept) => {
    const answer = await ask(accept);
    expect([answer.statusCode, answer.json().errors[0].extensions.code]).toEqual([406, 'BAD_REQUEST']);
  },
);

test('a subscription with an empty Accept is answered as one without Accept [B1]', async () => {
  const subscribe = (headers: Record<string, string>) =>
    toy.app.inject({ url: '/graphql', query: { query: 'subscription { ticks(upTo: 1) }' }, headers });
  const [empty, absent] = [await subscribe({ accept: '' }), await subscribe({})];
  expect([empty.statusCode, empty.headers['content-type'], empty.body]).toEqual([
    absent.statusCode,
    absent.headers['content-type'],
    absent.body,
  ]);
});
