import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { placeOf } from '../../src/cli/maintenance/databases.ts';
import { checkRestore, restore } from '../../src/db/backup/restore.ts';
import { countRows } from '../../src/db/backup/snapshot.ts';
import { takeBackup } from '../../src/db/backup/take.ts';
import { migrate } from '../../src/db/migrations.ts';
import { emptyDatabase, mailedCode, makeSafe, type Safe, Terminal, tablesOf } from '../support/backup.ts';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';
import { asOwner, databaseUrl } from '../support/server/global-setup.ts';
import { runProgram } from '../support/server/program.ts';

let database: FreshDatabase;
let safe: Safe;
let file: string;

beforeAll(async () => {
  database = await freshDatabase('demo');
  safe = await makeSafe();
  const environment = { ...safe.environment, MIGRATION_DATABASE_URL: database.ownerUrl };
  const { error } = await runProgram('backup', { environment });
  expect(error).toBe('');
  file = safe.files()[0] ?? '';
});
afterAll(async () => {
  await database.drop();
  safe.remove();
});

const toEmpty = async (
  words: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; error: string; tables: number }> => {
  const target = await emptyDatabase();
  const { code, error } = await runProgram('restore', {
    words,
    environment: { ...safe.environment, MIGRATION_DATABASE_URL: target.url, ...environment },
  });
  const tables = await tablesOf(target.url);
  await target.drop();
  return { code, error, tables };
};

describe('restore refuses, and changes nothing', () => {
  const copyOf = (change: (bytes: Buffer) => void): string => {
    const bytes = readFileSync(file);
    change(bytes);
    const path = join(safe.folder, `${crypto.randomUUID()}.age`);
    writeFileSync(path, bytes);
    return path;
  };

  test.each([
    ['the middle', (size: number) => Math.floor(size / 2)],
    ['the last byte', (size: number) => size - 1],
    ['the first block', () => 300],
  ])('[K4] a backup that was altered in %s', async (_, at) => {
    const altered = copyOf((bytes) => {
      const place = at(bytes.length);
      bytes.writeUInt8((bytes.readUInt8(place) + 1) % 256, place);
    });
    const { code, error, tables } = await toEmpty([altered]);
    expect([code, tables]).toEqual([78, 0]);
    expect(error).toMatch(
      /^\S+\.age: (it was altered or is incomplete; take another backup|this is no backup.*)\.\n$/,
    );
  });

  test.each([
    ['half', (size: number) => Math.floor(size / 2)],
    ['all but its last byte', (size: number) => size - 1],
    // where one authenticated block ends
    ['its header and whole blocks', (size: number) => size - (size % 65_552)],
    ['its first ten bytes', () => 10],
    ['nothing', () => 0],
  ])('[K4] a backup that was cut to %s', async (_, length) => {
    const cut = copyOf(() => {});
    truncateSync(cut, length(readFileSync(cut).length));
    const { code, error, tables } = await toEmpty([cut]);
    expect([code, tables]).toEqual([78, 0]);
    expect(error).toMatch(
      /^\S+\.age: (it was altered or is incomplete; take another backup|this is no backup.*)\.\n$/,
    );
  });

  test('[K4] a large backup that was altered or cut near its end, when its beginning is intact', async () => {
    const large = await freshDatabase();
    await asOwner(large.ownerUrl, (db) =>
      db.query('CREATE TABLE filler AS SELECT gen_random_uuid() AS id FROM generate_series(1, 300000)'),
    );
    const BACKUP_DIR = join(safe.folder, 'large');
    const environment = { ...safe.environment, BACKUP_DIR, MIGRATION_DATABASE_URL: large.ownerUrl };
    const { output } = await runProgram('backup', { environment });
    const path = output.split('\n')[0] ?? '';
    const bytes = readFileSync(path);
    expect(bytes.length).toBeGreaterThan(4_000_000);
    truncateSync(path, bytes.length - 1);
    const cut = await toEmpty([path]);
    bytes.writeUInt8((bytes.readUInt8(bytes.length - 100_000) + 1) % 256, bytes.length - 100_000);
    writeFileSync(path, bytes);
    for (const { code, error, tables } of [cut, await toEmpty([path])]) {
      expect([code, tables]).toEqual([78, 0]);
      expect(error).toBe(`${path}: it was altered or is incomplete; take another backup.\n`);
    }
    await large.drop();
  });

  test('[K4] a backup with the identity of another recipient', async () => {
    const other = await makeSafe();
    const { BACKUP_IDENTITY_FILE = '' } = other.environment;
    expect(await toEmpty([file], { BACKUP_IDENTITY_FILE })).toEqual({
      code: 78,
      tables: 0,
      error: `${file}: the identity of BACKUP_IDENTITY_FILE does not open it; give the one whose recipient it was encrypted to.\n`,
    });
    other.remove();
  });

  test('[K4] a file that is no backup, and one that is missing', async () => {
    const text = join(safe.folder, 'text');
    writeFileSync(text, 'CREATE TABLE x ();\n');
    expect((await toEmpty([text])).error).toBe(`${text}: this is no backup, or its beginning was altered.\n`);
    expect((await toEmpty(['/missing.age'])).error).toBe('/missing.age cannot be read (ENOENT).\n');
  });

  test('[K4] a database that is not empty', async () => {
    const rows = () => asOwner(database.ownerUrl, countRows);
    const before = await rows();
    const environment = { ...safe.environment, MIGRATION_DATABASE_URL: database.ownerUrl };
    const { code, error } = await runProgram('restore', { words: [file], environment });
    expect(error).toMatch(
      /^MIGRATION_DATABASE_URL: the database "\w+" is not empty \(\w+\.\S+\); restore into an empty one/,
    );
    expect([code, await rows()]).toEqual([78, before]);
  });

  test('[K4] a run without a terminal', async () => {
    expect(await toEmpty([file])).toEqual({
      code: 78,
      error: 'A restore is confirmed on a terminal, and this is none: nothing was changed.\n',
      tables: 0,
    });
  });

  test('[K4] a backup of a newer version, and of other migrations', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'migrations-'));
    const target = await emptyDatabase();
    const order = {
      file,
      identityFile: safe.environment.BACKUP_IDENTITY_FILE ?? '',
      variable: 'TARGET',
      ...target,
    };
    await expect(checkRestore({ ...order, migrations: folder })).rejects.toThrow(
      `${file}: the backup has the migration 0001_tables_organization, which this version lacks; restore with the version that made it.`,
    );
    expect(await tablesOf(target.url)).toBe(0);
    await target.drop();
    rmSync(folder, { recursive: true });
  });
});

