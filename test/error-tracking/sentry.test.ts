import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpSink, type Received } from '../support/server/http-sink.ts';
import { startServer } from '../support/server/server-process.ts';
import { openWorld, PASSWORD, rowsOf, type World } from '../support/server/world.ts';
import { until } from '../support/until.ts';

const CREATE =
  'mutation Canary7Secret ($input: CreateBranchInput!) { createBranch(input: $input) { branch { id } } }';
const CANARY = 'Canary7Secret';
const KEY = 'a0b1c2d3e4f5a0b1c2d3e4f5a0b1c2d3';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.end());

const dsnOf = (url: string) => `${url.replace('//', `//${KEY}@`)}/42`;
/** Events of an envelope: its header, then a header and a body for each item. */
const eventsOf = (received: Received[]) =>
  received.flatMap(({ body }) =>
    body
      .split('\n')
      .slice(1)
      .flatMap((line, at, lines) =>
        line.includes('"type":"event"') ? [JSON.parse(lines[at + 1] ?? '')] : [],
      ),
  );
/** Names of all fields, with the path to them; members of lists as one. */
const pathsOf = (value: unknown, at = ''): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) =>
        pathsOf(inner, Array.isArray(value) ? `${at}[]` : `${at}.${name}`),
      )
    : [at];

/** All that an event may have. */
const FIELDS = [
  ...['.contexts.trace.span_id', '.contexts.trace.trace_id', '.environment', '.event_id', '.level'],
  ...['.exception.values[].stacktrace.frames[].colno', '.exception.values[].stacktrace.frames[].filename'],
  ...['.exception.values[].stacktrace.frames[].function', '.exception.values[].stacktrace.frames[].in_app'],
  ...['.exception.values[].stacktrace.frames[].lineno', '.exception.values[].stacktrace.frames[].module'],
  ...['.exception.values[].type', '.exception.values[].value', '.platform', '.release', '.tags.operation'],
  ...['.tags.queue', '.tags.request_id', '.timestamp'],
];

/** Makes the database refuse new branches with an error that quotes what was sent. */
async function whileBroken(act: () => Promise<void>): Promise<void> {
  await rowsOf(world, BREAKING);
  await act().finally(() => rowsOf(world, 'DROP FUNCTION quoting CASCADE'));
}
const BREAKING = `CREATE FUNCTION quoting() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'no % for anna@acme.example', NEW.name USING ERRCODE = 'XX000'; END $$;
  CREATE TRIGGER quoting BEFORE INSERT ON "Branch" FOR EACH ROW EXECUTE FUNCTION quoting()`;

test('an unexpected error is sent once with class, code, stack, release, request id and operation type, and nothing else [H5]', async () => {
  const sentry = await httpSink();
  const server = await startServer(world, { SENTRY_DSN: dsnOf(sentry.url) });
  const token = await world.signIn('company_admin');
  let requestId: string | null = null;
  await whileBroken(async () => {
    const headers = { cookie: `session=${CANARY}`, 'user-agent': CANARY, 'x-other': CANARY };
    const answer = await server.ask(CREATE, { input: { name: CANARY } }, token, headers);
    expect(answer.errors?.[0]?.extensions.code).toBe('INTERNAL');
    requestId = answer.headers.get('x-request-id');
    await until(() => eventsOf(sentry.received).length > 0);
  });
  await server.stop();
  const [request] = sentry.received;
  expect(request?.path).toMatch(/^\/api\/42\/envelope\//);
  const events = eventsOf(sentry.received);
  expect(events).toHaveLength(1);
  const [event] = events;
  expect([...new Set(pathsOf(event))].filter((path) => !FIELDS.includes(path))).toEqual([]);
  expect(event).toMatchObject({
    release: 'bulwark@0.1.0',
    environment: 'staging',
    tags: { request_id: requestId, operation: 'mutation' },
  });
  const error = event.exception.values.at(-1);
  expect(error.value).toMatch(/^Code \w+$/);
  expect(error.stacktrace.frames.length).toBeGreaterThan(0);
  const text = JSON.stringify(sentry.received);
  for (const secret of [
    CANARY,
    token,
    PASSWORD,
    'acme.example',
    '127.0.0.1',
    process.cwd(),
    'INSERT',
    'createBranch',
  ])
    expect([secret, text.replaceAll(`"host":"${new URL(sentry.url).host}"`, '').includes(secret)]).toEqual([
      secret,
      false,
    ]);
  await sentry.end();
});

test('what clients do wrong is not sent [H5]', async () => {
  const sentry = await httpSink();
  const server = await startServer(world, { SENTRY_DSN: dsnOf(sentry.url) });
  const token = await world.signIn('company_admin');
  await server.ask('{');
  await server.ask('{ unknown }', {}, token);
  await server.ask('{ viewer { user { email } } }', {}, CANARY);
  await server.ask('{ signingKeys(first: 1) { totalCount } }', {}, token);
  await server.ask(CREATE, { input: { name: '' } }, token);
  await server.ask(CREATE, { input: { name: 3 } }, token);
  await fetch(new URL('/unknown', server.url));
  await fetch(server.url, { method: 'DELETE' });
  expect((await server.stop()).code).toBe(0);
  expect(sentry.received).toEqual([]);
  await sentry.end();
});

test('requests are answered while the tracker is gone, hangs or limits, with one log line, and SIGTERM ends the server [H5]', async () => {
  const gone = await httpSink();
  await gone.end();
  const server = await startServer(world, { SENTRY_DSN: dsnOf(gone.url) });
  const token = await world.signIn('company_admin');
  const ask = async () => {
    const { errors } = await server.ask(CREATE, { input: { name: CANARY } }, token);
    expect(errors?.[0]?.extensions.code).toBe('INTERNAL');
  };
  const told = () => server.output().split('the error tracker takes nothing').length - 1;
  await whileBroken(async () => {
    await until(async () => {
      await ask();
      return told() > 0;
    });
    const back = await httpSink(Number(new URL(gone.url).port));
    await until(async () => {
      await ask();
      return server.output().includes('the error tracker takes what is sent again');
    });
    back.answerBy((response) => response.writeHead(429, { 'retry-after': '3600' }).end());
    const before = back.received.length;
    await until(async () => {
      await ask();
      return back.received.length > before;
    });
    // those that were on their way; it asked for an hour without any
    await until(async () => {
      const sent = back.received.length;
      for (let round = 0; round < 10; round++) await ask();
      return back.received.length === sent;
    });
    back.answerBy(() => {});
    expect((await server.stop()).code).toBe(0);
    expect(told()).toBe(1);
    await back.end();
  });
});
