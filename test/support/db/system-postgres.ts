import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../../../bench/process.ts';
import { until } from '../until.ts';

// the PostgreSQL of the install has no pg_basebackup
const [tool] = globSync('/usr/lib/postgresql/*/bin/pg_basebackup');
const bin = dirname(tool ?? '');
/** Whether a PostgreSQL with its tools is installed where Debian puts it. */
export const hasPostgres = tool !== undefined;

/** PostgreSQL refuses to run as root. */
const idOf = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
const user = () => (process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {});

/** Runs one statement as a connection of its own. */
export async function asked(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  return db.query(sql).then(
    ({ rows }) => db.end().then(() => rows),
    (error) => db.end().then(() => Promise.reject(error)),
  );
}

/** Servers of the system's PostgreSQL, in a folder that goes with them. */
export class SystemPostgres {
  readonly folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  #servers: ChildProcess[] = [];

  constructor() {
    const { uid, gid } = user();
    if (uid !== undefined) chownSync(this.folder, uid, gid);
  }

  /** Runs a program in the folder as the user of the servers. */
  execute(program: string, words: string[]): Promise<unknown> {
    return promisify(execFile)(program, words, { cwd: this.folder, ...user() });
  }

  run(program: string, ...words: string[]): Promise<unknown> {
    return this.execute(join(bin, program), words);
  }

  /** Creates a data folder whose superuser needs no password. */
  async create(name: string): Promise<string> {
    const data = join(this.folder, name);
    await this.run('initdb', '-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C');
    return data;
  }

  /** Starts PostgreSQL on the data in a folder; returns the URL of its superuser. */
  async serve(data: string, ...settings: string[]): Promise<string> {
    const port = await freePort();
    const words = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-c', 'unix_socket_directories='];
    const more = settings.flatMap((setting) => ['-c', setting]);
    const options = { cwd: this.folder, stdio: 'ignore' as const, ...user() };
    this.#servers.push(spawn(join(bin, 'postgres'), [...words, ...more], options));
    const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
    const answers = () => asked(url, 'SELECT 1').then(() => true);
    await until(() => answers().catch(() => false));
    return url;
  }

  /** Ends the server of this address: by SIGQUIT without a checkpoint, as a crash does. */
  async stop(url: string, signal: NodeJS.Signals = 'SIGQUIT'): Promise<void> {
    const { port } = new URL(url);
    const server = this.#servers.find(({ spawnargs }) => spawnargs.includes(port));
    if (server) await ended(server, signal);
  }

  async end(): Promise<void> {
    for (const server of this.#servers.reverse()) await ended(server, 'SIGINT');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function ended(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill(signal);
  await once(server, 'exit');
}
