/**
 * `npm run backup`: writes an encrypted backup of the whole database to BACKUP_DIR, as of one
 * instant, while the server runs.
 */
import { StartupError } from '../../config/startup-error.ts';
import { readMaintenance } from '../../config.ts';
import { takeBackup } from '../../db/backup/take.ts';
import { assertConnects } from '../../db/connection/connection.ts';
import { report } from '../failure.ts';
import { onEndSignals } from '../signals.ts';
import { wordsOf } from '../words.ts';
import { backupDatabase } from './databases.ts';
import { progressLine } from './progress.ts';

const MB = 1_000_000;

async function main(): Promise<void> {
  wordsOf('npm run backup', 0);
  const settings = readMaintenance();
  const { recipients, backupDir: folder } = settings;
  if (recipients.length === 0)
    throw new StartupError(
      'BACKUP_RECIPIENT: missing; make a key with npm run backup-key -- FILE, and set the recipient that it prints.',
    );
  const database = backupDatabase(settings);
  await assertConnects(database.variable, database.url);
  const start = performance.now();
  onEndSignals(() => process.exit(1)); // removes the incomplete file
  const line = progressLine('backup');
  const { path, bytes, manifest } = await takeBackup({
    ...database,
    recipients,
    folder,
    progress: line.tell,
  }).finally(line.end);
  const rows = Object.values(manifest.counts).reduce((sum, count) => sum + count, 0);
  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  console.log(path);
  console.log(
    `${rows} rows in ${Object.keys(manifest.counts).length} tables as of ${manifest.takenAt}, by ${manifest.content}; ${(bytes / MB).toFixed(1)} MB in ${seconds} s. It needs the master keys: ${manifest.masterKeys.join(', ') || 'none'}.`,
  );
}

await main().catch((error: Error) => {
  process.exitCode = report(error);
});
