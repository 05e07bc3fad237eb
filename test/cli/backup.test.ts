import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decrypter } from 'age-encryption';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeSafe, type Safe } from '../support/backup.ts';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';
import { runProgram, wordsOf } from '../support/server/program.ts';
import { until } from '../support/until.ts';

let database: FreshDatabase;
let safe: Safe;

beforeAll(async () => {
  database = await freshDatabase('demo');
});
afterAll(() => database.drop());
beforeEach(async () => {
  safe = await makeSafe();
});
afterEach(() => safe.remove());

const backup = (environment: Record<string, string> = {}) =>
  runProgram('backup', {
    environment: { ...safe.environment, MIGRATION_DATABASE_URL: database.ownerUrl, ...environment },
  });

test('[K4] backup writes an encrypted file, readable by its owner only, with a checksum that sha256sum verifies', async () => {
  const { code, output, error } = await backup();
  expect([code, error]).toEqual([0, '']);
  const [file = ''] = safe.files();
  expect(output.split('\n')[0]).toBe(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file).subarray(0, 21).toString()).toBe('age-encryption.org/v1');
  execFileSync('sha256sum', ['--check', '--status', `${file}.sha256`], { cwd: join(file, '..') });
});

test('[K4] a backup contains no name, address or key in plain text', async () => {
  await backup();
  const bytes = readFileSync(safe.files()[0] ?? '', 'latin1');
  for (const text of ['Employee', '@', 'CREATE TABLE', 'DataKey'])
    expect(text === '@' ? /\w{3}@\w{3}\.\w/.test(bytes) : bytes.includes(text)).toBe(false);
});

test('[K4] backup names the instant, the rows and the master keys that a restore needs', async () => {
  const { output } = await backup();
  expect(output).toMatch(/^\d+ rows in \d+ tables as of \d{4}-\d\d-\d\dT[\d:.]+Z, by (pg_dump|copy); /m);
  expect(output).toContain('It needs the master keys: test.');
});

test('[K4] backup by a role that row-level security restricts is refused, instead of leaving rows out', async () => {
  const { code, error } = await backup({ BACKUP_DATABASE_URL: database.appUrl });
  expect(error).toMatch(
    /^BACKUP_DATABASE_URL: row-level security hides rows from the role "\w+", and the backup would lack them; set BACKUP_DATABASE_URL to a role with BYPASSRLS and pg_read_all_data\.\n$/,
  );
  expect(code).toBe(78);
  expect(existsSync(safe.environment.BACKUP_DIR ?? '')).toBe(false);
});

test.each([
  [{ BACKUP_RECIPIENT: '' }, /^BACKUP_RECIPIENT: missing; make a key with npm run backup-key/],
  [
    { BACKUP_RECIPIENT: 'AGE-SECRET-KEY-1QQQ' },
    /^BACKUP_RECIPIENT: expected the public recipient, as age1…, and not the secret identity/,
  ],
  [{ BACKUP_RECIPIENT: 'age1nonsense' }, /^BACKUP_RECIPIENT: "age1nonsense" is no age recipient/],
  [
    { MIGRATION_DATABASE_URL: '' },
    /connections\.json not found\. Start the server once, or set MIGRATION_DATABASE_URL\.\n$/,
  ],
])('[K4] backup with %j says what is missing in one sentence', async (environment, sentence) => {
  const { code, error } = await backup(environment);
  expect(error).toMatch(sentence);
  expect(code).not.toBe(0);
});

test('[K4] a recipient with a wrong checksum is refused before a file is written', async () => {
  const recipient = safe.environment.BACKUP_RECIPIENT ?? '';
  const { code } = await backup({
    BACKUP_RECIPIENT: `${recipient.slice(0, -1)}${recipient.endsWith('q') ? 'p' : 'q'}`,
  });
  expect(code).not.toBe(0);
  expect(existsSync(safe.environment.BACKUP_DIR ?? '') ? safe.files() : []).toEqual([]);
});

