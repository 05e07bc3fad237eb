import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach } from 'vitest';
import { freePort, START } from '../../../bench/process.ts';
import { until } from '../until.ts';

export type Started = { child: ChildProcess; url: string; output: () => string; code: number | null };

/** Processes whose command line names a folder as theirs: orphans, once the program has ended. */
const left = (folder: string) =>
  execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`-D ${folder}`));

/** Starts the real program in a folder for each test, and leaves none of its processes. */
export class ProgramStarts {
  folder = '';
  #children: ChildProcess[] = [];
  #made: Promise<string> | undefined;

  constructor() {
    beforeEach(() => {
      this.folder = mkdtempSync(join(tmpdir(), 'start-'));
    });
    afterEach(async () => {
      for (const child of this.#children.splice(0)) child.kill('SIGKILL');
      await this.gone();
      rmSync(this.folder, { recursive: true, force: true });
    });
    afterAll(async () => {
      if (this.#made) rmSync(await this.#made, { recursive: true, force: true });
    });
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  /** Resolves when the program listens or has ended. */
  async start(
    environment: Record<string, string> = {},
    data = this.data,
    [program, words]: [string, string[]] = [process.execPath, START],
  ): Promise<Started> {
    const port = environment.PORT ?? String(await freePort());
    const env = { PATH: process.env.PATH, DATA_DIR: data, PORT: port, ...environment };
    const child = this.spawn(program, words, env);
    let output = '';
    const listening = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (text) => {
          output += text;
          if (output.includes('Next: open')) resolve();
        });
    });
    await Promise.race([listening, once(child, 'close')]);
    return { child, url: `http://127.0.0.1:${port}`, output: () => output, code: child.exitCode };
  }

  spawn(program: string, words: string[], env: NodeJS.ProcessEnv): ChildProcess {
    const child = spawn(program, words, { env, stdio: 'pipe' });
    this.#children.push(child);
    return child;
  }

  /**
   * Puts a data folder with the demo in it, for what is not about a first start; where its database
   * does not stand in it, none.
   */
  async prepare(data = this.data): Promise<void> {
    this.#made ??= this.#make();
    const made = await this.#made;
    if (lstatSync(join(made, 'data/postgres')).isDirectory())
      execFileSync('cp', ['-Rp', join(made, 'data'), data]);
  }

  /** Lets `prepare` copy the test's own data folder, whose server has stopped. */
  keep(): void {
    const folder = mkdtempSync(join(tmpdir(), 'start-made-'));
    execFileSync('cp', ['-Rp', this.data, folder]);
    this.#made ??= Promise.resolve(folder);
  }

  async #make(): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'start-made-'));
    const { child } = await this.start({}, join(folder, 'data'));
    child.kill('SIGINT');
    await once(child, 'exit');
    await until(() => left(folder).length === 0);
    return folder;
  }

  /** Resolves once no process of the test's folder is left. */
  gone(): Promise<void> {
    const { folder } = this;
    return until(() => left(folder).length === 0);
  }

  /** Ctrl-C, until no process is left. */
  async interrupt({ child }: Started): Promise<void> {
    child.kill('SIGINT');
    await once(child, 'exit');
    await this.gone();
  }
}

export const isReady = async ({ url }: Started): Promise<number> =>
  (await fetch(`${url}/health/ready`)).status;

export const logLines = ({ output }: Started): Record<string, unknown>[] =>
  output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
