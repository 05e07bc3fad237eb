import { execFile } from 'node:child_process';
import { access, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartupError } from '../../config/startup-error.ts';
import type { PostgresHome } from './postgres-home.ts';

const GOING_DOWN_MS = 10_000;
/**
 * PostgreSQL creates postmaster.pid and writes it at once: one that stays empty for longer is left
 * from a crash.
 */
const WRITING_MS = 1_000;

/**
 * What PostgreSQL says of itself in postmaster.pid (lines 1, 4 and 8), if it runs or left the file
 * behind.
 */
export async function readPostmaster({
  data,
}: PostgresHome): Promise<{ pid: number; port: number; ready: boolean } | undefined> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return lines[0]
    ? { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' }
    : undefined;
}

/**
 * Returns when no PostgreSQL runs in `home`. After a kill -9 the last one may still be going down:
 * that is waited for; one whose owner lives is not. A file left by a machine that went down may
 * name a process that is now something else: it is removed.
 */
export async function waitUntilFree(home: PostgresHome, folder: string): Promise<void> {
  for (const end = Date.now() + GOING_DOWN_MS; ; await sleep(20)) {
    const postmaster = await readPostmaster(home);
    if (!postmaster) return removeEmpty(home);
    if (!(await isPostgres(postmaster.pid, home)))
      return rm(join(home.data, 'postmaster.pid'), { force: true });
    const owner = Number(await readFile(join(folder, 'owner.pid'), 'utf8').catch(() => '0'));
    if (isAlive(owner)) throw inUse(folder, owner);
    if (Date.now() > end) throw inUse(folder, postmaster.pid);
  }
}

async function removeEmpty(home: PostgresHome): Promise<void> {
  const path = join(home.data, 'postmaster.pid');
  const isThere = () =>
    access(path).then(
      () => true,
      () => false,
    );
  for (
    const end = Date.now() + WRITING_MS;
    (await isThere()) && !(await readPostmaster(home));
    await sleep(20)
  )
    if (Date.now() > end) return rm(path, { force: true });
}

/** What first starts left that were killed: `postgres.new-<pid>` and its password. */
export async function removeUnfinished({ data }: PostgresHome): Promise<void> {
  for (const name of await readdir(dirname(data))) {
    const [, pid] = name.match(/\.new-(\d+)(\.password)?$/) ?? [];
    if (!pid || !name.startsWith(basename(data)) || isAlive(Number(pid))) continue;
    // Its initdb may still be writing: then the next start removes the rest.
    await rm(join(dirname(data), name), { recursive: true, force: true }).catch(() => {});
  }
}

/** The error of a second start in the same folder. */
export function inUse(folder: string, pid?: number): Error {
  const who = pid ? `process ${pid}` : 'another process';
  return new StartupError(
    `${folder} is in use: ${who} runs its database there. Stop it, or set DATA_DIR to another folder`,
  );
}

function isAlive(pid: number): boolean {
  if (!pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'; // it runs as another user
  }
}

/** Whether the process is a PostgreSQL of this data folder: its command line names it. */
async function isPostgres(pid: number, { data }: PostgresHome): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const words =
    process.platform === 'linux'
      ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      : (await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)])).stdout;
  return words.includes(data);
}
