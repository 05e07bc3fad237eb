import { spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { createLog } from '../../src/http/logger.ts';
import { terminalLog } from '../../src/http/terminal-log.ts';
import { failures, listening, toyServer } from '../support/server/toy-server.ts';

const SECRET = 'hunter2-plain';

function capture(level = 'debug') {
  const destination = new PassThrough();
  const log = createLog(
    { env: 'production', logLevel: level },
    { destination, secret: ['iban', 'healthNote'] },
  );
  return { log, read: () => String(destination.read() ?? '') };
}

test.each([
  [{ password: SECRET }],
  [{ req: { headers: { Authorization: `Bearer ${SECRET}`, cookie: SECRET, 'set-cookie': [SECRET] } } }],
  [{ input: { deep: [{ session_token: SECRET }, { 'new-password': SECRET }] } }],
  [{ row: { iban: SECRET, health_note: SECRET } }],
  [{ variables: { anything: SECRET } }],
  [{ a: { b: { c: { d: { e: { f: { g: { h: SECRET } } } } } } } }],
])('[H5] the log redacts secret names at any depth: %j', (line) => {
  const { log, read } = capture();
  log.info(line, 'said');
  const written = read();
  expect(written).toContain('said');
  expect(written).not.toContain(SECRET);
});

test.each([
  [
    'Prisma',
    new Error(`Invalid \`tx.x.create()\` invocation:\n\n{ data: { note: "${SECRET}" } }\n\nInvalid value`),
  ],
  [
    'PostgreSQL',
    Object.assign(new Error(`invalid input syntax for type uuid: "${SECRET}"`), {
      detail: `Key (iban)=(${SECRET})`,
      code: '22P02',
    }),
  ],
  ['a unique key', new Error(`Key (iban)=(${SECRET}) already exists`)],
  ['graphql', new Error(`Int cannot represent non-integer value: ${SECRET}`)],
  ['a cause', new Error('outer', { cause: new Error(`inner '${SECRET}'`) })],
])('[H5] the log has type and stack of an error and none of its values: %s', (_what, error) => {
  for (const write of ['alone', 'named', 'unnamed', 'inside']) {
    const { log, read } = capture();
    if (write === 'alone') log.error(error);
    if (write === 'named') log.error({ err: error }, 'failed');
    if (write === 'unnamed') log.error({ err: error });
    if (write === 'inside') log.error({ result: { reason: error } }, 'failed');
    const written = read();
    expect(written).toContain('logger.test.ts');
    expect(written).not.toContain(SECRET);
  }
});

test.each([
  ['repeats "value" without a colon', 'value '.repeat(200_000)],
  ['has a quote that is never closed, with escaped ones', `"${'\\"'.repeat(200_000)}`],
  ['opens parentheses', '('.repeat(1_000_000)],
])('[F6][H5] a message of a megabyte that %s is logged in 300 characters', (_, message) => {
  const { log, read } = capture();
  log.error({ err: new Error(message) }, 'failed');
  expect(JSON.parse(read()).err.message.length).toBeLessThanOrEqual(300);
});

test('[H5] a quotation that is not closed is masked to its end', () => {
  const { log, read } = capture();
  log.error({ err: new Error(`unexpected token in "${SECRET}`) }, 'failed');
  expect(read()).not.toContain(SECRET);
});

test('[H5] a request is one line with actor and operation, without query text or variables', async () => {
  const { url, app, lines } = await listening();
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SECRET}` },
    body: JSON.stringify({
      query: `query Named($t: String) { echo(text: $t) a: echo(text: "${SECRET}") }`,
      variables: { t: SECRET },
    }),
  });
  await fetch(`${url}?query={echo(text:"${SECRET}")}`);
  await app.close();
  const requests = lines.map((line) => JSON.parse(line)).filter((line) => line.msg === 'request');
  expect(requests).toHaveLength(2);
  expect(requests[0]).toEqual({
    level: 'info',
    time: expect.any(String),
    requestId: expect.stringMatching(/^[\w-]{36}$/),
    method: 'POST',
    path: '/graphql',
    status: 200,
    ms: expect.any(Number),
    ip: '127.0.0.1',
    operation: 'Named',
    actorId: 'user-1',
    companyId: 'company-1',
    msg: 'request',
  });
  expect(lines.join()).not.toContain(SECRET);
});

test('[H5] an error over real HTTP is logged with its request id', async () => {
  const { url, app, lines } = await listening();
  failures.now = () => {
    throw new Error('broken');
  };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ fail(how: "now") }' }),
  });
  const { errors } = (await response.json()) as { errors: [{ extensions: { requestId: string } }] };
  await app.close();
  const logged = lines.map((line) => JSON.parse(line)).find((line) => line.level === 'error');
  expect(logged).toMatchObject({ requestId: errors[0].extensions.requestId, err: { message: 'broken' } });
});

test('[H5] the client’s address is the connection’s unless a proxy is trusted', async () => {
  const ipOf = async (trustedProxies: string[]) => {
    const { app, lines } = toyServer({ config: { trustedProxies } });
    await app.inject({ url: '/health/live', headers: { 'x-forwarded-for': '203.0.113.9' } });
    return JSON.parse(lines.at(-1) ?? '{}').ip;
  };
  expect([await ipOf([]), await ipOf(['127.0.0.1'])]).toEqual(['127.0.0.1', '203.0.113.9']);
});

test.each([
  ['outliveRejections(log);', 0, 'went on'],
  ['', 1, ''],
])('[H4] an unhandled rejection is logged and does not end the server: %j', (outlive, code, said) => {
  const program = `import { createLog, outliveRejections } from './src/http/logger.ts';
    const log = createLog({ env: 'development', logLevel: 'info' });
    ${outlive}
    Promise.reject(new Error('forgotten'));
    Promise.reject('${SECRET}');
    setImmediate(() => log.info('went on'));`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect([child.status, child.stdout]).toEqual([code, expect.stringContaining(said)]);
  const logged = child.stdout.split('\n').filter((line) => line.includes('"level":"error"'));
  expect(logged.map((line) => JSON.parse(line))).toMatchObject(
    outlive
      ? [{ err: { message: 'forgotten' } }, { err: { message: 'not an Error, but of type string' } }]
      : [],
  );
  expect(child.stdout).not.toContain(SECRET);
});

test('shows a person at a terminal the time, level, message and fields of a line, and the frames of an error [U8]', () => {
  let text = '';
  const destination = terminalLog((written) => {
    text += written;
  });
  const log = createLog({ env: 'development', logLevel: 'info' }, { destination });
  log.info({ status: 200, token: SECRET }, 'request');
  log.error({ err: new TypeError('not a number') }, 'failed');
  const [line, failed, error, frame] = stripVTControlCharacters(text).split('\n');
  expect(line).toMatch(/^\d\d:\d\d:\d\d info {2}request status=200 token=\[redacted\]$/);
  expect(failed).toMatch(/^\d\d:\d\d:\d\d error failed$/);
  expect(error).toBe('    TypeError: not a number');
  expect(frame).toMatch(/^ {4}at .*logger\.test\.ts/);
});
