/**
 * `npm run purge-expired`: deletes expired rows and unconfirmed enrolments, and prints their number
 * by table. Idempotent.
 */
import { closeServices, openServices } from '../app.ts';
import { StartupError } from '../config/startup-error.ts';
import { readConfig } from '../config.ts';
import { deleteExpired } from '../domain/platform/purge-expired.ts';
import { createLog } from '../http/logger.ts';
import { report } from './failure.ts';
import { wordsOf } from './words.ts';

async function main(): Promise<void> {
  wordsOf('npm run purge-expired', 0);
  const config = readConfig();
  if (config.database.kind !== 'external')
    throw new StartupError('DATABASE_URL: missing; name the database to purge.');
  const { url, platformUrl } = config.database;
  const services = await openServices(config, { app: url, platform: platformUrl ?? null }, createLog(config));
  try {
    console.log(JSON.stringify(await deleteExpired(services)));
  } finally {
    await closeServices(services);
  }
}

await main().catch((error: Error) => {
  process.exitCode = report(error);
});
