import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createClient } from 'graphql-sse';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { failures, listening, slow, streams, toyServer } from '../support/server/toy-server.ts';
import { until } from '../support/until.ts';

const production = toyServer();
const staging = toyServer({ config: { env: 'staging' } });
const development = toyServer({ config: { env: 'development', publicUrl: 'http://127.0.0.1:4000' } });
type Toy = typeof production;

const page = (toy: Toy, headers: Record<string, string> = {}) =>
  toy.app.inject({ url: '/graphql', headers: { accept: 'text/html,application/xhtml+xml', ...headers } });
const introspect = async (toy: Toy, headers: Record<string, string> = {}) =>
  (await toy.ask('{ ...F } fragment F on Query { __schema { queryType { name } } }', {}, headers)).json();

describe('every answer', () => {
  const answers: [string, () => Promise<{ headers: Record<string, unknown> }>][] = [
    ['data', () => production.ask('{ hello }')],
    ['an error in the document', () => production.ask('{')],
    ['a field error', () => production.ask('{ fail(how: "bug") }')],
    [
      'malformed JSON',
      () =>
        production.app.inject({
          method: 'POST',
          url: '/graphql',
          headers: { 'content-type': 'application/json' },
          payload: '{',
        }),
    ],
    [
      'a refused form',
      () =>
        production.app.inject({
          method: 'POST',
          url: '/graphql',
          headers: { 'content-type': 'text/plain' },
          payload: 'x',
        }),
    ],
    ['an unknown address', () => production.app.inject('/nothing')],
    ['a bad address', () => production.app.inject('/%c0')],
    ['a wrong method', () => production.app.inject({ method: 'DELETE', url: '/graphql' })],
    ['health', () => production.app.inject('/health/live')],
    [
      'a CORS preflight',
      () =>
        production.app.inject({
          method: 'OPTIONS',
          url: '/graphql',
          headers: { origin: 'https://app.example.com', 'access-control-request-method': 'POST' },
        }),
    ],
    [
      'a stream',
      () => production.ask('subscription { ticks(upTo: 1) }', {}, { accept: 'text/event-stream' }),
    ],
  ];

  test.each(answers)('[H2] has the security headers: %s', async (_what, answer) => {
    expect((await answer()).headers).toMatchObject({
      'content-security-policy':
        "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
      'strict-transport-security': 'max-age=31536000; includeSubDomains; preload',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'x-xss-protection': '1; mode=block',
      'cache-control': 'no-store',
      'x-request-id': expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
    });
  });

  test.each([
    ['no Host', 'HTTP/1.1\r\nConnection: close'],
    ['an expectation', 'HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nConnection: close'],
    ['HTTP/1.0', 'HTTP/1.0'],
  ])('[H2] has them where Node would answer before Fastify: %s', async (_what, rest) => {
    const server = await listening();
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET /health/live ${rest}\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
    expect(answer).toMatch(/\r\nx-frame-options: DENY\r\n/i);
    expect(answer).toContain('{"status":"ok"}');
    await server.app.close();
  });

  test('[H2] over plain http claims no HSTS', async () => {
    expect((await development.ask('{ hello }')).headers).not.toHaveProperty('strict-transport-security');
  });

  test('[H5] has a request id of its own, whatever the client sends', async () => {
    const response = await production.ask(
      '{ hello }',
      {},
      { 'x-request-id': 'forged', 'request-id': 'forged' },
    );
    expect(response.headers['x-request-id']).not.toBe('forged');
  });
});

