import { afterAll, beforeAll, expect, test } from 'vitest';
import { countRows } from '../../src/db/backup/snapshot.ts';
import { mailedCode, makeSafe, type Safe, Terminal } from '../support/backup.ts';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';
import { asOwner } from '../support/server/global-setup.ts';
import { runProgram } from '../support/server/program.ts';

let database: FreshDatabase;
let safe: Safe;
const environment = () => ({
  ...safe.environment,
  MIGRATION_DATABASE_URL: database.ownerUrl,
  OPERATOR_EMAIL: 'ops@example.com',
});
const rows = () => asOwner(database.ownerUrl, countRows);

beforeAll(async () => {
  database = await freshDatabase('demo');
  safe = await makeSafe();
});
afterAll(async () => {
  await database.drop();
  safe.remove();
});

test('[K5] a reset without a terminal is refused and deletes nothing', async () => {
  const before = await rows();
  const { code, error } = await runProgram('reset', { environment: environment() });
  expect([code, error]).toEqual([
    78,
    'A reset is confirmed on a terminal, and this is none: nothing was changed.\n',
  ]);
  expect(await rows()).toEqual(before);
});

test('[K5] a reset while a server is connected is refused and deletes nothing', async () => {
  const before = await rows();
  const error = await asOwner(
    database.appUrl,
    async () => (await runProgram('reset', { environment: environment() })).error,
  );
  expect(error).toBe(
    'MIGRATION_DATABASE_URL: 1 other connections use the database; stop every server first.\n',
  );
  expect(await rows()).toEqual(before);
});

test.each(['annihilate', 'yes', 'ANNIHILATE!'])(
  '[K5] a reset with the mailed code and %s deletes nothing',
  async (word) => {
    const before = await rows();
    const terminal = new Terminal('reset', environment());
    await terminal.answer(/mailed to/, () => mailedCode(safe.folder));
    await terminal.answer(/Type ANNIHILATE/, word);
    expect([await terminal.ended(), terminal.output]).toEqual([
      78,
      expect.stringContaining('nothing was changed'),
    ]);
    expect(await rows()).toEqual(before);
  },
);

test('[K5] a reset is refused and deletes nothing when a server connects while the operator is asked', async () => {
  const before = await rows();
  const terminal = new Terminal('reset', environment());
  await terminal.answer(/mailed to/, () => mailedCode(safe.folder));
  await asOwner(database.appUrl, async () => {
    await terminal.answer(/Type ANNIHILATE/, 'ANNIHILATE');
    expect([await terminal.ended(), terminal.output]).toEqual([
      78,
      expect.stringContaining('1 other connections use the database; stop every server first.'),
    ]);
  });
  expect(await rows()).toEqual(before);
});

test('[K5] a reset with the mailed code and ANNIHILATE leaves a migrated database without data', async () => {
  const terminal = new Terminal('reset', environment());
  await terminal.answer(/mailed to/, () => mailedCode(safe.folder));
  await terminal.answer(/Type ANNIHILATE/, 'ANNIHILATE');
  expect([await terminal.ended(), terminal.output]).toEqual([
    0,
    expect.stringContaining('Everything was deleted'),
  ]);
  const migrated = await freshDatabase();
  expect(await rows()).toEqual(await asOwner(migrated.ownerUrl, countRows));
  await migrated.drop();
});
