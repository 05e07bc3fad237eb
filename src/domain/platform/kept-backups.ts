import { open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeySample } from './key-sample.ts';

/** What a drill found. Times are ISO 8601. */
export type Drill = {
  file: string;
  ranAt: string;
  /** The data of the backup is as of then: what a restore would recover. */
  recoveryPoint: string | null;
  /** From the beginning of the restore until the database was verified. */
  recoverySeconds: number;
  rows: number;
  auditEvents: number;
  scopes: KeySample['scopes'];
  /** Empty when the backup can be restored. */
  faults: string[];
};

export type KeptBackup = { path: string; takenAt: Date };

const NAME = /-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)([\d.]+Z)\.age$/;
const RESULT = 'restore-drill.json';

/** Returns the newest backup of a folder; undefined without one. */
export async function newestBackup(folder: string): Promise<KeptBackup | undefined> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names
    .flatMap((name) => {
      const [, year, month, day, hour, minute, second] = NAME.exec(name) ?? [];
      const takenAt = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
      return year ? [{ path: join(folder, name), takenAt }] : [];
    })
    .sort((a, b) => a.takenAt.getTime() - b.takenAt.getTime())
    .at(-1);
}

/** Returns the result of the last drill; undefined without one. */
export const lastDrill = (folder: string): Promise<Drill | undefined> =>
  readFile(join(folder, RESULT), 'utf8').then(
    (text) => JSON.parse(text) as Drill,
    () => undefined,
  );

/** Keeps the result of a drill beside the backups: whole or not at all. */
export async function keepDrill(folder: string, drill: Drill): Promise<void> {
  const path = join(folder, RESULT);
  const file = await open(`${path}.part`, 'w', 0o600);
  await file.writeFile(`${JSON.stringify(drill, null, 2)}\n`);
  await file.sync();
  await file.close();
  await rename(`${path}.part`, path);
}
