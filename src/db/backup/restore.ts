import type pg from 'pg';
import { StartupError } from '../../config/startup-error.ts';
import { migrate } from '../migrations.ts';
import { copyIn } from './copy-in.ts';
import { openEncrypted, verifyEncrypted } from './encrypted-file.ts';
import type { Manifest } from './manifest.ts';
import { load } from './postgres-programs.ts';
import { connected, countRows, differences, withAllRows } from './snapshot.ts';
import { assertKnown, assertRestorable, emptyDatabase } from './target.ts';

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
 */
export async function restore(order: Restore): Promise<void> {
  try {
    const { manifest, content } = await openEncrypted(order.file, order.identityFile);
    if (manifest.content === 'pg_dump') await restoreArchive(order, content.rest());
    else {
      const own = new Set(manifest.migrations.map(({ name }) => name));
      await migrate(order.url, order.migrations, (name) => own.has(name));
      await connected(order.url, (db) => copyIn(db, content));
    }
    const wrong = differences(manifest.counts, await withAllRows(order.url, countRows));
    if (wrong.length > 0) throw new StartupError(`The restored rows differ: ${wrong.join('; ')}.`);
  } catch (error) {
    await connected(order.url, emptyDatabase).catch((cause) => {
      const { message } = error as Error;
      throw new StartupError(`${message} The database could not be emptied; drop it.`, { cause });
    });
    throw error;
  }
}

const ROLES = ['bulwark_app', 'bulwark_platform', 'bulwark_identity', 'bulwark_audit'];
/** Their owners must be able to create what an archive gives to them. */
const OWNERS = ['bulwark_identity', 'bulwark_audit'];

/**
 * An archive holds no roles, no right on the database itself, and needs rights that migrations take
 * and give back.
 */
async function restoreArchive({ url, progress }: Restore, archive: AsyncIterable<Uint8Array>): Promise<void> {
  await connected(url, async (db) => {
    for (const role of ROLES) await db.query(createRole(role));
    const lacked = await lackedRoles(db);
    for (const role of lacked) await db.query(`GRANT ${role} TO CURRENT_USER`);
    await db.query(`GRANT CREATE ON SCHEMA public TO ${OWNERS.join()}`);
    try {
      await load(
        url,
        counted(archive, (bytes) => progress?.('restoring', bytes)),
      );
    } finally {
      await db.query(`REVOKE CREATE ON SCHEMA public FROM ${OWNERS.join()}`);
      // the owner keeps bulwark_audit in order to verify the log
      for (const role of lacked.filter((one) => one !== 'bulwark_audit'))
        await db.query(`REVOKE ${role} FROM CURRENT_USER`);
    }
    await db.query('CALL protect_database()');
  });
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
