import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEncrypted, writeEncrypted } from '../../src/db/backup/encrypted-file.ts';
import { type Counts, manifestLine } from '../../src/db/backup/manifest.ts';
import { restore } from '../../src/db/backup/restore.ts';
import { countRows } from '../../src/db/backup/snapshot.ts';
import { takeBackup } from '../../src/db/backup/take.ts';
import { PRISMA_LOCK } from '../../src/db/migrations.ts';
import { emptyDatabase, mailedCode, makeSafe, type Safe, Terminal, tablesOf } from '../support/backup.ts';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';
import { asOwner } from '../support/server/global-setup.ts';

let database: FreshDatabase;
let safe: Safe;
let file: string;

beforeAll(async () => {
  database = await freshDatabase('demo');
  safe = await makeSafe();
  const recipients = [safe.environment.BACKUP_RECIPIENT ?? ''];
  const folder = safe.environment.BACKUP_DIR ?? '';
  file = (await takeBackup({ variable: 'SOURCE', url: database.ownerUrl, recipients, folder })).path;
});
afterAll(async () => {
  await database.drop();
  safe.remove();
});

const identityFile = () => safe.environment.BACKUP_IDENTITY_FILE ?? '';
const restoreTo = (url: string, from = file) =>
  restore({
    ...{ file: from, identityFile: identityFile(), variable: 'TARGET', url },
    migrations: 'prisma/migrations',
  });
const fill = (url: string) => asOwner(url, (db) => db.query('CREATE TABLE kept AS SELECT 1 AS id'));
const rowsOf = (url: string) => asOwner(url, countRows);

describe('a restore', () => {
  test('[K4] into a database that is filled while the operator is asked is refused and leaves it as it is', async () => {
    const target = await emptyDatabase();
    const environment = { MIGRATION_DATABASE_URL: target.url, OPERATOR_EMAIL: 'ops@example.com' };
    const terminal = new Terminal('restore', { ...safe.environment, ...environment }, [file]);
    await terminal.answer(/mailed to/, async () => {
      await fill(target.url);
      return mailedCode(safe.folder);
    });
    expect([await terminal.ended(), terminal.output]).toEqual([
      78,
      expect.stringContaining('is not empty (public.kept); restore into an empty one'),
    ]);
    expect(await rowsOf(target.url)).toEqual({ 'public.kept': 1 });
    await target.drop();
  });

  test('[K4] whose file has been removed since it was checked leaves the database as it is', async () => {
    const target = await emptyDatabase();
    await fill(target.url);
    await expect(restoreTo(target.url, '/missing.age')).rejects.toThrow('/missing.age cannot be read');
    expect(await rowsOf(target.url)).toEqual({ 'public.kept': 1 });
    await target.drop();
  });

  test('[K4] at the same time as another one into the same database is refused, and the other has every row', async () => {
    const target = await emptyDatabase();
    const ended = await Promise.allSettled([restoreTo(target.url), restoreTo(target.url)]);
    const refused = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason.message] : []));
    expect(refused).toEqual([expect.stringMatching(/^TARGET: .*(is running|is not empty)/)]);
    expect(await rowsOf(target.url)).toEqual(await rowsOf(database.ownerUrl));
    await target.drop();
  });

  test('[K4] while a migration of the database runs is refused', async () => {
    const target = await emptyDatabase();
    await asOwner(target.url, async (db) => {
      await db.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
      await expect(restoreTo(target.url)).rejects.toThrow(
        'TARGET: a migration, restore or reset of the database is running; wait until it has ended.',
      );
    });
    expect(await tablesOf(target.url)).toBe(0);
    await target.drop();
  });
});

describe('a backup by COPY that another program wrote to the recipient', () => {
  type Line = { table: string; columns: string[] } | { sequences: object[] };
  /** A backup with this content, and the manifest of the real one. */
  const forged = async (lines: Line[], counts?: Counts) => {
    const { manifest } = await openEncrypted(file, identityFile());
    const path = join(safe.folder, `${crypto.randomUUID()}.age`);
    const content = async function* () {
      yield manifestLine({ ...manifest, content: 'copy', ...(counts && { counts }) });
      for (const line of lines) {
        yield Buffer.from(`${JSON.stringify(line)}\n`);
        if ('table' in line) yield Buffer.alloc(4);
      }
    };
    await writeEncrypted(path, [safe.environment.BACKUP_RECIPIENT ?? ''], content());
    return path;
  };
  const end = { sequences: [] };

  test('[K4] is refused with a table name that is a statement, and the statement does not run', async () => {
    const role = `written_${crypto.randomUUID().slice(0, 8)}`;
    const table = `public.failure_burst; COMMIT; CREATE ROLE ${role}; BEGIN; --`;
    const target = await emptyDatabase();
    const failure = await restoreTo(
      target.url,
      await forged([{ table, columns: ['company_id'] }, end]),
    ).catch((error) => error.message);
    const roles = await asOwner(target.url, (db) =>
      db.query('SELECT rolname FROM pg_roles WHERE rolname = $1', [role]),
    );
    await asOwner(target.url, (db) => db.query(`DROP ROLE IF EXISTS ${role}`));
    expect([roles.rows, failure]).toEqual([[], expect.stringMatching(/^The backup has the table "public/)]);
    expect(await tablesOf(target.url)).toBe(0);
    await target.drop();
  });

  const columns = ['company_id', 'action', 'count', 'started_at', 'last_at', 'users', 'addresses'];
  const table = 'public.failure_burst';
  test.each<[string, Line, string]>([
    ['a table of no migration', { table: 'public.other', columns }, 'the table "public.other"'],
    [
      'a table of PostgreSQL',
      { table: 'pg_catalog.pg_authid', columns: ['rolname'] },
      'the table "pg_catalog.pg_authid"',
    ],
    [
      'the list of migrations',
      { table: 'public._prisma_migrations', columns: ['id'] },
      'the table "public._prisma_migrations"',
    ],
    ['a column too many', { table, columns: [...columns, 'other'] }, `other columns of the table ${table}`],
    ['a column too few', { table, columns: columns.slice(1) }, `other columns of the table ${table}`],
    [
      'a column twice',
      { table, columns: [...columns.slice(1), 'action'] },
      `other columns of the table ${table}`,
    ],
    [
      'a sequence of no migration',
      { sequences: [{ name: 'public."Branch"', value: '1', called: true }] },
      'the sequence "public.\\"Branch\\""',
    ],
    ['a line of neither', { table } as Line, 'a line that no table begins with'],
  ])('[K4] is refused with %s, and the database is empty', async (_, line, part) => {
    const target = await emptyDatabase();
    await expect(restoreTo(target.url, await forged([line, end]))).rejects.toThrow(
      `The backup has ${part}, unlike its migrations; restore no file that others could write.`,
    );
    expect(await tablesOf(target.url)).toBe(0);
    await target.drop();
  });

  test('[K4] is refused with fewer rows than its manifest says, and the database is empty', async () => {
    const target = await emptyDatabase();
    const path = await forged([{ table, columns }, end], { [table]: 2 });
    await expect(restoreTo(target.url, path)).rejects.toThrow(`${table}: 0 instead of 2`);
    expect(await tablesOf(target.url)).toBe(0);
    await target.drop();
  });
});
