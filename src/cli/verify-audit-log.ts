/**
 * `npm run verify-audit-log`: verifies the audit log of the configured database, of another
 * database, or of an exported file, and names the first altered event of each company. Exit code 0:
 * intact; 1: altered; 2: not verified.
 */
import { readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { exportSource } from '../audit/verify/export-source.ts';
import { headsOfReport, report } from '../audit/verify/report.ts';
import { verify, verifyDatabase } from '../audit/verify/verify.ts';
import { postgresUrl } from '../config/variables.ts';
import { readAuditDatabase } from '../config.ts';
import { assertConnects } from '../db/connection/connection.ts';
import { embeddedOwner } from './embedded-owner.ts';

const USAGE = `npm run verify-audit-log                      the database of MIGRATION_DATABASE_URL, DATABASE_URL or DATA_DIR
npm run verify-audit-log -- --database URL    another database, as its owner or a member of bulwark_audit
npm run verify-audit-log -- FILE              an export (JSON Lines); - is standard input
--expect REPORT                               compares the heads in a stored report as well`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { database: { type: 'string' }, expect: { type: 'string' } },
    allowPositionals: true,
  });
  const [file] = positionals;
  if (positionals.length > 1 || (file && values.database))
    throw new Error(`Expected one database or one file.\n${USAGE}`);
  for (const path of [file, values.expect]) if (path) assertNoFolder(path);
  const kept = values.expect === undefined ? undefined : headsOfReport(readFileSync(values.expect, 'utf8'));
  const verification = file
    ? await verify(exportSource(file), kept)
    : await verifyDatabase(await reachable(values.database ?? configuredDatabase()), kept);
  if (file && verification.events === 0 && verification.faults.length === 0)
    throw new Error(`${file} holds no event: nothing was verified.`);
  console.log(report(verification));
  process.exitCode = verification.faults.length > 0 ? 1 : 0;
}

function assertNoFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${path} is a folder; name a file in it.`);
}

async function reachable(url: string): Promise<string> {
  const parsed = postgresUrl.safeParse(url);
  if (!parsed.success) throw new Error(`--database: ${parsed.error.issues[0]?.message}.`);
  await assertConnects('The database of the audit log', parsed.data);
  return parsed.data;
}

function configuredDatabase(): string {
  const { url, dataDir } = readAuditDatabase();
  return url ?? embeddedOwner(dataDir, `name a database or a file.\n${USAGE}`);
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 2;
});
