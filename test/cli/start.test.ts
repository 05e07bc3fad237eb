import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync as exists, lstatSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { START } from '../../bench/process.ts';
import { wordsOf } from '../support/server/program.ts';

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await gone();
  rmSync(folder, { recursive: true, force: true });
});

type Start = { child: ChildProcess; url: string; output: () => string; code: number | null };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** The real program, until it listens or ends. */
async function start(
  environment: Record<string, string> = {},
  data = join(folder, 'data'),
  [program, words]: [string, string[]] = [process.execPath, START],
): Promise<Start> {
  const port = environment.PORT ?? String(await freePort());
  const env = { PATH: process.env.PATH, DATA_DIR: data, PORT: port, ...environment };
  const child = spawn(program, words, { env, stdio: 'pipe' });
  children.push(child);
  let output = '';
  const listening = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        output += text;
        if (output.includes('Next: open')) resolve();
      });
    }
  });
  await Promise.race([listening, once(child, 'close')]);
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    code: child.exitCode,
  };
}

/** A folder with the demo in it, for what is not about a first start; where its database does not stand in it, none. */
let made: string;
async function prepare(data = join(folder, 'data')): Promise<void> {
  if (!made) {
    made = mkdtempSync(join(tmpdir(), 'start-made-'));
    await interrupt(await start({}, join(made, 'data')));
  }
  if (lstatSync(join(made, 'data/postgres')).isDirectory())
    execFileSync('cp', ['-Rp', join(made, 'data'), data]);
}
afterAll(() => rmSync(made, { recursive: true, force: true }));

/** Every process whose command line names the test's folder: an orphan, once the program has ended. */
const left = () =>
  execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`-D ${folder}`));

async function gone(ms = 5000): Promise<void> {
  for (const end = Date.now() + ms; left().length > 0; await sleep(50)) {
    if (Date.now() > end) throw new Error(`still running after ${ms} ms: ${left()}`);
  }
}

const isReady = async ({ url }: Start) => (await fetch(`${url}/health/ready`)).status;

const logLines = ({ output }: Start): Record<string, unknown>[] =>
  output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

async function interrupt({ child }: Start): Promise<number> {
  const began = performance.now();
  child.kill('SIGINT');
  await once(child, 'exit');
  await gone(3000);
  return performance.now() - began;
}

test('[H6] [U8] the first start, which reports its progress, and the second serve the demo, and Ctrl-C stops everything within 3 s', async () => {
  const data = join(folder, 'data');
  const first = await start();
  expect(await isReady(first)).toBe(200);
  const { accounts } = JSON.parse(readFileSync(join(data, 'demo.json'), 'utf8'));
  for (const { email } of accounts) expect(first.output()).toContain(email);
  expect(first.output()).toContain(`${first.url}/graphql`);
  expect(first.output()).toContain(`npm run tour -- --url ${first.url}/graphql --data "${data}"`);
  const messages = logLines(first).map(({ msg }) => msg);
  for (const step of [
    `creating a database in ${data}`,
    /^applied \d+ migrations$/,
    /^adding the demo companies/,
  ])
    expect(messages).toContainEqual(expect.stringMatching(step));
  expect(await interrupt(first)).toBeLessThan(3000);
  const second = await start();
  expect(await isReady(second)).toBe(200);
  expect(await interrupt(second)).toBeLessThan(3000);
}, 120_000);

test('npm run dev serves the demo, and Ctrl-C stops the server and its database [U8]', async () => {
  await prepare();
  const running = await start({}, undefined, [process.execPath, wordsOf('dev')]);
  expect(await isReady(running)).toBe(200);
  await interrupt(running);
}, 60_000);

test('logs what it runs with once it listens [U8]', async () => {
  await prepare();
  const server = await start({ TRUSTED_PROXIES: '10.0.0.0/8' });
  expect(logLines(server).find(({ msg }) => msg === 'ready')).toMatchObject({
    version: JSON.parse(readFileSync('package.json', 'utf8')).version,
    environment: 'development',
    address: server.url,
    publicUrl: server.url,
    database: `embedded PostgreSQL in ${join(folder, 'data')}`,
    attempts: 'PostgreSQL',
    mail: `${server.url}/dev/mail`,
    proxies: '10.0.0.0/8',
  });
}, 60_000);

