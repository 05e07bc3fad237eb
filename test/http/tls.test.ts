import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { readKeyPair } from '../../src/http/transport/key-pair.ts';
import { newPair, tlsFiles } from '../support/server/tls-files.ts';
import { streams, toyServer } from '../support/server/toy-server.ts';
import { until } from '../support/until.ts';

const { files, write, remove } = tlsFiles();
const first = newPair();
afterAll(remove);

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** A toy server over TLS on a free port. */
async function serving(config: Parameters<typeof toyServer>[0] = {}) {
  const toy = toyServer({ ...config, config: { plainHttp: 'refused', tls: files, ...config.config } });
  await toy.app.listen({ port: 0, host: '127.0.0.1' });
  opened.push(toy.app);
  const { port } = toy.app.server.address() as AddressInfo;
  return { ...toy, port, origin: `https://127.0.0.1:${port}` };
}

async function session(origin: string): Promise<ClientHttp2Session> {
  const client = connect(origin, { rejectUnauthorized: false });
  client.on('error', () => {});
  await once(client, 'connect');
  opened.push({ close: () => client.destroy() });
  return client;
}

const HEADERS = { ':path': '/graphql', ':method': 'POST', 'content-type': 'application/json' };

function send(client: ClientHttp2Session, query: string, headers: object = {}): ClientHttp2Stream {
  const stream = client.request({ ...HEADERS, ...headers });
  stream.end(JSON.stringify({ query }));
  return stream;
}

async function ask(client: ClientHttp2Session, query: string, headers: object = {}) {
  const stream = send(client, query, headers);
  const [answer] = (await once(stream, 'response')) as [Record<string, string>];
  return { headers: answer, body: await text(stream) };
}

async function handshake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  opened.push({ close: () => socket.destroy() });
  await once(socket, 'secureConnect');
  return socket;
}

