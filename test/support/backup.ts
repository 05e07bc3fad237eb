import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { mailboxMessages } from '../../src/notifications/dev-mailbox.ts';
import { asOwner, databaseUrl } from './server/global-setup.ts';
import { runProgram, wordsOf } from './server/program.ts';
import { until } from './until.ts';

/** A folder with a key of its own for backups. */
export type Safe = {
  folder: string;
  /** BACKUP_DIR, BACKUP_RECIPIENT and BACKUP_IDENTITY_FILE. */
  environment: Record<string, string>;
  /** The backups, oldest first. */
  files: () => string[];
  remove: () => void;
};

export async function makeSafe(): Promise<Safe> {
  const folder = mkdtempSync(join(tmpdir(), 'backup-'));
  const identity = join(folder, 'identity');
  const { output } = await runProgram('backup-key', { words: [identity] });
  const dir = join(folder, 'backups');
  return {
    folder,
    environment: {
      DATA_DIR: folder,
      BACKUP_DIR: dir,
      BACKUP_IDENTITY_FILE: identity,
      BACKUP_RECIPIENT: /^BACKUP_RECIPIENT=(\S+)$/m.exec(output)?.[1] ?? '',
    },
    files: () =>
      readdirSync(dir)
        .filter((name) => name.endsWith('.age'))
        .sort()
        .map((name) => join(dir, name)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** An empty database, as CREATE DATABASE makes it. */
export async function emptyDatabase(owner?: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const { ownerUrl } = inject('postgres');
  const name = `bulwark_test_${crypto.randomUUID().replaceAll('-', '')}`;
  await asOwner(ownerUrl, (db) =>
    db.query(`CREATE DATABASE ${name} ${owner ? `OWNER ${owner}` : ''} ENCODING 'UTF8' TEMPLATE template0`),
  );
  const drop = () =>
    asOwner(ownerUrl, async (db) => void (await db.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)));
  return { url: databaseUrl(ownerUrl, name), drop };
}

/** The tables of a database; none in an empty one. */
export const tablesOf = (url: string): Promise<number> =>
  asOwner(url, async (db) => {
    const { rows } = await db.query(
      "SELECT count(*)::int AS count FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname = 'public'",
    );
    return rows[0].count;
  });

/** A program on a terminal of its own, as an operator uses it. */
export class Terminal {
  output = '';
  readonly #child: ReturnType<typeof spawn>;
  readonly #ended: Promise<number | null>;

  constructor(program: string, environment: Record<string, string>, words: string[] = []) {
    const command = [process.execPath, ...wordsOf(program), ...words].map((word) => `'${word}'`).join(' ');
    const env = { PATH: process.env.PATH, TERM: 'dumb', ...environment };
    this.#child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env,
      stdio: 'pipe',
    });
    process.once('exit', () => this.#child.kill('SIGKILL'));
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (text) => {
        this.output += text;
      });
    this.#ended = once(this.#child, 'close').then(([code]) => code);
  }

  /** Types a line once the program has asked for it. */
  async answer(question: RegExp, line: string | (() => Promise<string>)): Promise<void> {
    await until(() => question.test(this.output) || this.#child.exitCode !== null);
    const text = typeof line === 'string' ? line : await line();
    this.#child.stdin?.write(`${text}\n`);
  }

  async ended(): Promise<number | null> {
    return this.#ended;
  }
}

/** The code of the newest mail that asks for confirmation. */
export async function mailedCode(folder: string): Promise<string> {
  const [mail] = await mailboxMessages(join(folder, 'mail'));
  return /^(\d{6})$/m.exec(mail?.text ?? '')?.[1] ?? 'no code';
}
