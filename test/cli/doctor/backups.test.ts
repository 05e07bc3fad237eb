import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backups, judgeBackups } from '../../../src/cli/doctor/backups.ts';
import { type Drill, keepDrill, lastDrill, newestBackup } from '../../../src/domain/platform/kept-backups.ts';

const HOUR = 3_600_000;
const now = Date.parse('2026-06-30T12:00:00Z');
const ago = (hours: number) => new Date(now - hours * HOUR);
const drill = (hours: number, faults: string[] = []): Drill => ({
  ...{ file: 'a.age', ranAt: ago(hours).toISOString(), recoveryPoint: null, recoverySeconds: 3 },
  ...{ rows: 1, auditEvents: 1, scopes: [], faults },
});

test.each([
  [26, drill(190), 'ok', 'backup 26 hours old, last drill restored it in 3 s'],
  [27, drill(1), 'finding', 'the newest backup is 27 hours old'],
  [Number.NaN, drill(1), 'finding', 'the newest backup is NaN hours old'],
  [-2, drill(1), 'finding', 'the newest backup is -2 hours old'],
  [1, undefined, 'finding', 'no restore drill has left a valid result'],
  [1, { ...drill(1), ranAt: '2026-99-01' }, 'finding', 'the last drill ran NaN hours ago'],
  [1, drill(-2), 'finding', 'the last drill ran -2 hours ago'],
  [1, drill(193), 'finding', 'the last drill ran 193 hours ago'],
  [1, drill(1, ['2 rows instead of 3']), 'finding', 'the last drill failed: 2 rows instead of 3'],
])(
  '[N6] doctor, with a backup of %d hours ago and the drill %j, says %s: %s',
  (hours, last, state, detail) => {
    expect(judgeBackups({ path: 'a.age', takenAt: ago(hours) }, last, now)).toEqual({ state, detail });
  },
);

test('[N6] doctor reads the newest backup by its time, and the kept drill, from BACKUP_DIR', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kept-'));
  expect(await backups(folder)).toMatchObject({ state: 'notChecked' });
  for (const name of [
    'b-20260629T120000.000Z.age',
    'a-20260630T110000.000Z.age',
    'a-20260630T110000.000Z.age.sha256',
    'x.age',
  ])
    writeFileSync(join(folder, name), 'content');
  expect(await newestBackup(folder)).toEqual({
    path: join(folder, 'a-20260630T110000.000Z.age'),
    takenAt: ago(1),
  });
  await keepDrill(folder, drill(1, ['altered']));
  expect(await backups(folder)).toMatchObject({
    state: 'finding',
    detail: expect.stringContaining('the last drill failed: altered'),
  });
  rmSync(folder, { recursive: true });
});

test('[N6] doctor takes neither an empty file nor one of an impossible date for a backup', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kept-'));
  for (const name of ['a-20269901T120000.000Z.age', 'a-20260231T120000.000Z.age'])
    writeFileSync(join(folder, name), 'content');
  writeFileSync(join(folder, 'a-20260630T120000.000Z.age'), '');
  expect(await newestBackup(folder)).toBeUndefined();
  const older = join(folder, 'a-20260630T110000.000Z.age');
  writeFileSync(older, 'content');
  expect(await newestBackup(folder)).toEqual({ path: older, takenAt: ago(1) });
  rmSync(folder, { recursive: true });
});

test.each(['{}', '', 'null', JSON.stringify({ ...drill(1), ranAt: 'today' })])(
  '[N6] doctor takes %j for no result of a drill',
  async (text) => {
    const folder = mkdtempSync(join(tmpdir(), 'kept-'));
    writeFileSync(join(folder, 'restore-drill.json'), text);
    expect(await lastDrill(folder)).toBeUndefined();
    await keepDrill(folder, drill(1));
    expect(await lastDrill(folder)).toEqual(drill(1));
    rmSync(folder, { recursive: true });
  },
);