describe('a page of another origin', () => {
  const from = (origin: string) => production.ask('{ hello }', {}, { origin });

  test('[H2] that is configured may read answers with credentials', async () => {
    expect((await from('https://app.example.com')).headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-credentials': 'true',
    });
  });

  test.each([
    'https://evil.example',
    'https://app.example.com.evil.example',
    'http://app.example.com',
    'null',
  ])('[H2] %s may not', async (origin) =>
    expect((await from(origin)).headers).not.toHaveProperty('access-control-allow-origin'),
  );

  test.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/graphql',
  ])('[H2] cannot send %s, which needs no preflight', async (type) => {
    const payload = '{"query":"mutation { write(text: \\"x\\") }"}';
    const response = await production.app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': type },
      payload,
    });
    expect([response.statusCode, response.json().errors[0].extensions]).toEqual([
      415,
      { code: 'BAD_REQUEST' },
    ]);
  });

  const cookie = 'session=x';
  test.each([
    ['POST from a foreign origin', 'POST', { origin: 'https://evil.example' }],
    ['POST from a sibling site', 'POST', { 'sec-fetch-site': 'same-site' }],
    ['POST from an opaque origin', 'POST', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['GET by a foreign link', 'GET', { 'sec-fetch-site': 'cross-site' }],
    ['GET without a credential', 'GET', {}],
  ])('[H2] cannot use the cookie: %s', async (_what, method, headers) => {
    const options =
      method === 'POST' ? { payload: { query: '{ hello }' } } : { query: { query: '{ hello }' } };
    const response = await production.app.inject({
      method: method as 'GET',
      url: '/graphql',
      headers: { cookie, ...headers },
      ...options,
    });
    expect([response.statusCode, response.json().errors[0].extensions]).toEqual([403, { code: 'FORBIDDEN' }]);
  });

  test.each([
    [
      'POST from a configured origin',
      'POST',
      { origin: 'https://app.example.com', 'sec-fetch-site': 'cross-site' },
    ],
    ['POST from the server’s own origin', 'POST', { origin: 'https://api.example.com' }],
    ['POST by a program', 'POST', {}],
    ['GET from the same origin', 'GET', { 'sec-fetch-site': 'same-origin' }],
  ])('[H2] the cookie works: %s', async (_what, method, headers) => {
    const options =
      method === 'POST' ? { payload: { query: '{ hello }' } } : { query: { query: '{ hello }' } };
    const response = await production.app.inject({
      method: method as 'GET',
      url: '/graphql',
      headers: { cookie, ...headers },
      ...options,
    });
    expect(response.json()).toEqual({ data: { hello: 'world' } });
  });

  test('[H2] a mutation over GET is refused', async () => {
    const response = await production.app.inject({
      url: '/graphql',
      query: { query: 'mutation { write(text: "x") }' },
    });
    expect([response.statusCode, response.json()]).toEqual([
      405,
      { errors: [expect.objectContaining({ extensions: { code: 'BAD_REQUEST' } })] },
    ]);
  });
});

describe('introspection and GraphiQL', () => {
  const platform = { authorization: 'Bearer platform' };
  const refused = { errors: [expect.objectContaining({ extensions: { code: 'FORBIDDEN' } })] };

  test('[H4] are open in development', async () => {
    expect(await introspect(development)).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } });
    expect((await page(development)).headers['content-type']).toBe('text/html; charset=utf-8');
  });

  test('[H4] are closed in production, for platform administrators too', async () => {
    expect(await introspect(production, platform)).toEqual(refused);
    expect((await page(production, platform)).headers['content-type']).toMatch('application/json');
  });

  test('[H4] are for platform administrators in staging, and the permission is not cached for the next caller', async () => {
    expect(await introspect(staging)).toEqual(refused);
    expect(await introspect(staging, platform)).toHaveProperty('data');
    expect(await introspect(staging, { authorization: 'Bearer member' })).toEqual(refused);
    expect((await page(staging, platform)).headers['content-type']).toMatch('text/html');
  });

  test('[H4] browsers get the sign-in page in staging without a credential, with a refused one and with one of no administrator [U10]', async () => {
    for (const headers of [
      undefined,
      { authorization: 'Bearer forged' },
      { authorization: 'Bearer member' },
    ]) {
      const { payload } = await page(staging, headers);
      expect(payload).toContain('<title>Sign in</title>');
      expect(payload).not.toContain('GraphiQL</title>');
    }
  });

  test('[H4] __type is introspection, __typename is not', async () => {
    expect((await production.ask('{ __type(name: "Query") { name } }')).json()).toEqual(refused);
    expect((await production.ask('{ __typename }')).json()).toEqual({ data: { __typename: 'Query' } });
  });

  test('[H2] the page loads nothing from elsewhere and has a policy of its own with a fresh nonce', async () => {
    const [one, two] = [await page(development), await page(development)];
    const csp = String(one.headers['content-security-policy']);
    const nonce = /'nonce-([\w-]+)'/.exec(csp)?.[1];
    expect(one.payload).toContain(`<script nonce="${nonce}">`);
    expect(csp).toMatch(/default-src 'none'/);
    expect(csp).not.toMatch(/https?:|unsafe-eval|script-src[^;]*unsafe-inline/);
    expect(two.headers['content-security-policy']).not.toBe(csp);
    expect(one.payload.slice(0, 2_000) + one.payload.slice(-2_000)).not.toMatch(
      /(?:src|href)="(?:https?:)?\/\//,
    );
  });

  test('[H4] the page opens with the tabs it is given', async () => {
    const tabs = [{ title: 'A salary', query: '{ hello }', headers: { authorization: 'Bearer x' } }];
    const html = (await page(toyServer({ config: { env: 'development' }, graphiqlTabs: tabs }))).payload;
    expect(html).toContain(JSON.stringify('# A salary\n{ hello }'));
  });
});

