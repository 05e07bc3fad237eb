/**
 * `npm run reset`: deletes everything in the database of MIGRATION_DATABASE_URL and migrates it
 * again, after the operator has confirmed it by mail and typed ANNIHILATE.
 */
import { StartupError } from '../../config/startup-error.ts';
import { readMaintenance } from '../../config.ts';
import { resetDatabase, sizeOf } from '../../db/backup/reset.ts';
import { assertDirect } from '../../db/connection/connection.ts';
import { report } from '../failure.ts';
import { wordsOf } from '../words.ts';
import { ask, confirm } from './confirmation.ts';
import { MIGRATIONS, placeOf } from './databases.ts';

const VARIABLE = 'MIGRATION_DATABASE_URL';
const WORD = 'ANNIHILATE';

async function main(): Promise<void> {
  wordsOf('npm run reset', 0);
  const settings = readMaintenance();
  const { ownerUrl: url } = settings;
  if (!url)
    throw new StartupError(`${VARIABLE}: missing; of the embedded database, delete the folder DATA_DIR.`);
  await assertDirect(VARIABLE, url);
  const { tables, megabytes } = await sizeOf(VARIABLE, url);
  console.log(`${placeOf(url)}: ${tables} tables with ${megabytes} MB will be deleted, the audit log too.`);
  await confirm(settings, 'reset', placeOf(url));
  await ask(`Type ${WORD} to delete everything: `, WORD, 1);
  await resetDatabase(VARIABLE, url, MIGRATIONS);
  console.log('Everything was deleted, and the database is migrated. Next: npm run create-admin.');
}

await main().catch((error: Error) => {
  process.exitCode = report(error);
});
