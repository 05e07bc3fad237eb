import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { withScratchDatabase } from '../../src/db/backup/scratch.ts';
import { makeSafe, type Safe } from '../support/backup.ts';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';
import { asOwner } from '../support/server/global-setup.ts';
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

const settings = () => ({
  ...safe.environment,
  MIGRATION_DATABASE_URL: database.ownerUrl,
  MASTER_KEYS: `test:${inject('postgres').demo.key}`,
});
const run = (program: 'backup' | 'restore-drill', environment: Record<string, string> = {}) =>
  runProgram(program, { environment: { ...settings(), ...environment } });
const resultPath = () => join(safe.environment.BACKUP_DIR ?? '', 'restore-drill.json');
const result = () => JSON.parse(readFileSync(resultPath(), 'utf8'));
const asked = (sql: string, values: unknown[] = [], url = database.ownerUrl) =>
  asOwner(url, async (db) => (await db.query(sql, values)).rows);
const scratchDatabases = async (): Promise<string[]> => {
  const rows = await asked("SELECT datname FROM pg_database WHERE datname LIKE 'bulwark_drill_%' ORDER BY 1");
  return rows.map(({ datname }) => datname);
};

/** Starts a drill, and sends it a signal while its database is there. */
async function endedDrill(signal: NodeJS.Signals): Promise<{ code: number | null; error: string }> {
  const env = { PATH: process.env.PATH, ...settings() };
  const child = spawn(process.execPath, wordsOf('restore-drill'), {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let error = '';
  child.stderr.on('data', (text) => {
    error += text;
  });
  const closed = once(child, 'close');
  await until(async () => (await scratchDatabases()).length > 0);
  child.kill(signal);
  const [code] = await closed;
  return { code, error };
}

test('[K4] a drill restores the newest backup, verifies the audit log, opens values of each scope, and leaves no database', async () => {
  await run('backup');
  const { code, output, error } = await run('restore-drill');
  expect([code, error]).toEqual([0, '']);
  expect(output).toMatch(/^recovery point {2}\d{4}-\d\d-\d\dT/m);
  expect(output).toMatch(/^recovery time {3}[\d.]+ s$/m);
  expect(output).toMatch(/^key scope {7}pii: [1-9]\d* keys, [1-9]\d* values opened$/m);
  expect(output).toMatch(/^audit log {7}[1-9]\d* events$/m);
  expect(result()).toMatchObject({ file: safe.files()[0], faults: [], recoverySeconds: expect.any(Number) });
  expect(await scratchDatabases()).toEqual([]);
});

test('[K4] a drill with other master keys fails, and names the data key that does not unwrap', async () => {
  await run('backup');
  const MASTER_KEYS = `test:${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`;
  const { code, output } = await run('restore-drill', { MASTER_KEYS });
  expect(output).toMatch(/^BAD {13}data key \S+ of company \S+ does not unwrap/m);
  expect(code).toBe(1);
  expect(result().faults).not.toEqual([]);
  expect(await scratchDatabases()).toEqual([]);
});

test('[K4] a drill finds an event of the audit log that was altered before the backup', async () => {
  const altered = await freshDatabase('demo');
  await asOwner(altered.ownerUrl, async (db) => {
    await db.query('ALTER TABLE audit_event DISABLE TRIGGER audit_refuse');
    await db.query(`UPDATE audit_event SET body = replace(body, '"severity"', '"Severity"') WHERE pos = 2`);
  });
  await run('backup', { MIGRATION_DATABASE_URL: altered.ownerUrl });
  const { code, output } = await run('restore-drill');
  expect(output).toMatch(/^BAD {13}audit log of \S+ at 2: /m);
  expect(code).toBe(1);
  await altered.drop();
});

test('[K4] a drill finds a sealed value that was altered before the backup', async () => {
  const altered = await freshDatabase('demo');
  await asOwner(altered.ownerUrl, async (db) => {
    await db.query('ALTER TABLE "Employee" DISABLE TRIGGER USER');
    await db.query(`UPDATE "Employee" SET salary = left(salary, -2) || 'AA' WHERE salary IS NOT NULL`);
  });
  await run('backup', { MIGRATION_DATABASE_URL: altered.ownerUrl });
  const { code, output } = await run('restore-drill');
  expect(output).toMatch(/^BAD {13}Employee\.salary of row \S+ does not open/m);
  expect(code).toBe(1);
  await altered.drop();
});

test('[K4] a drill without a backup, without master keys, and by a role without CREATEDB says so in one sentence', async () => {
  expect((await run('restore-drill')).error).toMatch(
    /^BACKUP_DIR: \S+ holds no backup; run npm run backup first\.\n$/,
  );
  await run('backup');
  expect((await run('restore-drill', { MASTER_KEYS: '' })).error).toMatch(/^MASTER_KEYS: missing; /);
  const { code, error } = await run('restore-drill', { DRILL_DATABASE_URL: database.appUrl });
  expect(error).toMatch(/^DRILL_DATABASE_URL: the role "\w+" may not create a scratch database; ALTER ROLE/);
  expect(code).toBe(78);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '[K4] a drill that is ended by %s removes its database, exits with 1 and leaves no result',
  async (signal) => {
    await run('backup');
    const error = 'The drill was ended, and its database is removed.\n';
    expect(await endedDrill(signal)).toEqual({ code: 1, error });
    expect([await scratchDatabases(), existsSync(resultPath())]).toEqual([[], false]);
  },
);

test('[K4] a drill removes the database that a killed drill has left', async () => {
  await run('backup');
  await endedDrill('SIGKILL');
  const [left = ''] = await scratchDatabases();
  expect(left).not.toBe('');
  const connections = 'SELECT FROM pg_stat_activity WHERE datname = $1';
  await until(async () => (await asked(connections, [left])).length === 0);
  expect((await run('restore-drill')).code).toBe(0);
  expect(await scratchDatabases()).toEqual([]);
});

test('[K4] a drill lets no other role connect, and removes no database of a running drill or of another owner', async () => {
  const place = { variable: 'TEST', url: database.ownerUrl };
  const others = [`bulwark_drill_${'0'.repeat(32)}`, 'bulwark_drill_by_hand'];
  const role = new URL(database.appUrl).username;
  for (const name of others) await asked(`CREATE DATABASE ${name}`);
  await asked(`ALTER DATABASE ${others[0]} OWNER TO ${role}`);
  await withScratchDatabase(place, async (running) => {
    const name = new URL(running).pathname.slice(1);
    const mayConnect = `SELECT has_database_privilege($1, current_database(), 'CONNECT') AS may`;
    expect(await asked(mayConnect, [role], running)).toEqual([{ may: false }]);
    const found = await withScratchDatabase(place, scratchDatabases);
    expect(found).toEqual(expect.arrayContaining([name, ...others]));
    expect(await scratchDatabases()).toEqual([name, ...others].sort());
  });
  for (const name of others) await asked(`DROP DATABASE ${name}`);
  expect(await scratchDatabases()).toEqual([]);
});
