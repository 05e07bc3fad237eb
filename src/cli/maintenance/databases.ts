import { join } from 'node:path';
import type { Maintenance } from '../../config/maintenance.ts';
import { embeddedOwner } from '../embedded-owner.ts';

/** This version's migrations. */
export const MIGRATIONS = join(import.meta.dirname, '../../../prisma/migrations');

/** A connection, and the variable that messages name it by. */
export type Database = { variable: string; url: string };

/** Returns the address and the name of a database, as `host:port/name`. */
export function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** The connection that a backup reads by. */
export function backupDatabase({ backupUrl, ownerUrl, dataDir }: Maintenance): Database {
  if (backupUrl) return { variable: 'BACKUP_DATABASE_URL', url: backupUrl };
  return ownerDatabase({ ownerUrl, dataDir });
}

export function ownerDatabase({
  ownerUrl,
  dataDir,
}: Pick<Maintenance, 'dataDir'> & { ownerUrl?: string | undefined }): Database {
  if (ownerUrl) return { variable: 'MIGRATION_DATABASE_URL', url: ownerUrl };
  return { variable: 'DATA_DIR', url: embeddedOwner(dataDir, 'set MIGRATION_DATABASE_URL.') };
}

/** The connection that creates the scratch database of a drill. */
export function drillDatabase({ drillUrl, ownerUrl, dataDir }: Maintenance): Database {
  return drillUrl ? { variable: 'DRILL_DATABASE_URL', url: drillUrl } : ownerDatabase({ ownerUrl, dataDir });
}
