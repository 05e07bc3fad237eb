import { verifyMasterKeys } from '../../crypto/keys/canary.ts';
import type { Deployment } from './deployment.ts';
import { type Finding, finding, notChecked, ok } from './finding.ts';

/** Their length is checked by the configuration; here, that they are those of the database. */
export const masterKeys = async ({ config, query }: Deployment): Promise<Finding> =>
  verifyMasterKeys(query(), config.masterKeys).then(
    () => ok(`${config.masterKeys.length} with 32 bytes, and those of this database`),
    (error: Error) => finding(error.message),
  );

const DAY_MS = 86_400_000;
const OLDEST_DAYS = 400;

/** An age is known of a key whose id begins with its year and month, such as `2026-01`. */
export async function masterKeyAge({ config }: Deployment, now = Date.now()): Promise<Finding> {
  const [current] = config.masterKeys;
  const [, month] = /^(\d{4}-(?:0[1-9]|1[0-2]))(?!\d)/.exec(current?.id ?? '') ?? [];
  if (!month) return notChecked('the id of the first master key does not begin with its year and month');
  const days = Math.floor((now - Date.parse(`${month}-01T00:00:00Z`)) / DAY_MS);
  const detail = `the first master key, ${current?.id}, is ${days} days old`;
  return days > OLDEST_DAYS ? finding(detail) : ok(detail);
}