describe('restore on a terminal', () => {
  const start = (url: string, environment: Record<string, string> = {}) =>
    new Terminal(
      'restore',
      { ...safe.environment, MIGRATION_DATABASE_URL: url, OPERATOR_EMAIL: 'ops@example.com', ...environment },
      [file],
    );

  test('[K4] the code that was mailed to OPERATOR_EMAIL restores every row', async () => {
    const target = await emptyDatabase();
    const terminal = start(target.url);
    await terminal.answer(/mailed to ops@example\.com/, () => mailedCode(safe.folder));
    expect(terminal.output).toContain(`${placeOf(target.url)}: this empty database will be filled.`);
    expect([await terminal.ended(), terminal.output]).toEqual([
      0,
      expect.stringContaining('Restored, with all rows.'),
    ]);
    expect(await asOwner(target.url, countRows)).toEqual(await asOwner(database.ownerUrl, countRows));
    await target.drop();
  });

  test('[K4] a wrong code is refused at the third attempt, and nothing is restored', async () => {
    const target = await emptyDatabase();
    const terminal = start(target.url);
    for (const attempt of [1, 2, 3])
      await terminal.answer(new RegExp(`(?:Enter the code[^]*){${attempt}}`), async () =>
        (await mailedCode(safe.folder)) === '000000' ? '000001' : '000000',
      );
    expect([await terminal.ended(), terminal.output]).toEqual([
      78,
      expect.stringContaining('not confirmed; nothing was changed'),
    ]);
    expect(await tablesOf(target.url)).toBe(0);
    await target.drop();
  });

  test.each([
    ['OPERATOR_EMAIL is missing', { OPERATOR_EMAIL: '' }, /OPERATOR_EMAIL: missing/],
    [
      'the mail cannot be sent',
      { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'a@example.com' },
      /SMTP_URL: the code could not be mailed/,
    ],
  ])('[K4] when %s, nothing is restored', async (_, environment, sentence) => {
    const target = await emptyDatabase();
    const terminal = start(target.url, environment);
    expect(await terminal.ended()).toBe(78);
    expect(terminal.output).toMatch(sentence);
    expect(await tablesOf(target.url)).toBe(0);
    await target.drop();
  });

  test('[K4] without a mail server, the address and name of the database that it asks for confirm it', async () => {
    const target = await emptyDatabase();
    const terminal = start(target.url, { APP_ENV: 'production' });
    const question = /Type (\S+) to confirm the restore: /;
    await terminal.answer(question, async () => question.exec(terminal.output)?.[1] ?? '');
    expect([await terminal.ended(), terminal.output]).toEqual([0, expect.stringContaining('Restored')]);
    expect(question.exec(terminal.output)?.[1]).toBe(placeOf(target.url));
    await target.drop();
  });
});

