import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '../until.ts';

// Debian keeps HAProxy and PgBouncer in /usr/sbin, which the search path of a user may lack
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

const PROGRAMS = { haproxy: '-v', pgbouncer: '--version', 'redis-server': '--version', psql: '--version' };
/** The programs of the layout that are not installed. */
export const missingPrograms: string[] = Object.entries(PROGRAMS)
  .filter(([program, option]) => spawnSync(program, [option], { env }).status !== 0)
  .map(([program]) => program);

/** Whether something accepts connections at a port of this machine. */
const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });

/** A program of the layout at its port; it can be killed and started again. */
export class Part {
  readonly port: number;
  #words: string[];
  #child: ChildProcess | undefined;
  #output = '';

  constructor(port: number, words: string[]) {
    this.port = port;
    this.#words = words;
  }

  async start(): Promise<void> {
    const [program = '', ...words] = this.#words;
    const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const collect = (text: Buffer) => {
      this.#output += text;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const kill = () => child.kill('SIGKILL'); // a test run that breaks off leaves none behind
    process.once('exit', kill);
    child.once('exit', () => process.removeListener('exit', kill));
    this.#child = child;
    await until(() => {
      if (child.exitCode !== null) throw new Error(`${program} did not start: ${this.#output}`);
      return accepts(this.port);
    });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}
