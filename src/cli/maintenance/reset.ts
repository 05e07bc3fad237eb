/**
 * `npm run reset`: deletes everything in the database of MIGRATION_DATABASE_URL and migrates it
 * again, after the operator has confirmed it by mail and typed ANNIHILATE.
 */
import { StartupError } from '../../config/startup-error.ts';
import { readMaintenance } from '../../config.ts';
import { resetDatabase, sizeOf } from '../../db/backup/reset.ts';
import { assertConnects } from '../../db/connection/connection.ts';
import { report } from '../failure.ts';
import { wordsOf } from '../words.ts';
import { ask, confirm } from './confirmation.ts';
import { MIGRATIONS } from './databases.ts';

const WORD = 'ANNIHILATE';

async function main(): Promise<void> {
  wordsOf('npm run reset', 0);
  const settings = readMaintenance();
  const { ownerUrl: url } = settings;
  if (!url)
    throw new StartupError(
      'MIGRATION_DATABASE_URL: missing; of the embedded database, delete the folder DATA_DIR.',
    );
  await assertConnects('MIGRATION_DATABASE_URL', url);
  const { host, pathname } = new URL(url);
  const { tables, megabytes, others } = await sizeOf(url);
  if (others > 0)
    throw new StartupError(
      `MIGRATION_DATABASE_URL: ${others} other connections use the database; stop every server first.`,
    );
  console.log(
    `${host}${pathname}: ${tables} tables with ${megabytes} MB will be deleted, the audit log too.`,
  );
  await confirm(settings, 'reset', `${host}${pathname}`);
  await ask(`Type ${WORD} to delete everything: `, WORD, 1);
  await resetDatabase(url, MIGRATIONS);
  console.log('Everything was deleted, and the database is migrated. Next: npm run create-admin.');
}

await main().catch((error: Error) => {
  process.exitCode = report(error);
});
