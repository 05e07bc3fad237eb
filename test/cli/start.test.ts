import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync as exists, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { START } from '../../bench/process.ts';
import { logLines, ProgramStarts } from '../support/server/program-start.ts';

const starts = new ProgramStarts();
const start = starts.start.bind(starts);

test('a server logs what it runs with, and prints the port that the operating system chose for PORT=0 in each address [U8] [B14]', async () => {
  await starts.prepare();
  const server = await start({ PORT: '0', TRUSTED_PROXIES: '10.0.0.0/8' });
  const [, port] = server.output().match(/Server listening at http:\/\/127\.0\.0\.1:(\d+)/) ?? [];
  expect(Number(port)).toBeGreaterThan(0);
  const url = `http://127.0.0.1:${port}`;
  expect(server.output()).toContain(`Bulwark listens on ${url}/graphql`);
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  expect(logLines(server).find(({ msg }) => msg === 'ready')).toMatchObject({
    version: JSON.parse(readFileSync('package.json', 'utf8')).version,
    environment: 'development',
    address: url,
    publicUrl: url,
    database: `embedded PostgreSQL in ${starts.data}`,
    attempts: 'PostgreSQL',
    mail: `${url}/dev/mail`,
    proxies: '10.0.0.0/8',
  });
});

test('[A1] a demo account signs in with its password, and demo.json, secrets and connections are readable by their owner only', async () => {
  await starts.prepare();
  const server = await start();
  const { accounts } = JSON.parse(readFileSync(join(starts.data, 'demo.json'), 'utf8'));
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
  expect(await answer.json()).toMatchObject({ data: { signIn: { sessionToken: expect.any(String) } } });
  for (const name of ['demo.json', 'secrets.json', 'connections.json'])
    expect(statSync(join(starts.data, name)).mode & 0o777).toBe(0o600);
  expect(statSync(starts.data).mode & 0o777).toBe(0o700);
});

test('[H6] a port in use is named with a remedy, and no process is left', async () => {
  await starts.prepare();
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const refused = await start({ PORT: String(port) });
  expect(refused.output()).toContain(`PORT: ${port} is taken by another program`);
  expect(refused.output()).toContain('PORT=');
  expect(refused.code).toBe(78);
  await starts.gone();
  taken.close();
});

test.each(['staging', 'production'])(
  '[H6] %s without its variables names each in one message and exits with 78',
  async (APP_ENV) => {
    const refused = await start({ APP_ENV });
    expect(refused.code).toBe(78);
    for (const name of ['DATABASE_URL', 'MASTER_KEYS', 'PUBLIC_URL'])
      expect(refused.output()).toContain(`${name}: missing`);
    expect(refused.output()).not.toContain('    at ');
    expect(exists(starts.data)).toBe(false);
  },
);

const mounts = spawnSync('unshare', ['--mount', 'true']).status === 0;
// too little for a file of Node's, for initdb, and for PostgreSQL's log of changes
test.skipIf(!mounts).each(['4k', '30m', '56m'])(
  'a full disk of %s is named in one sentence, and the start ends with 78 [U7]',
  async (size) => {
    mkdirSync(starts.data);
    const command = `mount -t tmpfs -o size=${size} tmpfs "$DATA_DIR" && exec "$0" "$@"`;
    const words = ['--mount', 'sh', '-c', command, process.execPath, ...START];
    const full = await start({}, starts.data, ['unshare', words]);
    expect(
      full
        .output()
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('{')),
    ).toEqual([
      `DATA_DIR: the disk of ${starts.data} is full; free 200 MB there, or choose a folder on another disk.`,
    ]);
    expect(full.code).toBe(78);
  },
);

test('a database of another PostgreSQL is named in one sentence, and the start ends with 78 [U7]', async () => {
  await starts.prepare();
  writeFileSync(join(starts.data, 'postgres/PG_VERSION'), '17\n');
  const refused = await start();
  expect(refused.output()).toMatch(
    /^DATA_DIR: the database in \S+ is of PostgreSQL 17 and this install has 18\S*; start it with the install that made it, or delete the folder to start again\.$/m,
  );
  expect(refused.output()).not.toContain('    at ');
  expect(refused.code).toBe(78);
});

test('[E9] a master key that is not the database’s stops the start', async () => {
  await starts.prepare();
  const refused = await start({
    MASTER_KEYS: `dev:${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`,
  });
  expect(refused.code).not.toBe(0);
  expect(refused.output()).not.toContain('Next: open');
});
