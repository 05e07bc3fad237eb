/** `npm run migrate`: applies pending migrations to the database of MIGRATION_DATABASE_URL. */
import { join } from 'node:path';
import { readMigrationUrl } from '../config.ts';
import { assertConnects } from '../db/connection/connection.ts';
import { migrate } from '../db/migrations.ts';
import { report } from './failure.ts';
import { wordsOf } from './words.ts';

try {
  wordsOf('npm run migrate', 0);
  const url = readMigrationUrl();
  await assertConnects('MIGRATION_DATABASE_URL', url);
  const applied = await migrate(url, join(import.meta.dirname, '../../prisma/migrations'));
  console.log(
    applied.length > 0 ? `applied ${applied.join(', ')}` : 'nothing to do: the database is up to date',
  );
} catch (error) {
  process.exitCode = report(error as Error);
}