test('[A1] a demo account signs in with its password, and demo.json, secrets and connections are readable by their owner only', async () => {
  await prepare();
  const server = await start();
  const { accounts } = JSON.parse(readFileSync(join(folder, 'data/demo.json'), 'utf8'));
  const { email, password } = accounts.find(({ roles }: { roles: string[] }) => roles.includes('hr_admin'));
  const body = JSON.stringify({
    query: 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }',
    variables: { input: { email, password } },
  });
  const answer = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(await answer.json()).toEqual({ data: { signIn: { sessionToken: expect.any(String) } } });
  for (const name of ['demo.json', 'secrets.json', 'connections.json'])
    expect(statSync(join(folder, 'data', name)).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
}, 60_000);

test('[H6] after a kill -9, also while seeding the demo, no process is left and the next start serves', async () => {
  const env = { PATH: process.env.PATH, DATA_DIR: join(folder, 'data'), PORT: String(await freePort()) };
  const half = spawn(process.execPath, START, { env, stdio: 'ignore' });
  children.push(half);
  while (!exists(join(folder, 'data/demo.unfinished'))) await sleep(10);
  await sleep(300);
  half.kill('SIGKILL');
  const second = await start();
  expect(second.output()).not.toContain('undefined');
  expect(await isReady(second)).toBe(200);
  second.child.kill('SIGKILL');
  const third = await start();
  expect(await isReady(third)).toBe(200);
  third.child.kill('SIGKILL');
  await gone(3000);
}, 60_000);

test('[H6] a port in use is named with a remedy, and no process is left', async () => {
  await prepare();
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const refused = await start({ PORT: String(port) });
  expect(refused.output()).toContain(`PORT: ${port} is taken by another program`);
  expect(refused.output()).toContain('PORT=');
  expect(refused.code).toBe(78);
  taken.close();
}, 60_000);

test('prints the port that the operating system chose for PORT=0, in each address [B14]', async () => {
  await prepare();
  const { output } = await start({ PORT: '0' });
  const [, port] = output().match(/Server listening at http:\/\/127\.0\.0\.1:(\d+)/) ?? [];
  expect(Number(port)).toBeGreaterThan(0);
  expect(output()).toContain(`Bulwark listens on http://127.0.0.1:${port}/graphql`);
  expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
}, 60_000);

test('[H6] two servers run in two folders, and a second one in the same folder names the first', async () => {
  await prepare(join(folder, 'other'));
  const [one, two] = await Promise.all([start(), start({}, join(folder, 'other'))]);
  expect([await isReady(one), await isReady(two)]).toEqual([200, 200]);
  const again = await start();
  expect(again.code).toBe(78);
  expect(again.output()).toContain(`is in use: process ${one.child.pid} runs its database there`);
  expect(await isReady(one)).toBe(200);
}, 90_000);

test.each(['staging', 'production'])(
  '[H6] %s without its variables names each in one message and exits with 78',
  async (APP_ENV) => {
    const refused = await start({ APP_ENV });
    expect(refused.code).toBe(78);
    for (const name of ['DATABASE_URL', 'MASTER_KEYS', 'PUBLIC_URL'])
      expect(refused.output()).toContain(`${name}: missing`);
    expect(refused.output()).not.toContain('    at ');
    expect(exists(join(folder, 'data'))).toBe(false);
  },
);

test('[E9] a master key that is not the database’s stops the start', async () => {
  await prepare();
  const refused = await start({
    MASTER_KEYS: `dev:${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`,
  });
  expect(refused.code).not.toBe(0);
  expect(refused.output()).not.toContain('Next: open');
}, 60_000);

test('[U4] SIGTERM to npm start reaches the server, which logs it and leaves no process', async () => {
  await prepare();
  const { child, output } = await start({}, undefined, ['npm', ['start']]);
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
  await gone();
  expect(output()).toContain('"msg":"stopping"');
  expect(output()).toContain('"msg":"stopped"');
});
