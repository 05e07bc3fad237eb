import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../bench/process.ts';
import { migrate } from '../../src/db/migrations.ts';
import { runProgram } from '../support/server/program.ts';
import { until } from '../support/until.ts';

// the PostgreSQL of the install has no pg_basebackup
const [tool] = globSync('/usr/lib/postgresql/*/bin/pg_basebackup');
const bin = dirname(tool ?? '');
/** PostgreSQL refuses to run as root. */
const idOf = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
const user = () => (process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {});

const servers: ChildProcess[] = [];
let folder: string;
let standby: string;

const run = (program: string, ...words: string[]) =>
  promisify(execFile)(join(bin, program), words, { cwd: folder, ...user() });

async function asked(url: string, sql: string): Promise<void> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  await db.query(sql).finally(() => db.end());
}

/** Starts PostgreSQL on the data in a folder; returns the URL of its superuser. */
async function serve(data: string): Promise<string> {
  const port = await freePort();
  const words = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-c', 'unix_socket_directories='];
  servers.push(spawn(join(bin, 'postgres'), words, { cwd: folder, stdio: 'ignore', ...user() }));
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const answers = () => asked(url, 'SELECT 1').then(() => true);
  await until(() => answers().catch(() => false));
  return url;
}

describe.skipIf(!tool)('a hot standby', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'standby-'));
    const { uid, gid } = user();
    if (uid !== undefined) chownSync(folder, uid, gid);
    const [primary, copy] = [join(folder, 'primary'), join(folder, 'standby')];
    await run('initdb', '-D', primary, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C');
    const url = await serve(primary);
    await migrate(url, 'prisma/migrations');
    await asked(url, 'CREATE ROLE server LOGIN IN ROLE bulwark_app');
    await run('pg_basebackup', '-d', url, '-D', copy, '-R', '--checkpoint=fast');
    standby = await serve(copy);
  });
  afterAll(async () => {
    for (const server of servers.reverse()) {
      server.kill('SIGINT');
      await once(server, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });

  test('is refused at start in one sentence, with 78 [U7]', async () => {
    const environment = {
      DATABASE_URL: standby.replace('postgres@', 'server@'),
      MASTER_KEYS: `test:${randomBytes(32).toString('base64')}`,
    };
    const { code, error } = await runProgram('start', { cwd: tmpdir(), environment });
    expect(error).toBe('DATABASE_URL: this PostgreSQL is a read-only standby; name the primary.\n');
    expect(code).toBe(78);
  });

  test('is refused by migrate in one sentence, with 78 [U7]', async () => {
    const environment = { MIGRATION_DATABASE_URL: standby };
    const { code, error } = await runProgram('migrate', { cwd: tmpdir(), environment });
    expect(error).toMatch(/^MIGRATION_DATABASE_URL: .*(standby|read-only).*\.\n$/);
    expect(code).toBe(78);
  });
});