describe('health', () => {
  test('[K3] live answers 200', async () => {
    expect((await production.app.inject('/health/live')).json()).toEqual({ status: 'ok' });
  });

  test('[K3] ready names each check, and is 503 when one fails or throws', async () => {
    const ready = async (check: () => Promise<Record<string, boolean>>) => {
      const response = await toyServer({ ready: check }).app.inject('/health/ready');
      return [response.statusCode, response.json()];
    };
    expect(await ready(async () => ({ database: true, keys: true }))).toEqual([
      200,
      { status: 'ok', checks: { database: true, keys: true } },
    ]);
    expect(await ready(async () => ({ database: true, keys: false }))).toEqual([
      503,
      { status: 'unavailable', checks: { database: true, keys: false } },
    ]);
    expect(await ready(async () => failures.bug?.() as never)).toEqual([
      503,
      { status: 'unavailable', checks: { ready: false } },
    ]);
  });

  test('[K3] ready runs one check for 50 probes at the same time, and another for the next', async () => {
    const checked = Promise.withResolvers<Record<string, boolean>>();
    let checks = 0;
    const ready = () => {
      checks++;
      return checked.promise;
    };
    const { app } = toyServer({ ready });
    let arrived = 0;
    app.addHook('preHandler', async () => void arrived++);
    const answers = Array.from({ length: 50 }, () => app.inject('/health/ready').then());
    await until(() => arrived === 50);
    checked.resolve({ database: true });
    for (const { statusCode } of await Promise.all(answers)) expect(statusCode).toBe(200);
    expect(checks).toBe(1);
    await app.inject('/health/ready');
    expect(checks).toBe(2);
  });

  test('[H7] security.txt has a contact and an expiry less than a year away', async () => {
    const { payload, headers } = await production.app.inject('/.well-known/security.txt');
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(payload).toMatch(/^Contact: mailto:security@api\.example\.com$/m);
    expect(payload).toMatch(/^Canonical: https:\/\/api\.example\.com\/\.well-known\/security\.txt$/m);
    const days = (Date.parse(/^Expires: (.+)$/m.exec(payload)?.[1] ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(90);
    expect(days).toBeLessThan(365);
  });

  test('[H7] security.txt of a server that has run for a year has not expired', async () => {
    const now = Date.now() + 365 * 86_400_000;
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now);
    const { payload } = await production.app.inject('/.well-known/security.txt');
    clock.mockRestore();
    expect(Date.parse(/^Expires: (.+)$/m.exec(payload)?.[1] ?? '')).toBeGreaterThan(now);
  });
});

describe('a subscription', () => {
  let server: Awaited<ReturnType<typeof listening>>;
  beforeAll(async () => {
    server = await listening();
  });
  afterAll(() => server.app.close());
  afterEach(() => expect.poll(() => streams.open).toBe(0));

  const events = async (query: string) => {
    const seen: unknown[] = [];
    const client = createClient({ url: server.url, retryAttempts: 0 });
    for await (const event of client.iterate({ query })) seen.push(event);
    return seen;
  };
  const open = async (target = server, query = 'subscription { forever }') => {
    const abort = new AbortController();
    const response = await fetch(target.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
      signal: abort.signal,
    });
    await response.body?.getReader().read();
    await expect.poll(() => streams.open).toBe(1);
    return abort;
  };

  test('[L7] sends each event over SSE and completes', async () => {
    expect(await events('subscription { ticks(upTo: 3) }')).toEqual([
      { data: { ticks: 1 } },
      { data: { ticks: 2 } },
      { data: { ticks: 3 } },
    ]);
  });

  test('[H5] masks an error inside an event, with the request id', async () => {
    const [event] = (await events('subscription { broken }')) as [
      { errors: [{ extensions: object; message: string }] },
    ];
    expect(event.errors[0].extensions).toEqual({
      code: 'INTERNAL',
      requestId: expect.stringMatching(/^[\w-]{36}$/),
    });
    expect(event.errors[0].message).not.toContain('secret');
  });

  test.each(['forever', 'silent'])(
    '[L7] that is %s ends in the server when the client disconnects',
    async (name) => {
      (await open(server, `subscription { ${name} }`)).abort();
      await expect.poll(() => streams.open).toBe(0);
    },
  );

  test.each(['forever', 'silent'])('[L7] that is %s does not keep the server from stopping', async (name) => {
    const other = await listening();
    const abort = await open(other, `subscription { ${name} }`);
    await other.app.close();
    expect(abort.signal.aborted).toBe(false);
    abort.abort();
  });

  test('[L7] without SSE is refused', async () => {
    const response = await production.ask(
      'subscription { ticks(upTo: 1) }',
      {},
      { accept: 'application/json' },
    );
    expect([response.statusCode, response.json().errors[0].extensions]).toEqual([
      406,
      { code: 'BAD_REQUEST' },
    ]);
  });
});

