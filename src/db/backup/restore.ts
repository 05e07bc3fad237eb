import type pg from 'pg';
import { StartupError } from '../../config/startup-error.ts';
import { migrateBy } from '../migrations.ts';
import { copyIn } from './copy-in.ts';
import { type Opened, openEncrypted, verifyEncrypted } from './encrypted-file.ts';
import type { Manifest } from './manifest.ts';
import { load } from './postgres-programs.ts';
import { connected, countRows, differences, withAllRows } from './snapshot.ts';
import { alone, assertKnown, assertRestorable, emptyDatabase } from './target.ts';

export type Restore = {
  file: string;
  identityFile: string;
  /** Names the connection in messages. */
  variable: string;
  url: string;
  /** The folder of this version's migrations. */
  migrations: string;
  progress?: (step: string, bytes: number) => void;
};

/**
 * Checks the whole backup and the database, and changes nothing.
 * @throws {StartupError} that names the first problem
 */
export async function checkRestore(order: Restore): Promise<Manifest> {
  const { file, identityFile, variable, url, migrations, progress } = order;
  const manifest = await verifyEncrypted(file, identityFile, (bytes) => progress?.('verifying', bytes));
  await assertKnown(file, manifest, migrations);
  await connected(url, (db) => assertRestorable(variable, db, manifest));
  return manifest;
}

/**
 * Restores a backup that was checked, and compares the number of rows of each table. When it fails,
 * the database is empty again.
 * @throws {StartupError} for a file or a database that changed since it was checked, before it
 * changes anything
 */
export async function restore(order: Restore): Promise<void> {
  const { file, identityFile, variable, url, migrations } = order;
  const backup = await openEncrypted(file, identityFile);
  await assertKnown(file, backup.manifest, migrations);
  await alone(variable, url, async (db) => {
    await assertRestorable(variable, db, backup.manifest);
    await fillOrEmpty(order, db, backup);
  });
}

/** Empties the database after a failure, unless this restore has put nothing there. */
async function fillOrEmpty(order: Restore, db: pg.Client, { manifest, content }: Opened): Promise<void> {
  let filled = manifest.content === 'copy';
  try {
    if (manifest.content === 'pg_dump')
      await restoreArchive(order, db, content.rest(), () => {
        filled = true;
      });
    else await restoreTables(order, db, { manifest, content });
    const wrong = differences(manifest.counts, await withAllRows(order.url, countRows));
    if (wrong.length > 0) throw new StartupError(`The restored rows differ: ${wrong.join('; ')}.`);
  } catch (error) {
    if (filled)
      await emptyDatabase(db).catch((cause) => {
        const { message } = error as Error;
        throw new StartupError(`${message} The database could not be emptied; drop it.`, { cause });
      });
    throw error;
  }
}

async function restoreTables(order: Restore, db: pg.Client, { manifest, content }: Opened): Promise<void> {
  const own = new Set(manifest.migrations.map(({ name }) => name));
  await migrateBy(db, order.migrations, (name) => own.has(name));
  await connected(order.url, (filling) => copyIn(filling, content));
}

const ROLES = ['bulwark_app', 'bulwark_platform', 'bulwark_identity', 'bulwark_audit'];
/** Their owners must be able to create what an archive gives to them. */
const OWNERS = ['bulwark_identity', 'bulwark_audit'];

/**
 * An archive holds no roles, no right on the database itself, and needs rights that migrations take
 * and give back.
 * @param filled is called after the archive's one transaction: before, nothing of it is there
 */
async function restoreArchive(
  { url, progress }: Restore,
  db: pg.Client,
  archive: AsyncIterable<Uint8Array>,
  filled: () => void,
): Promise<void> {
  for (const role of ROLES) await db.query(createRole(role));
  const lacked = await lackedRoles(db);
  for (const role of lacked) await db.query(`GRANT ${role} TO CURRENT_USER`);
  await db.query(`GRANT CREATE ON SCHEMA public TO ${OWNERS.join()}`);
  try {
    await load(
      url,
      counted(archive, (bytes) => progress?.('restoring', bytes)),
    );
    filled();
  } finally {
    await db.query(`REVOKE CREATE ON SCHEMA public FROM ${OWNERS.join()}`);
    // the owner keeps bulwark_audit in order to verify the log
    for (const role of lacked.filter((one) => one !== 'bulwark_audit'))
      await db.query(`REVOKE ${role} FROM CURRENT_USER`);
  }
  await db.query('CALL protect_database()');
}

const createRole = (role: string) => `DO $$ BEGIN
  IF to_regrole('${role}') IS NULL THEN CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB; END IF;
END $$`;

async function lackedRoles(db: pg.Client): Promise<string[]> {
  const { rows } = await db.query<{ role: string }>(
    `SELECT role FROM unnest($1::text[]) AS role WHERE NOT pg_has_role(current_user, role,
      CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)`,
    [OWNERS],
  );
  return rows.map(({ role }) => role);
}

async function* counted(source: AsyncIterable<Uint8Array>, tell: (bytes: number) => void) {
  let done = 0;
  for await (const part of source) {
    done += part.length;
    tell(done);
    yield part;
  }
}
