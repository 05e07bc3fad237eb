import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listening, slow, toyServer } from '../support/server/toy-server.ts';
import { until } from '../support/until.ts';

type Toy = Awaited<ReturnType<typeof listening>>;
let toy: Toy;
let impatient: Toy;
beforeAll(async () => {
  [toy, impatient] = await Promise.all([listening(), listening({ config: { requestTimeout: 500 } })]);
});
afterAll(() => Promise.all([toy.app.close(), impatient.app.close()]));

const requestLines = () => toy.lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request');

test.each([
  ['before the answer', '{ slow }', 'application/json', { status: 499, closedEarly: true }],
  [
    'in the middle of a subscription',
    'subscription { forever }',
    'text/event-stream',
    { status: 200, closedEarly: true },
  ],
] as const)(
  'a request whose client leaves %s has one log line [B19] [H5]',
  async (_what, query, accept, line) => {
    const [before, begun] = [requestLines().length, slow.begun];
    const headers = { 'content-type': 'application/json', accept };
    const sent = request(toy.url, { method: 'POST', headers }).on('error', () => {});
    sent.end(JSON.stringify({ query }));
    if (accept === 'text/event-stream')
      await new Promise((resolve) => sent.on('response', (response) => response.once('data', resolve)));
    else await expect.poll(() => slow.begun).toBe(begun + 1);
    sent.destroy();
    await expect.poll(() => requestLines().length).toBe(before + 1);
    expect(requestLines().at(-1)).toMatchObject({ path: '/graphql', ...line });
  },
);

test('a request that is answered has one log line [B19] [H5]', async () => {
  const before = requestLines().length;
  await (await fetch(`${toy.url}?query={hello}`)).text();
  await expect.poll(() => requestLines().length).toBe(before + 1);
  expect(requestLines().at(-1)).toMatchObject({ status: 200 });
  expect(requestLines().at(-1)).not.toHaveProperty('closedEarly');
});

test('a request that does not arrive in time is answered 408 [F11]', async () => {
  const socket = connect(impatient.port, '127.0.0.1');
  socket.write(
    'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{',
  );
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout/);
  expect(answer).toMatch(/did not arrive in time/);
});

test('an automatic persisted query is told that these are not supported [U11]', async () => {
  const answer = await toy.app.inject({
    method: 'POST',
    url: '/graphql',
    payload: { extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } },
  });
  expect(answer.json().errors).toEqual([
    { message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } },
  ]);
});

test('a WebSocket is told to subscribe over SSE [U11]', async () => {
  const sent = request(toy.url, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-protocol': 'graphql-transport-ws',
    },
  });
  const answer = await new Promise<string>((resolve) => {
    sent.on('response', (response) => resolve(text(response)));
    sent.end();
  });
  expect(answer).toMatch(/WebSocket is not supported; subscribe over server-sent events/);
});

test.each([
  ['a reservation', { method: 'PUT', headers: { 'content-type': 'application/json' } }, 405],
  ['a stream', { headers: { accept: 'text/event-stream', 'x-graphql-event-stream-token': 'a' } }, 400],
  ['a stream by its URL', { path: '?token=a', headers: { accept: 'text/event-stream' } }, 400],
  [
    'an operation',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-graphql-event-stream-token': 'a' },
      body: '{"query":"{ hello }","extensions":{"operationId":"1"}}',
    },
    400,
  ],
  ['an end', { method: 'DELETE', headers: { 'x-graphql-event-stream-token': 'a' } }, 405],
] as [string, RequestInit & { path?: string }, number][])(
  '%s of graphql-sse’s single connection mode is told to use distinct connections [U11]',
  async (_what, { path = '', ...init }, status) => {
    const answer = await fetch(`${toy.url}${path}`, init);
    const [error] = ((await answer.json()) as { errors: { message: string; extensions: object }[] }).errors;
    expect([answer.status, error?.extensions]).toEqual([status, { code: 'BAD_REQUEST' }]);
    expect(error?.message).toMatch(/single connection mode is not supported; use its distinct connections/);
  },
);

test.each(['gzip', 'br', 'foo'])(
  'a body with Content-Encoding %s is refused with 415 [B1]',
  async (encoding) => {
    const answer = await toy.app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      payload: '{"query":"{ hello }"}',
    });
    expect([answer.statusCode, answer.headers['accept-encoding']]).toEqual([415, 'identity']);
    expect(answer.json().errors[0].extensions.code).toBe('BAD_REQUEST');
  },
);

test('the log line of a request names the codes of the errors in its answer [H5]', async () => {
  const ask = (query: string) => toy.app.inject({ url: '/graphql', query: { query } });
  await ask('{ fail(how: "app") }');
  await expect.poll(() => requestLines().at(-1)).toMatchObject({ status: 200, errors: ['INVALID_INPUT'] });
  await ask('{ hello }');
  await expect.poll(() => requestLines().at(-1)).not.toHaveProperty('errors');
});

test('a browser that visits /graphql where GraphiQL is not served gets 404 [U11]', async () => {
  const headers = { accept: 'text/html,*/*', cookie: 'session=x', 'sec-fetch-site': 'none' };
  const answer = await toy.app.inject({ url: '/graphql', headers });
  expect([answer.statusCode, answer.json().errors[0].extensions.code]).toEqual([404, 'NOT_FOUND']);
});

test('an answer that its client does not read within the answer timeout is dropped with its connection [F6]', async () => {
  const { app, port, lines } = await listening({ config: { answerTimeout: 200 } });
  const fields = Array.from({ length: 30 }, (_, index) => `a${index}: echo(text: $text)`);
  const query = `query ($text: String) { ${fields.join(' ')} }`;
  // 15 MB, more than the buffers of both ends
  const body = JSON.stringify({ query, variables: { text: 'x'.repeat(500_000) } });
  const socket = connect(port, '127.0.0.1')
    .on('error', () => {})
    .pause();
  const head = `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json`;
  socket.write(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await until(() => lines.some((line) => line.includes('"status":200,"closedEarly":true')));
  socket.destroy();
  await app.close();
});

test('an event stream asks proxies not to buffer it [B22]', async () => {
  const answer = await fetch(`${toy.url}?query=subscription{ticks(upTo:1)}`, {
    headers: { accept: 'text/event-stream' },
  });
  expect(answer.headers.get('x-accel-buffering')).toBe('no');
  await answer.text();
});

test('the readiness check names what fails without taking the server out of service [U13]', async () => {
  const { app } = toyServer({ degraded: () => ['email'] });
  const answer = await app.inject('/health/ready');
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { status: 'ok', checks: { database: true }, failing: ['email'] },
  ]);
});