describe('a server that stops', () => {
  test('answers running requests before it exits', async () => {
    const server = await listening();
    const before = slow.begun;
    const begun = fetch(`${server.url}?query={slow}`).then((response) => response.json());
    await expect.poll(() => slow.begun).toBe(before + 1);
    await server.app.close();
    expect(await begun).toEqual({ data: { slow: 'done' } });
  });
});

describe('a client that disconnects', () => {
  test('[H5] before the answer leaves no error in the log, and the server keeps serving', async () => {
    const server = await listening();
    const abort = new AbortController();
    const before = slow.begun;
    const gone = fetch(`${server.url}?query={slow}`, { signal: abort.signal });
    void until(() => slow.begun > before).then(() => abort.abort());
    await expect(gone).rejects.toThrow('aborted');
    expect(await (await fetch(`${server.url}?query={slow}`)).json()).toEqual({ data: { slow: 'done' } });
    await server.app.close();
    expect(server.lines.filter((line) => JSON.parse(line).level === 'error')).toEqual([]);
  });
});

describe('a client that aborts its body', () => {
  const body = JSON.stringify({ query: '{ slow }', variables: { padding: 'x'.repeat(90_000) } });
  test.each([
    ['in the middle of its body', body.slice(0, 80_000)],
    ['right after its body', body],
  ])('[S14] %s leaves no error in the log', async (_when, sent) => {
    const server = await listening();
    const socket = connect(server.port, '127.0.0.1');
    const head = `POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const begun = once(server.app.server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
    socket.write(head + sent);
    const [, response] = await begun;
    const gone = once(response, 'close');
    socket.resetAndDestroy();
    await gone;
    await server.app.close();
    expect(server.lines.map((line) => JSON.parse(line)).filter(({ level }) => level !== 'info')).toEqual([]);
  });
});

describe('a header that is far too long', () => {
  test('[H4] is 431 with a code', async () => {
    const server = await listening();
    const answer = await new Promise<[number | undefined, string]>((resolve, reject) => {
      const request = httpRequest(
        { port: server.port, headers: { 'x-long': 'x'.repeat(20_000) } },
        (response) => {
          response.on('data', (chunk: Buffer) => resolve([response.statusCode, chunk.toString()]));
        },
      );
      request.on('error', reject).end();
    });
    expect(answer[0]).toBe(431);
    expect(JSON.parse(answer[1]).errors[0].extensions).toEqual({ code: 'BAD_REQUEST' });
    await server.app.close();
  });
});
