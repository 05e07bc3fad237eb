import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';
import { databaseUrl } from '../support/server/global-setup.ts';

let database: FreshDatabase;
let folder: string;

beforeAll(async () => {
  database = await freshDatabase();
  folder = mkdtempSync(join(tmpdir(), 'verify-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

async function run(
  environment: Record<string, string>,
  words: string[] = [],
): Promise<{ code: number; output: string }> {
  const env = { PATH: process.env.PATH, ...environment };
  return promisify(execFile)('node', ['src/cli/verify-audit-log.ts', ...words], { env }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    ({ code, stdout, stderr }) => ({ code, output: stdout + stderr }),
  );
}

describe('[B21] npm run verify-audit-log without arguments', () => {
  test('verifies the database of MIGRATION_DATABASE_URL', async () => {
    const { code, output } = await run({
      MIGRATION_DATABASE_URL: database.ownerUrl,
      DATABASE_URL: database.appUrl,
    });
    expect(output).toContain('0 events');
    expect(code).toBe(0);
  });

  test('verifies the embedded database of DATA_DIR', async () => {
    writeFileSync(join(folder, 'connections.json'), JSON.stringify({ owner: database.ownerUrl }));
    expect((await run({ DATA_DIR: folder })).code).toBe(0);
  });

  test('names the folder when DATA_DIR has no database', async () => {
    const { code, output } = await run({ DATA_DIR: join(folder, 'missing') });
    expect(output).toContain(`${join(folder, 'missing', 'connections.json')} not found`);
    expect(code).toBe(2);
  });

  test('uses DATABASE_URL, and refuses a role that cannot read every company', async () => {
    const { code, output } = await run({ DATABASE_URL: database.appUrl });
    expect(output).toContain('bulwark_audit');
    expect(code).toBe(2);
  });

  test('names a malformed variable', async () => {
    const { code, output } = await run({ DATABASE_URL: 'nonsense' });
    expect(output).toContain('DATABASE_URL: expected postgresql://user:password@host:port/database');
    expect(code).toBe(2);
  });
});

test('[U7] verify-audit-log with an empty file verifies nothing and ends with 2', async () => {
  const file = join(folder, 'empty.jsonl');
  writeFileSync(file, '');
  expect(await run({}, [file])).toEqual({
    code: 2,
    output: `${file} holds no event: nothing was verified.\n`,
  });
});

test.each([
  ['FILE', []],
  ['--expect REPORT', ['--expect']],
])('[U7] verify-audit-log %s with a folder names it and ends with 2', async (_words, before) => {
  expect(await run({}, [...before, folder])).toEqual({
    code: 2,
    output: `${folder} is a folder; name a file in it.\n`,
  });
});

test('[U7] verify-audit-log of a database without an audit log says so and ends with 2', async () => {
  const url = databaseUrl(database.ownerUrl, 'postgres');
  const { code, output } = await run({}, ['--database', url]);
  expect(output).toMatch(
    /^the database "postgres" has no audit log; name the one that npm run migrate made\n$/,
  );
  expect(code).toBe(2);
});

test('[U7] verify-audit-log --database with a text that is no URL says so and ends with 2', async () => {
  expect(await run({}, ['--database', 'nonsense'])).toEqual({
    code: 2,
    output: '--database: expected postgresql://user:password@host:port/database.\n',
  });
});