describe('a server with a certificate', () => {
  test('answers over HTTP/2 with HSTS and the security headers [H1]', async () => {
    const client = await session((await serving()).origin);
    expect(client.alpnProtocol).toBe('h2');
    const { headers, body } = await ask(client, '{ hello }');
    expect(JSON.parse(body)).toEqual({ data: { hello: 'world' } });
    expect(headers).toMatchObject({
      ':status': 200,
      'strict-transport-security': 'max-age=31536000; includeSubDomains; preload',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-request-id': expect.any(String),
    });
  });

  test('answers a client that offers HTTP/1.1 alone [H1]', async () => {
    const { port } = await serving();
    const options = { port, rejectUnauthorized: false, method: 'POST', path: '/graphql', host: '127.0.0.1' };
    const sent = request({ ...options, agent: false, headers: { 'content-type': 'application/json' } });
    sent.end('{"query":"{ hello }"}');
    const [response] = await once(sent, 'response');
    expect([response.httpVersion, await text(response)]).toEqual(['1.1', '{"data":{"hello":"world"}}']);
  });

  test('streams events over HTTP/2 until they are complete [H1]', async () => {
    const client = await session((await serving()).origin);
    const accept = { accept: 'text/event-stream' };
    const { headers, body } = await ask(client, 'subscription { ticks(upTo: 3) }', accept);
    expect(headers['content-type']).toMatch(/^text\/event-stream/);
    expect(body.match(/"ticks":\d/g)).toEqual(['"ticks":1', '"ticks":2', '"ticks":3']);
    expect(body).toContain('event: complete');
  });

  test('ends a subscription whose HTTP/2 stream the client resets, and logs that it closed early [H1]', async () => {
    const { origin, lines } = await serving();
    const client = await session(origin);
    const stream = send(client, 'subscription { forever }', { accept: 'text/event-stream' });
    await once(stream, 'data');
    expect(streams.open).toBe(1);
    stream.close(constants.NGHTTP2_CANCEL);
    await until(() => streams.open === 0);
    await until(() => lines.some((line) => line.includes('"closedEarly":true')));
  });

  test('logs a complete HTTP/2 answer with the client’s address and not as closed early [H1]', async () => {
    const { origin, lines } = await serving();
    await ask(await session(origin), '{ hello }');
    const line = () => lines.find((one) => one.includes('"msg":"request"')) ?? '';
    await until(line);
    expect(JSON.parse(line())).toMatchObject({ status: 200, ip: '127.0.0.1' });
    expect(line()).not.toContain('closedEarly');
  });

  test('resets an HTTP/2 request whose body does not arrive within the request timeout [H1]', async () => {
    const { origin } = await serving({ config: { requestTimeout: 200 } });
    const stream = (await session(origin)).request(HEADERS);
    stream.write('{"query":');
    stream.on('error', () => {});
    await once(stream, 'close');
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  });

  test('resets an HTTP/2 answer that its client takes nothing of within the answer timeout [F6]', async () => {
    const { origin, lines } = await serving({ config: { answerTimeout: 200 } });
    const client = connect(origin, { rejectUnauthorized: false, settings: { initialWindowSize: 0 } });
    opened.push({ close: () => client.destroy() });
    const stream = send(client, '{ hello }');
    stream.on('error', () => {});
    await once(stream, 'response');
    await once(stream.resume(), 'close');
    await until(() => lines.some((line) => line.includes('"msg":"request"')));
  });

  test('sends events over HTTP/2 for longer than the answer timeout [F6]', async () => {
    const { origin } = await serving({ config: { answerTimeout: 10 } });
    const accept = { accept: 'text/event-stream' };
    const stream = send(await session(origin), 'subscription { forever }', accept);
    let events = '';
    stream.on('data', (chunk) => {
      events += chunk;
    });
    await until(() => events.includes('"forever":5'));
    stream.close(constants.NGHTTP2_CANCEL);
    await until(() => streams.open === 0);
  });

  test('stops while an HTTP/2 subscription is open [H1]', async () => {
    const { app, origin } = await serving();
    const stream = send(await session(origin), 'subscription { silent }', { accept: 'text/event-stream' });
    stream.on('error', () => {});
    await until(() => streams.open === 1);
    await app.close();
    await until(() => streams.open === 0);
  });

  test.each<[string, ConnectionOptions]>([
    ['TLS 1.1', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['a CBC suite', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }],
  ])('refuses a client that offers %s alone [H1]', async (_what, options) => {
    const { port } = await serving();
    await expect(handshake(port, options)).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_SSL/) });
  });

  test('closes a connection that speaks plain HTTP to it, and still serves others [H1]', async () => {
    const { port, origin } = await serving();
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow('fetch failed');
    expect((await ask(await session(origin), '{ hello }')).headers[':status']).toBe(200);
  });
});

