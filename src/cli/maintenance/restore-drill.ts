/**
 * `npm run restore-drill`: restores the newest backup, or FILE, into a scratch database, compares
 * the rows of each table, verifies the audit log, opens values of each key scope, and removes the
 * database. Exit code 0: the backup can be restored; 1: it cannot, or the drill was ended. The
 * result is kept in BACKUP_DIR/restore-drill.json.
 */
import { verifyDatabase } from '../../audit/verify/verify.ts';
import type { Maintenance } from '../../config/maintenance.ts';
import { StartupError } from '../../config/startup-error.ts';
import { readMaintenance, readMasterKeys } from '../../config.ts';
import { checkRestore, restore } from '../../db/backup/restore.ts';
import { withScratchDatabase } from '../../db/backup/scratch.ts';
import { withAllRows } from '../../db/backup/snapshot.ts';
import { assertConnects } from '../../db/connection/connection.ts';
import { developmentSecrets } from '../../db/embedded/bootstrap.ts';
import { type Drill, keepDrill, newestBackup } from '../../domain/platform/kept-backups.ts';
import { sampleKeys } from '../../domain/platform/key-sample.ts';
import { report } from '../failure.ts';
import { onEndSignals } from '../signals.ts';
import { drillDatabase, MIGRATIONS } from './databases.ts';
import { progressLine } from './progress.ts';

async function main(): Promise<void> {
  const settings = readMaintenance();
  const file = await fileOf(process.argv.slice(2), settings.backupDir);
  const masterKeys = await masterKeysOf(settings);
  const { variable, url } = drillDatabase(settings);
  await assertConnects(variable, url);
  const identityFile = identityOf(settings);
  const drill = await withScratchDatabase({ variable, url, signal: endSignal() }, (scratch) =>
    run({ file, url: scratch, variable, identityFile, masterKeys }),
  );
  await keepDrill(settings.backupDir, drill);
  console.log(inWords(drill));
  process.exitCode = drill.faults.length > 0 ? 1 : 0;
}

function endSignal(): AbortSignal {
  const controller = new AbortController();
  onEndSignals(() => controller.abort(new Error('The drill was ended, and its database is removed.')));
  return controller.signal;
}

type Order = {
  file: string;
  url: string;
  variable: string;
  identityFile: string;
  masterKeys: Maintenance['masterKeys'];
};

async function run({ masterKeys, ...rest }: Order): Promise<Drill> {
  const [ranAt, start] = [new Date().toISOString(), performance.now()];
  const line = progressLine('drill');
  const order = { ...rest, migrations: MIGRATIONS, progress: (_: string, bytes: number) => line.tell(bytes) };
  const found = { file: order.file, ranAt, recoveryPoint: null, rows: 0, auditEvents: 0, scopes: [] };
  const recoverySeconds = () => Math.round((performance.now() - start) / 100) / 10;
  try {
    const { takenAt, counts } = await checkRestore(order);
    await restore(order); // compares the rows of each table
    const audit = await verifyDatabase(order.url);
    const { scopes, faults } = await withAllRows(order.url, (db) =>
      sampleKeys(async (sql, values) => (await db.query(sql, values)).rows, masterKeys),
    );
    const wrong = audit.faults.map(
      ({ company, position, wrong }) => `audit log of ${company} at ${position}: ${wrong}`,
    );
    return {
      ...{ ...found, recoveryPoint: takenAt, recoverySeconds: recoverySeconds() },
      rows: Object.values(counts).reduce((sum, count) => sum + count, 0),
      auditEvents: audit.events,
      scopes,
      faults: [...wrong, ...faults],
    };
  } catch (error) {
    return { ...found, recoverySeconds: recoverySeconds(), faults: [(error as Error).message] };
  } finally {
    line.end();
  }
}

function inWords(drill: Drill): string {
  const { file, rows, auditEvents, scopes, faults, recoveryPoint, recoverySeconds } = drill;
  const sampled = scopes.map(({ scope, keys, values }) => `${scope}: ${keys} keys, ${values} values opened`);
  return [
    file,
    `recovery point  ${recoveryPoint ?? 'none'}`,
    `recovery time   ${recoverySeconds} s`,
    `rows            ${rows}`,
    `audit log       ${auditEvents} events`,
    ...sampled.map((line) => `key scope       ${line}`),
    ...faults.map((fault) => `BAD             ${fault}`),
    faults.length > 0 ? `The backup has ${faults.length} faults.` : 'The backup can be restored.',
  ].join('\n');
}

async function fileOf(words: string[], folder: string): Promise<string> {
  const [file, ...others] = words;
  if (others.length > 0 || file === '' || file?.startsWith('-'))
    throw new StartupError('usage: npm run restore-drill [-- FILE]');
  if (file) return file;
  const newest = await newestBackup(folder);
  if (!newest) throw new StartupError(`BACKUP_DIR: ${folder} holds no backup; run npm run backup first.`);
  return newest.path;
}

function identityOf({ identityFile }: Maintenance): string {
  if (identityFile) return identityFile;
  throw new StartupError('BACKUP_IDENTITY_FILE: missing; the file that npm run backup-key wrote.');
}

/** Of a development database the server made the keys itself. */
async function masterKeysOf({
  masterKeys,
  ownerUrl,
  dataDir,
}: Maintenance): Promise<Maintenance['masterKeys']> {
  if (masterKeys.length > 0) return masterKeys;
  if (ownerUrl) throw new StartupError('MASTER_KEYS: missing; the drill opens values of each key scope.');
  return readMasterKeys((await developmentSecrets(dataDir)).masterKeys);
}

await main().catch((error: Error) => {
  process.exit(report(error)); // a drill that was ended leaves work behind
});
