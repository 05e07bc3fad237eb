import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chown, mkdir, open, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartupError } from '../../config/startup-error.ts';
import { type PostgresHome, postgresHome } from './postgres-home.ts';
import { inUse, readPostmaster, removeUnfinished, waitUntilFree } from './postmaster.ts';

const OWNER = 'postgres';
const START_MS = 30_000;
const OTHER_MAJOR =
  /initialized by PostgreSQL version (\S+), which is not compatible with this version (\S+)\./;

// Runs between Node and PostgreSQL in its own process group, so that Ctrl-C signals only Node. Its
// standard input is a pipe from Node: when Node exits for any reason, the pipe closes and
// PostgreSQL is stopped (INT: fast; after 2 s QUIT: immediate).
const SUPERVISOR = `
exec 3<&0
"$@" 3<&- </dev/null &
postgres=$!
{ cat <&3; n=0
  while kill -0 $postgres; do
    if [ $n -lt 20 ]; then kill -INT $postgres; else kill -QUIT $postgres; fi
    n=$((n+1)); sleep 0.1
  done; } >/dev/null 2>&1 &
exec 3<&-
wait $postgres`;

/**
 * A PostgreSQL that lives as long as this process. `url` connects as its superuser to database
 * postgres.
 */
export type Embedded = { url: string; exited: Promise<void>; stop(): Promise<void> };

export type EmbeddedOptions = {
  /** Absolute path; the database goes to `postgres` in it. Made when missing. */
  folder: string;
  /**
   * The superuser's. It takes effect when the database is made, and must be the same ever after.
   */
  password: string;
  /** Further settings of PostgreSQL, as in `{ fsync: 'off' }`. */
  settings?: Record<string, string>;
  /** Hears what takes seconds, before it begins. */
  progress?: (step: string) => void;
};

/**
 * Starts the PostgreSQL that comes with the install, on a free port of 127.0.0.1, with password
 * authentication.
 * @throws when another process has started it in the same folder, or PostgreSQL does not come up
 * within 30 s
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { folder, password, settings = {}, progress = () => {} } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const home = await postgresHome(await realpath(folder));
  await removeUnfinished(home);
  await waitUntilFree(home, folder);
  await access(join(home.data, 'PG_VERSION')).catch(() => {
    progress(`creating a database in ${folder}`);
    return initialise(home, password);
  });
  progress('starting PostgreSQL');
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const supervisor = await launch(home, { ...settings, port: String(port) });
    if (await isReady(home, supervisor, port)) {
      await writeFile(join(folder, 'owner.pid'), `${process.pid}\n`, { mode: 0o600 });
      return embedded(supervisor, port, password);
    }
    // Another process may have taken the port meanwhile: retry with another port.
    if (attempt === 3 || !(await logTail(home)).includes('could not bind'))
      throw await startFailure(home, folder);
  }
}

function embedded(supervisor: ChildProcess, port: number, password: string): Embedded {
  const exited = once(supervisor, 'exit').then(() => undefined);
  supervisor.unref();
  (supervisor.stdin as unknown as { unref(): void }).unref();
  const stop = async () => {
    supervisor.ref();
    supervisor.stdin?.end();
    await exited;
  };
  return {
    url: `postgresql://${OWNER}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    exited,
    stop,
  };
}

async function launch(home: PostgresHome, settings: Record<string, string>): Promise<ChildProcess> {
  const fixed = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  const words = Object.entries({ ...fixed, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const command = [...home.prefix, join(home.bin, 'postgres'), '-D', home.data, ...words];
  await rm(home.log, { force: true });
  const log = await open(home.log, 'a', 0o600);
  try {
    const options = { env: home.env, cwd: '/', detached: true, ...home.user };
    return spawn('/bin/sh', ['-c', SUPERVISOR, 'supervisor', ...command], {
      ...options,
      stdio: ['pipe', log.fd, log.fd],
    });
  } finally {
    await log.close();
  }
}

/**
 * Into a folder beside the final one, renamed when complete: a start that was interrupted leaves no
 * half database.
 */
async function initialise(home: PostgresHome, password: string): Promise<void> {
  const unfinished = `${home.data}.new-${process.pid}`;
  const passwordFile = `${unfinished}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (home.user) await chown(passwordFile, home.user.uid, home.user.gid);
  try {
    await initdb(home, [
      '-D',
      unfinished,
      '-U',
      OWNER,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--no-sync',
    ]);
    await rename(unfinished, home.data).catch((error) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // another first start was quicker
    });
  } finally {
    for (const path of [passwordFile, unfinished]) await rm(path, { recursive: true, force: true });
  }
}

async function initdb(home: PostgresHome, words: string[]): Promise<void> {
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const [program, ...rest] = [...home.prefix, join(home.bin, 'initdb'), ...words, ...locale] as [
    string,
    ...string[],
  ];
  try {
    await promisify(execFile)(program, rest, { env: home.env, cwd: '/', ...home.user });
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    throw new StartupError(
      `PostgreSQL could not make its database in ${home.data}: ${stderr.trim() || message}`,
      {
        cause: error,
      },
    );
  }
}

async function isReady(home: PostgresHome, supervisor: ChildProcess, port: number): Promise<boolean> {
  for (const end = Date.now() + START_MS; Date.now() < end && supervisor.exitCode === null; await sleep(15)) {
    const postmaster = await readPostmaster(home);
    if (postmaster?.port === port && postmaster.ready) return true;
  }
  supervisor.stdin?.end();
  return false;
}

async function startFailure(home: PostgresHome, folder: string): Promise<Error> {
  const log = await logTail(home);
  if (log.includes('lock file "postmaster.pid"')) return inUse(folder);
  const [, made, own] = OTHER_MAJOR.exec(log) ?? [];
  if (made)
    return new StartupError(
      `DATA_DIR: the database in ${folder} is of PostgreSQL ${made} and this install has ${own}; start it with the install that made it, or delete the folder to start again.`,
    );
  return new StartupError(
    `PostgreSQL did not start in ${home.data}. Its log (${home.log}) ends with:\n${log}`,
  );
}

async function logTail(home: PostgresHome): Promise<string> {
  const log = await readFile(home.log, 'utf8').catch(() => '(no log)');
  return log.trim().split('\n').slice(-8).join('\n');
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
