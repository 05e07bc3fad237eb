import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PostgresHome, postgresHome } from '../../src/db/embedded/postgres-home.ts';
import { readPostmaster } from '../../src/db/embedded/postmaster.ts';
import { until } from '../support/until.ts';

/** The PostgreSQL of a development folder, with what a fault does to it. */
export type Postgres = {
  /** To the postmaster and all backends. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Shuts it down as an operator does, and starts it on the same port after milliseconds. */
  restart(pause: number): Promise<void>;
  stop(): Promise<void>;
};

export async function runningPostgres(folder: string): Promise<Postgres> {
  const home = await postgresHome(folder);
  const postmaster = async () => (await readPostmaster(home))?.pid ?? 0;
  const stop = async () => {
    const pid = await postmaster();
    if (!isThere(pid)) return;
    process.kill(pid, 'SIGINT');
    await until(() => !isThere(pid));
  };
  return {
    async signal(signal) {
      const pid = await postmaster();
      const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
      for (const each of [pid, ...stdout.split('\n').filter(Boolean).map(Number)]) reach(each, signal);
    },
    async restart(pause) {
      const words = await commandOf(home);
      await stop();
      await sleep(pause);
      await startedAgain(home, words);
    },
    stop,
  };
}

/** The words that PostgreSQL was started with, as it keeps them. */
async function commandOf({ data }: PostgresHome): Promise<string[]> {
  const [program = '', ...rest] = (await readFile(join(data, 'postmaster.opts'), 'utf8')).trim().split(' "');
  return [program, ...rest.map((word) => word.slice(0, -1))];
}

async function startedAgain(home: PostgresHome, words: string[]): Promise<void> {
  const [program, ...rest] = [...home.prefix, ...words] as [string, ...string[]];
  const options = { env: home.env, cwd: '/', detached: true, ...home.user };
  const child: ChildProcess = spawn(program, rest, { ...options, stdio: 'ignore' });
  await once(child, 'spawn');
  child.unref();
  process.once('exit', () => reach(child.pid ?? 0, 'SIGINT')); // a run that breaks off leaves none behind
  await until(async () => (await readPostmaster(home))?.ready);
}

/** Signals a process, 0 for none; returns whether it is there, as a backend may end meanwhile. */
function reach(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid > 0 && process.kill(pid, signal);
  } catch {
    return false;
  }
}

const isThere = (pid: number): boolean => reach(pid, 0);
