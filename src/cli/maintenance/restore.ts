/**
 * `npm run restore -- FILE`: restores a backup into the empty database of MIGRATION_DATABASE_URL,
 * after the operator has confirmed it by mail.
 */

import type { Maintenance } from '../../config/maintenance.ts';
import { StartupError } from '../../config/startup-error.ts';
import { readMaintenance } from '../../config.ts';
import { checkRestore, type Restore, restore } from '../../db/backup/restore.ts';
import { assertDirect } from '../../db/connection/connection.ts';
import { report } from '../failure.ts';
import { wordsOf } from '../words.ts';
import { confirm } from './confirmation.ts';
import { MIGRATIONS, placeOf } from './databases.ts';
import { progressLine } from './progress.ts';

async function main(): Promise<void> {
  const [file = ''] = wordsOf('npm run restore -- FILE', 1);
  const settings = readMaintenance();
  const order = orderOf(settings, file);
  await assertDirect(order.variable, order.url);
  const manifest = await withProgress('verifying', (progress) => checkRestore({ ...order, progress }));
  const target = placeOf(order.url);
  console.log(
    `${file}: the database ${manifest.database} as of ${manifest.takenAt}. It needs the master keys: ${manifest.masterKeys.join(', ') || 'none'}.`,
  );
  console.log(`${target}: this empty database will be filled.`);
  await confirm(settings, 'restore', target);
  await withProgress('restoring', (progress) => restore({ ...order, progress }));
  console.log(
    'Restored, with all rows. Next: npm run migrate, then npm run verify-audit-log, then start the server.',
  );
}

function orderOf({ ownerUrl, identityFile }: Maintenance, file: string): Restore {
  if (!ownerUrl) throw new StartupError('MIGRATION_DATABASE_URL: missing; the owner of an empty database.');
  if (!identityFile)
    throw new StartupError('BACKUP_IDENTITY_FILE: missing; the file that npm run backup-key wrote.');
  return { file, identityFile, variable: 'MIGRATION_DATABASE_URL', url: ownerUrl, migrations: MIGRATIONS };
}

function withProgress<T>(
  step: string,
  work: (progress: (step: string, bytes: number) => void) => Promise<T>,
): Promise<T> {
  const line = progressLine(step);
  return work((_, bytes) => line.tell(bytes)).finally(line.end);
}

await main().catch((error: Error) => {
  process.exitCode = report(error);
});