describe('a certificate', () => {
  const serial = async (port: number) => (await handshake(port)).getPeerCertificate().fingerprint256;

  test('that is replaced is used for new connections, once both files fit [H1]', async () => {
    write(first);
    const { port, lines } = await serving();
    const before = await serial(port);
    const next = newPair();
    write({ certificate: next.certificate });
    await until(() => lines.some((line) => line.includes('the TLS certificate stays as it was')));
    expect(await serial(port)).toBe(before);
    write({ key: next.key });
    await until(() => lines.some((line) => line.includes('the TLS certificate was reloaded')));
    expect(await serial(port)).not.toBe(before);
  });

  test.each([
    ['expires within three weeks', { from: -100, days: 20 }],
    ['is in the last quarter of six days', { from: -5, days: 1 }],
  ])('that %s is a warning and named by /health/ready [H1]', async (_, validity) => {
    write(newPair(validity));
    const { lines, origin } = await serving();
    expect(lines.join()).toMatch(/TLS_CERT_PATH: the certificate expires on \d{4}-\d\d-\d\d; renew it/);
    const client = await session(origin);
    const stream = client.request({ ':path': '/health/ready' });
    expect(JSON.parse(await text(stream))).toMatchObject({ status: 'ok', failing: ['certificate'] });
  });

  test.each([
    ['lasts longer than three weeks', { from: -100, days: 22 }],
    ['is before the last quarter of six days', { from: -4, days: 2 }],
  ])('that %s is no warning [H1]', async (_, validity) => {
    write(newPair(validity));
    const { lines, app } = await serving();
    expect(lines.join()).not.toContain('TLS_CERT_PATH');
    expect((await app.inject('/health/ready')).json()).not.toHaveProperty('failing');
  });

  test.each<[string, Partial<ReturnType<typeof newPair>>, RegExp]>([
    [
      'an expired certificate',
      newPair({ days: -0.5 }),
      /^TLS_CERT_PATH: .* expired on \d{4}-\d\d-\d\d; renew/,
    ],
    [
      'a certificate of the future',
      newPair({ from: 2 }),
      /^TLS_CERT_PATH: .* is valid from .*; set .* by NTP\.$/,
    ],
    ['another key', { key: newPair().key }, /^TLS_KEY_PATH: .* is not the key of .*; give the key of this/],
    ['no certificate', { certificate: 'none' }, /^TLS_CERT_PATH: .* holds no certificate in PEM; give/],
    ['no key', { key: 'none' }, /^TLS_KEY_PATH: .* holds no private key in PEM without a passphrase; give/],
  ])('and its key are refused as files with %s, in one sentence [H1]', (_what, texts, sentence) => {
    write({ ...first, ...texts });
    expect(() => readKeyPair(files)).toThrow(
      expect.objectContaining({ name: 'StartupError', message: expect.stringMatching(sentence) }),
    );
  });

  test('whose file is missing is refused by its path [H1]', () => {
    expect(() => readKeyPair({ ...files, certificate: '/absent.crt' })).toThrow(
      'TLS_CERT_PATH: /absent.crt cannot be read (ENOENT); correct the path, or let this user read the file.',
    );
  });
});

describe('a server without a certificate and with an https address', () => {
  const behind = (trustedProxies: string[]) =>
    toyServer({ config: { plainHttp: 'refused', trustedProxies } }).app;
  const HELLO = { method: 'POST' as const, url: '/graphql', payload: { query: '{ hello }' } };
  const through = (proto: string) => ({ ...HELLO, headers: { 'x-forwarded-proto': proto } });

  test('refuses plain HTTP with FORBIDDEN and without HSTS [H1]', async () => {
    const answer = await behind([]).inject(HELLO);
    expect(answer.statusCode).toBe(403);
    expect(answer.json().errors[0]).toMatchObject({
      message: 'This server answers over HTTPS only; use an https address.',
      extensions: { code: 'FORBIDDEN' },
    });
    expect(answer.headers).not.toHaveProperty('strict-transport-security');
  });

  test('answers what a trusted proxy received over HTTPS, with HSTS [H1]', async () => {
    const answer = await behind(['127.0.0.1']).inject(through('https'));
    expect(answer.json()).toEqual({ data: { hello: 'world' } });
    expect(answer.headers['strict-transport-security']).toContain('max-age=31536000');
  });

  test.each([
    ['a client that is no trusted proxy claims HTTPS', [], 'https'],
    ['a trusted proxy received plain HTTP', ['127.0.0.1'], 'http'],
    ['one of two proxies received plain HTTP', ['127.0.0.1'], 'http, https'],
  ])('refuses a request when %s [H1]', async (_when, proxies, proto) => {
    expect((await behind(proxies).inject(through(proto))).statusCode).toBe(403);
  });

  test('answers health checks over plain HTTP [H1]', async () => {
    const answers = await Promise.all(['/health/live', '/health/ready'].map((url) => behind([]).inject(url)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  });

  test('is served in clear to this machine alone where its address is loopback [H1]', async () => {
    const { app } = toyServer({ config: { plainHttp: 'loopback' } });
    const from = (remoteAddress: string) => app.inject({ ...HELLO, remoteAddress });
    expect((await from('127.0.0.1')).statusCode).toBe(200);
    expect((await from('203.0.113.9')).statusCode).toBe(403);
  });
});