describe.each([
  ['pg_dump, where there is one', process.env.PATH],
  ['COPY', '/nonexistent'],
])('a backup by %s', (_, path) => {
  beforeEach(() => vi.stubEnv('PATH', path));
  afterEach(() => vi.unstubAllEnvs());
  const identityFile = () => safe.environment.BACKUP_IDENTITY_FILE ?? '';
  const take = (url: string, progress = () => {}) => {
    const recipients = [safe.environment.BACKUP_RECIPIENT ?? ''];
    const folder = join(safe.folder, crypto.randomUUID());
    return takeBackup({ variable: 'SOURCE', url, recipients, folder, progress });
  };
  const restoreTo = (url: string, file: string) =>
    restore({ file, identityFile: identityFile(), variable: 'TARGET', url, migrations: 'prisma/migrations' });

  test('[K4] is of one instant while rows are written', async () => {
    const own = await freshDatabase('demo');
    let written = 0;
    const write = () =>
      asOwner(own.ownerUrl, async (db) => {
        await db.query(
          `INSERT INTO failure_burst (company_id, action) VALUES (gen_random_uuid(), 'a'), (gen_random_uuid(), 'b')`,
        );
        written += 1;
      });
    await write();
    const before = await asOwner(own.ownerUrl, countRows);
    let writing = Promise.resolve();
    // the snapshot is open from the first part on
    const { path, manifest } = await take(own.ownerUrl, () => {
      writing = writing.then(write);
    });
    await writing;
    expect(written).toBeGreaterThan(1);
    expect(manifest.counts).toEqual(before);
    const target = await emptyDatabase();
    await restoreTo(target.url, path);
    expect(await asOwner(target.url, countRows)).toEqual(before);
    for (const drop of [target.drop, own.drop]) await drop();
  });

  test('[K4] is restored by the documented owner, which is no superuser, with roles, rights and triggers', async () => {
    const owner = { name: `owner_${crypto.randomUUID().slice(0, 8)}`, password: 'chosen by the test' };
    const roles = 'bulwark_app, bulwark_platform, bulwark_identity, bulwark_audit';
    const { ownerUrl } = inject('postgres');
    await asOwner(ownerUrl, async (db) => {
      await db.query(`CREATE ROLE ${owner.name} LOGIN PASSWORD '${owner.password}' CREATEROLE`);
      await db.query(`GRANT ${roles} TO ${owner.name} WITH ADMIN OPTION`);
    });
    const [source, target] = [await emptyDatabase(owner.name), await emptyDatabase(owner.name)];
    const asIt = ({ url }: { url: string }) => databaseUrl(url, new URL(url).pathname.slice(1), owner);
    await migrate(asIt(source), 'prisma/migrations');
    await asOwner(source.url, (db) =>
      db.query(`INSERT INTO failure_burst (company_id, action) VALUES (gen_random_uuid(), 'a')`),
    );
    const { path } = await take(source.url);
    await restoreTo(asIt(target), path);
    expect(await asOwner(target.url, structureOf)).toEqual(await asOwner(source.url, structureOf));
    expect(await asOwner(target.url, countRows)).toEqual(await asOwner(source.url, countRows));
    for (const drop of [source.drop, target.drop]) await drop();
    await asOwner(ownerUrl, async (db) => {
      await db.query(`DROP OWNED BY ${owner.name}`);
      await db.query(`DROP ROLE ${owner.name}`);
    });
  });
});

/** Owners, rights, row-level security, policies, triggers and constraints of every object. */
const structureOf = async (db: pg.Client): Promise<unknown[]> => {
  const { rows } = await db.query(`
    SELECT 'table' AS kind, relname::text AS name, concat_ws(' ', relowner::regrole, relrowsecurity, relforcerowsecurity, relacl) AS is
      FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'S')
    UNION ALL SELECT 'function', oid::regprocedure::text, concat_ws(' ', proowner::regrole, prosecdef, proconfig, proacl)
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, tgenabled::text || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'policy', tablename || '.' || policyname, concat_ws(' ', roles, cmd, qual, with_check) FROM pg_policies WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
    UNION ALL SELECT 'schema', nspname::text, array_to_string(ARRAY(SELECT unnest(nspacl)::text ORDER BY 1), ' ') FROM pg_namespace WHERE nspname = 'public'
    UNION ALL SELECT 'database', 'settings', array_to_string(setconfig, ' ') FROM pg_db_role_setting
      WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY 1, 2`);
  return rows;
};
