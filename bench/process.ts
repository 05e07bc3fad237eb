import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server in a process of its own. What it logs is read and thrown away, as a collector would take it. */
export function start(words: string[], environment: Record<string, string>): ChildProcess {
  const env = { PATH: process.env.PATH, ...environment } as NodeJS.ProcessEnv;
  return spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
}

export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Waits until the address answers 200. */
export async function answering(child: ChildProcess, url: string): Promise<void> {
  child.stdout?.resume();
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`bench: the server ended with code ${child.exitCode}`);
    if ((await fetch(url).catch(() => null))?.ok) return;
  }
  throw new Error(`bench: no answer from ${url} within 60 s`);
}

/** The address in what a server prints when it listens. */
export async function printedUrl(child: ChildProcess): Promise<string> {
  for await (const chunk of child.stdout ?? []) {
    const [url] = String(chunk).match(/http:\/\/\S+/) ?? [];
    if (url) return url;
  }
  throw new Error('bench: the server ended without saying where it listens');
}

/** CPU milliseconds that a process has used, its threads included; null where there is no /proc. */
export function cpuOf({ pid }: ChildProcess): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10; // user and system time, in hundredths of a second
  } catch {
    return null;
  }
}

/** The bare server's Prisma client. Any executable stands for the engine that Prisma would download and doesn't need. */
export function generateBare(): void {
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };
  const words = [
    'node_modules/prisma/build/index.js',
    'generate',
    '--schema',
    'bench/bare/schema.prisma',
    '--no-hints',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`bench: prisma generate failed\n${stdout}\n${stderr}`);
}
