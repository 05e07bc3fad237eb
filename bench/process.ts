import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What `npm start` gives to node, Node's own settings first. */
export const START: string[] = JSON.parse(readFileSync('package.json', 'utf8'))
  .scripts.start.split(' ')
  .slice(2);

/**
 * A server in a process of its own. What it logs is read and thrown away, as a collector would take
 * it.
 */
export function start(words: string[], environment: Record<string, string>): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    APP_ENV: 'development',
    RATE_LIMIT: '999999',
    COST_LIMIT: '999999999',
    ...environment,
  } as NodeJS.ProcessEnv;
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  const kill = () => child.kill('SIGKILL'); // a run that breaks off leaves none behind
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  return child;
}

export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}

/** Waits until the address answers, with `status` if one is given. */
export async function answering(child: ChildProcess, url: string, status?: number): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(10)) {
    if (child.exitCode !== null) throw new Error(`bench: the server ended with code ${child.exitCode}`);
    const response = await fetch(url).catch(() => null);
    if (response && (status === undefined || response.status === status)) return;
  }
  throw new Error(`bench: no answer from ${url} within 60 s`);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** CPU milliseconds that a process has used, its threads included; null where there is no /proc. */
export function cpuOf(pid: number | undefined): number | null {
  const fields = statOf(pid);
  return fields && (Number(fields[11]) + Number(fields[12])) * 10; // user and system time, in hundredths of a second
}

/** The same for a process, its children, and the children that have ended. */
export function cpuOfFamily(pid: number): number | null {
  const own = statOf(pid);
  if (!own) return null;
  const ended = (Number(own[13]) + Number(own[14])) * 10;
  const children = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && statOf(Number(name))?.[1] === String(pid),
  );
  return [pid, ...children.map(Number)].reduce((sum, each) => sum + (cpuOf(each) ?? 0), ended);
}

/** Resident memory in MiB; null where there is no /proc. */
export function memoryOf(pid: number | undefined): number | null {
  try {
    const [, kib] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/) ?? [];
    return kib ? Number(kib) / 1024 : null;
  } catch {
    return null;
  }
}

function statOf(pid: number | undefined): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? null;
  } catch {
    return null;
  }
}
