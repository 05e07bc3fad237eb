import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answering, freePort, START, start, stopped } from '../../bench/process.ts';
import { postgresOf, type Stage } from '../../bench/stage.ts';
import { signIn } from './client.ts';

/**
 * The server of `npm start` with its embedded PostgreSQL and the demo data, in a folder of its own,
 * started
 * a second time: the first start made database and data, which no server in production does.
 */
export type Target = {
  url: string;
  pid: number;
  /** Its PostgreSQL. */
  postgres: Stage['postgres'];
  process: ChildProcess;
  folder: string;
  /** The session token of a demo account. */
  tokenOf(email: string): Promise<string>;
  stop(): Promise<void>;
};

export async function startTarget(environment: Record<string, string> = {}): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'bulwark-soak-'));
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}/graphql`;
  const settings = { DATA_DIR: folder, PORT: port, LOG_LEVEL: 'warn', TRUSTED_PROXIES: '127.0.0.1' };
  const open = () => startedServer(url, { ...settings, ...environment });
  await stopped(await open());
  const child = await open();
  const connections = JSON.parse(await readFile(join(folder, 'connections.json'), 'utf8'));
  const { accounts } = JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8'));
  let signIns = 0;
  return {
    url,
    pid: child.pid as number,
    postgres: await postgresOf(connections.owner),
    process: child,
    folder,
    async tokenOf(email) {
      const { password } = accounts.find((account: { email: string }) => account.email === email);
      const { code, data } = await signIn(url, --signIns >>> 0, email, password);
      if (code !== 'ok') throw new Error(`soak: signing in as ${email} answers ${code}`);
      return (data as { signIn: { sessionToken: string } }).signIn.sessionToken;
    },
    async stop() {
      await stopped(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Starts the server and waits until it is ready; a first start on a busy machine may take two
 * minutes.
 */
async function startedServer(url: string, environment: Record<string, string>): Promise<ChildProcess> {
  const child = start(START, environment);
  const ready = () => answering(child, new URL('/health/ready', url).href, 200);
  await ready()
    .catch(ready)
    .catch(async (error) => {
      await stopped(child);
      throw error;
    });
  return child;
}
