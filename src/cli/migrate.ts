/** `npm run migrate`: applies pending migrations to the database of MIGRATION_DATABASE_URL. */
import { join } from 'node:path';
import { ConfigError, EXIT_CONFIG } from '../config/startup-error.ts';
import { readMigrationUrl } from '../config.ts';
import { migrate } from '../db/migrations.ts';

try {
  const applied = await migrate(readMigrationUrl(), join(import.meta.dirname, '../../prisma/migrations'));
  console.log(
    applied.length > 0 ? `applied ${applied.join(', ')}` : 'nothing to do: the database is up to date',
  );
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
}
