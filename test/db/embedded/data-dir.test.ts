import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StartupError } from '../../../src/config/startup-error.ts';
import { onDisk } from '../../../src/db/embedded/data-dir.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-dir-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const saidOf = (error: Error) =>
  onDisk(folder, () => Promise.reject(error)).catch((thrown: Error) => thrown.message);
const full = () =>
  `DATA_DIR: the disk of ${folder} is full; free 200 MB there, or choose a folder on another disk.`;
const LOG = 'FATAL:  could not extend file "base/5/2619": No space left on device\n';

describe('a full disk under DATA_DIR', () => {
  test.each([
    'ENOSPC: no space left on device, write',
    'EDQUOT: disk quota exceeded, write',
    'initdb: error: could not create directory "pg_wal": No space left on device',
    'initdb: error: could not write file "postgresql.conf": Disk quota exceeded',
    'error: could not extend file "base/5/2619": wrote only 4096 of 8192 bytes; Check free disk space.',
  ])('is named in one sentence when it is reported as %j [U7]', async (message) => {
    expect(await saidOf(new Error(message))).toBe(full());
  });

  test('is named when only the log of PostgreSQL reports it [U7]', async () => {
    const lost = new Error('Connection terminated unexpectedly');
    expect(await saidOf(lost)).toBe(lost.message);
    await writeFile(join(folder, 'postgres.log'), LOG);
    expect(await saidOf(lost)).toBe(full());
  });

  test('is named when the database lies elsewhere, behind a link, with its log [U7]', async () => {
    await mkdir(join(folder, 'elsewhere/postgres'), { recursive: true });
    await symlink(join(folder, 'elsewhere/postgres'), join(folder, 'postgres'));
    await writeFile(join(folder, 'elsewhere/postgres.log'), LOG);
    expect(await saidOf(new Error('Connection terminated unexpectedly'))).toBe(full());
  });

  test('that an earlier start logged hides no other reason that a start names [U7]', async () => {
    await writeFile(join(folder, 'postgres.log'), LOG);
    const other = new StartupError('DATA_DIR: the database is of PostgreSQL 17.');
    expect(await saidOf(other)).toBe(other.message);
  });
});
