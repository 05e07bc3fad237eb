import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { StartupError } from '../../config/startup-error.ts';
import { programPath } from '../../config.ts';

type Program = 'pg_dump' | 'pg_restore';

/** Returns the major version of a program of PostgreSQL; 0 when it is not installed. */
export const majorOf = (program: Program): Promise<number> =>
  promisify(execFile)(program, ['--version']).then(
    ({ stdout }) => Number(/\) (\d+)/.exec(stdout)?.[1] ?? 0),
    () => 0,
  );

/** Whether `pg_dump` is installed and not older than this server, as it demands. */
export const canDump = async (serverVersion: number): Promise<boolean> =>
  (await majorOf('pg_dump')) >= Math.floor(serverVersion / 10_000);

/** Yields what `pg_dump` writes of a snapshot. Rejects when it fails. */
export async function* dump(url: string, snapshot: string): AsyncGenerator<Buffer> {
  const words = ['--format=custom', '--compress=0', `--snapshot=${snapshot}`];
  const child = start('pg_dump', words, url, ['ignore', 'pipe', 'pipe']);
  try {
    yield* child.process.stdout as AsyncIterable<Buffer>;
    await child.success;
  } finally {
    child.process.kill();
  }
}

/**
 * Gives an archive to `pg_restore`, which restores it in one transaction.
 * @throws {StartupError} when `pg_restore` is missing or fails; the database is as before then
 */
export async function load(url: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
  if ((await majorOf('pg_restore')) === 0)
    throw new StartupError(
      'pg_restore is not installed, and this backup needs it; install postgresql-client.',
    );
  const words = ['--single-transaction', '--exit-on-error', '--dbname', withoutPassword(url)];
  const child = start('pg_restore', words, url, ['pipe', 'ignore', 'pipe']);
  const given = pipeline(Readable.from(archive, { objectMode: false }), child.process.stdin as Writable);
  // an archive that ends too early must not be taken for a whole one
  given.catch(() => child.process.kill());
  const [, ended] = await Promise.allSettled([given, child.success]);
  if (ended.status === 'rejected') throw ended.reason;
  await given;
}

function start(program: Program, words: string[], url: string, stdio: ('pipe' | 'ignore')[]) {
  const child = spawn(program, program === 'pg_dump' ? [...words, withoutPassword(url)] : words, {
    stdio,
    env: { PATH: programPath(), LC_ALL: 'C', PGPASSWORD: decodeURIComponent(new URL(url).password) },
  });
  let said = '';
  child.stderr?.on('data', (text) => {
    said = `${said}${text}`.slice(0, 2_000);
  });
  const kill = () => child.kill(); // an end of this process ends it too
  process.once('exit', kill);
  const success = once(child, 'close').then(([code]) => {
    process.removeListener('exit', kill);
    if (code !== 0) throw new StartupError(`${program} failed: ${said.trim() || `exit code ${code}`}`);
  });
  success.catch(() => {}); // awaited once the stream has ended
  return { process: child, success };
}

/** A password in the words of a program is visible to every user of the machine. */
function withoutPassword(url: string): string {
  const target = new URL(url);
  target.password = '';
  target.searchParams.delete('uselibpqcompat'); // of pg, not of libpq
  if (target.searchParams.get('sslmode') === 'no-verify') target.searchParams.set('sslmode', 'require');
  return target.href;
}
