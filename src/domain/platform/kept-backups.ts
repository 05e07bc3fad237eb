import { open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What a drill found. Times are ISO 8601. */
const drillResult = z.object({
  file: z.string(),
  ranAt: z.iso.datetime(),
  /** The data of the backup is as of then: what a restore would recover. */
  recoveryPoint: z.iso.datetime().nullable(),
  /** From the beginning of the restore until the database was verified. */
  recoverySeconds: z.number(),
  rows: z.int(),
  auditEvents: z.int(),
  scopes: z.array(z.object({ scope: z.string(), keys: z.int(), values: z.int() })),
  /** Empty when the backup can be restored. */
  faults: z.array(z.string()),
});
export type Drill = z.infer<typeof drillResult>;

export type KeptBackup = { path: string; takenAt: Date };

const NAME = /-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)([\d.]+Z)\.age$/;
const RESULT = 'restore-drill.json';

/** Returns the newest backup of a folder that is not empty; undefined without one. */
export async function newestBackup(folder: string): Promise<KeptBackup | undefined> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const backups = names.flatMap((name) => {
    const takenAt = instantOf(name);
    return takenAt ? [{ path: join(folder, name), takenAt }] : [];
  });
  for (const backup of backups.sort((a, b) => b.takenAt.getTime() - a.takenAt.getTime()))
    if (await hasContent(backup.path)) return backup;
  return undefined;
}

function instantOf(name: string): Date | undefined {
  const [, year, month, day, hour, minute, second] = NAME.exec(name) ?? [];
  const { data } = z.iso.datetime().safeParse(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
  return data === undefined ? undefined : new Date(data);
}

const hasContent = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile() && found.size > 0,
    () => false,
  );

/** Returns the result of the last drill; undefined without a valid one. */
export async function lastDrill(folder: string): Promise<Drill | undefined> {
  const text = await readFile(join(folder, RESULT), 'utf8').catch(() => '');
  return drillResult.safeParse(jsonOf(text)).data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keeps the result of a drill beside the backups: whole or not at all. */
export async function keepDrill(folder: string, drill: Drill): Promise<void> {
  const path = join(folder, RESULT);
  const file = await open(`${path}.part`, 'w', 0o600);
  await file.writeFile(`${JSON.stringify(drill, null, 2)}\n`);
  await file.sync();
  await file.close();
  await rename(`${path}.part`, path);
}