test('[K4] a backup of a folder that cannot be written leaves nothing under its name', async () => {
  const file = join(safe.folder, 'file');
  writeFileSync(file, '');
  const { code, error } = await backup({ BACKUP_DIR: join(file, 'backups') });
  expect(error).toMatch(/^BACKUP_DIR: .* cannot be written \(ENOTDIR\)/);
  expect(code).toBe(78);
});

test('[K4] a backup that is interrupted leaves no file', async () => {
  const slow = join(safe.folder, 'pg_dump');
  writeFileSync(
    slow,
    '#!/bin/sh\ncase $1 in --version) echo "pg_dump (PostgreSQL) 99.1";; *) echo part; exec sleep 60;; esac\n',
    {
      mode: 0o755,
    },
  );
  const env = {
    ...safe.environment,
    MIGRATION_DATABASE_URL: database.ownerUrl,
    PATH: `${safe.folder}:/bin:/usr/bin`,
  };
  const child = spawn(process.execPath, wordsOf('backup'), { env, stdio: 'ignore' });
  const folder = safe.environment.BACKUP_DIR ?? '';
  await until(() => existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.part')));
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(readdirSync(folder)).toEqual([]);
});

describe('without pg_dump, as beside the embedded PostgreSQL', () => {
  let programs: string;
  beforeAll(() => {
    programs = mkdtempSync(join(tmpdir(), 'programs-'));
  });
  afterAll(() => rmSync(programs, { recursive: true }));

  test('[K4] backup copies every table in one snapshot', async () => {
    const { code, output } = await backup({ PATH: programs });
    expect(code).toBe(0);
    expect(output).toContain(', by copy; ');
  });

  test('[K4] a pg_dump that is older than the server is not used', async () => {
    writeFileSync(join(programs, 'pg_dump'), '#!/bin/sh\necho "pg_dump (PostgreSQL) 14.9"\n', {
      mode: 0o755,
    });
    const { output } = await backup({ PATH: `${programs}:/bin:/usr/bin` });
    expect(output).toContain(', by copy; ');
  });

  test('[K4] a pg_dump that fails ends the backup with its words and leaves no file', async () => {
    const script =
      '#!/bin/sh\ncase $1 in --version) echo "pg_dump (PostgreSQL) 99.1";; *) echo part; echo "no space" >&2; exit 1;; esac\n';
    writeFileSync(join(programs, 'pg_dump'), script, { mode: 0o755 });
    const { code, error } = await backup({ PATH: `${programs}:/bin:/usr/bin` });
    expect([code, error]).toEqual([78, 'pg_dump failed: no space\n']);
    expect(safe.files()).toEqual([]);
  });
});

test('[K4] two recipients can each open a backup', async () => {
  const other = await makeSafe();
  const both = `${safe.environment.BACKUP_RECIPIENT},${other.environment.BACKUP_RECIPIENT}`;
  await backup({ BACKUP_RECIPIENT: both });
  const decrypter = new Decrypter();
  decrypter.addIdentity(
    readFileSync(other.environment.BACKUP_IDENTITY_FILE ?? '', 'utf8').split('\n')[1] ?? '',
  );
  const plain = await decrypter.decrypt(readFileSync(safe.files()[0] ?? ''));
  expect(plain.length).toBeGreaterThan(1_000);
  other.remove();
});

test('[K4] backup-key refuses to overwrite a key', async () => {
  const identity = safe.environment.BACKUP_IDENTITY_FILE ?? '';
  const before = readFileSync(identity, 'utf8');
  expect(await runProgram('backup-key', { words: [identity] })).toMatchObject({
    code: 1,
    error: `${identity} exists; name another file.\n`,
  });
  expect(readFileSync(identity, 'utf8')).toBe(before);
  expect(statSync(identity).mode & 0o777).toBe(0o600);
});
