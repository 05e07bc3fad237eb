import { StartupError } from '../../config/startup-error.ts';

const OUT_OF_REACH = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EEXIST'];
const WRONG_PASSWORD = '28P01';

/** Runs work in DATA_DIR. What the folder's state makes fail is a StartupError that names the folder and what to do. */
export async function inDataDir<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const problem = problemOf(folder, error as Error & { code?: string });
    throw problem ? new StartupError(`DATA_DIR: ${problem}.`, { cause: error }) : error;
  }
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
