import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StartupError } from '../../config/startup-error.ts';

const OUT_OF_REACH = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'];
const WRONG_PASSWORD = '28P01';
/** What Node, initdb and PostgreSQL say of a full disk. */
const FULL = /ENOSPC|EDQUOT|No space left on device|Check free disk space|Disk quota exceeded/;

/**
 * Runs work in DATA_DIR. What the folder's state makes fail is a StartupError that names the folder
 * and what to do.
 */
export async function inDataDir<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await onDisk(folder, work);
  } catch (error) {
    const problem = problemOf(folder, error as Error & { code?: string });
    throw problem ? new StartupError(`DATA_DIR: ${problem}.`, { cause: error }) : error;
  }
}

/** Runs work that fills DATA_DIR. What a full disk makes fail is a StartupError that says so. */
export async function onDisk<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(await isOfFullDisk(folder, error as Error))) throw error;
    throw new StartupError(
      `DATA_DIR: the disk of ${folder} is full; free 200 MB there, or choose a folder on another disk.`,
      { cause: error },
    );
  }
}

/** A client of PostgreSQL may see a lost connection alone: PostgreSQL's log says why. */
async function isOfFullDisk(folder: string, error: Error): Promise<boolean> {
  if (FULL.test(error.message)) return true;
  if (error instanceof StartupError) return false;
  const place = join(folder, 'postgres');
  const data = await realpath(place).catch(() => place);
  return FULL.test(await readFile(join(dirname(data), 'postgres.log'), 'utf8').catch(() => ''));
}

function problemOf(folder: string, error: Error & { code?: string }): string | undefined {
  const { code = '' } = error;
  if (OUT_OF_REACH.includes(code))
    return `${folder} cannot be used (${code}); make it a folder that this user can write, or choose another one`;
  if (error instanceof SyntaxError)
    return `secrets.json in ${folder} is not JSON; restore it, or delete the folder to start again`;
  if (code === WRONG_PASSWORD)
    return `secrets.json in ${folder} does not belong to the database beside it; restore it, or delete the folder to start again`;
  return undefined;
}
