/**
 * `npm run verify-audit-log`: verifies the audit log of the configured database, of another database, or of an exported file, and names
 * the first altered event of each company. Exit code 0: intact; 1: altered; 2: not verified.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { linksOfFile } from '../audit/verify/sources.ts';
import { report, verifyDatabase, verifyLinks } from '../audit/verify/verify.ts';
import { readAuditDatabase } from '../config.ts';
import { assertConnects } from '../db/startup/connection.ts';

const USAGE = `npm run verify-audit-log                      the database of MIGRATION_DATABASE_URL, DATABASE_URL or DATA_DIR
npm run verify-audit-log -- --database URL    another database, as its owner or a member of bulwark_audit
npm run verify-audit-log -- FILE              an export (JSON Lines); - is standard input`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { database: { type: 'string' } },
    allowPositionals: true,
  });
  const [file] = positionals;
  if (positionals.length > 1 || (file && values.database))
    throw new Error(`Expected one database or one file.\n${USAGE}`);
  const verification = file
    ? await verifyLinks(linksOfFile(file))
    : await verifyDatabase(await reachable(values.database ?? configuredDatabase()));
  console.log(report(verification));
  process.exitCode = verification.faults.length > 0 ? 1 : 0;
}

async function reachable(url: string): Promise<string> {
  await assertConnects('The database of the audit log', url);
  return url;
}

function configuredDatabase(): string {
  const { url, dataDir } = readAuditDatabase();
  if (url) return url;
  const path = join(dataDir, 'connections.json');
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { owner: string }).owner;
  } catch (cause) {
    throw new Error(`${path} not found. Start the server once, or name a database or a file.\n${USAGE}`, {
      cause,
    });
  }
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 2;
});
