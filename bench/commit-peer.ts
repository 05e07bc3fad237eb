import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Scale } from './seed.ts';
import { type Contender, postgresOf } from './stage.ts';
import type { Subject } from './work.ts';

type Hosted = {
  url: string;
  pid: number;
  owner: string;
  callers: { subject: Subject; headers: Record<string, string> }[];
};
export type CommitPeer = { server: Contender; clear: () => Promise<void> };

/**
 * The server of another commit as a peer: checked out and installed in a temporary folder, on a
 * database of its own. Its own
 * bench/work.ts gives the documents of each operation, so that both are asked for the same in their
 * own API.
 */
export async function commitPeer(commit: string, scale: Scale): Promise<CommitPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'bulwark-bench-commit-'));
  try {
    checkOut(commit, folder);
    const { hosted, stopped } = await host(folder, scale);
    const server = await contenderOf(hosted, folder);
    const clear = async () => {
      await stopped();
      await rm(folder, { recursive: true, force: true });
    };
    return { server, clear };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function checkOut(commit: string, folder: string): void {
  run('git', ['clone', '-q', '--no-checkout', '.', folder]);
  run('git', ['-c', 'advice.detachedHead=false', 'checkout', '-q', commit], folder);
  run('npm', ['ci', '--no-audit', '--no-fund'], folder);
  const lock = 'bench/peers/package-lock.json';
  const same = spawnSync('git', ['diff', '--quiet', commit, 'HEAD', '--', lock]).status === 0;
  // its bench needs the peers' packages, which are installed here already
  if (same && existsSync('bench/peers/node_modules'))
    symlinkSync(resolve('bench/peers/node_modules'), join(folder, 'bench/peers/node_modules'));
}

function run(command: string, words: string[], cwd?: string): void {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`bench: ${command} ${words.join(' ')} failed\n${stdout}\n${stderr}`);
}

async function host(folder: string, scale: Scale) {
  const words = [resolve('bench/commit-host.mjs'), folder, scale];
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, 'line'), ended]);
  if (typeof line !== 'string') throw new Error(`bench: the server in ${folder} did not start`);
  const stopped = async () => {
    child.stdin.end();
    await ended;
  };
  return { hosted: JSON.parse(line) as Hosted, stopped };
}

async function contenderOf({ url, pid, owner, callers }: Hosted, folder: string): Promise<Contender> {
  const headers = new Map(callers.map((caller) => [caller.subject.token, caller.headers]));
  return {
    ...{ name: 'before', url, process: { pid } },
    headers: ({ token }) => headers.get(token) ?? {},
    own: {
      subjects: callers.map(({ subject }) => subject),
      postgres: await postgresOf(owner),
      work: join(folder, 'bench/work.ts'),
    },
  };
}
