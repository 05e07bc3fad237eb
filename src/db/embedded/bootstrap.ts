import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { StartupError } from '../../config/startup-error.ts';
import { migrate } from '../migrations.ts';
import { inDataDir, onDisk } from './data-dir.ts';
import { type Embedded, startEmbedded } from './embedded.ts';

const DATABASE = 'bulwark';
const LOGINS = {
  app: { name: 'bulwark_server', group: 'bulwark_app' },
  platform: { name: 'bulwark_lister', group: 'bulwark_platform' },
} as const;

/** Connection strings by role: the owner migrates, `app` serves, `platform` lists companies. */
export type Connections = { owner: string; app: string; platform: string };

/**
 * What development makes for itself and keeps, as text: passwords (`demo`: of the demo accounts),
 * and the master key in the form of MASTER_KEYS.
 */
export type Secrets = { owner: string; app: string; platform: string; masterKeys: string; demo: string };

/** Reads DATA_DIR/secrets.json, or makes it. Its values never change: data depends on them. */
export const developmentSecrets = (folder: string): Promise<Secrets> =>
  inDataDir(folder, () => readSecrets(folder));

async function readSecrets(folder: string): Promise<Secrets> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'secrets.json');
  const text = await readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text !== undefined) return JSON.parse(text);
  const secrets = {
    owner: random('base64url'),
    app: random('base64url'),
    platform: random('base64url'),
    masterKeys: `dev:${random('base64')}`,
    demo: `Demo-${random('base64url').slice(0, 12)}-1`,
  };
  await writePrivate(path, secrets);
  return secrets;
}

/**
 * A development database: started, migrated, with logins, and described in
 * DATA_DIR/connections.json.
 */
export const bootstrap = (
  folder: string,
  migrations: string,
  progress: Progress = () => {},
): Promise<Development> => inDataDir(folder, () => startDevelopment(folder, migrations, progress));

type Development = { postgres: Embedded; connections: Connections; applied: string[] };

/** Hears what takes seconds, before it begins. */
export type Progress = (step: string) => void;

async function startDevelopment(
  folder: string,
  migrations: string,
  progress: Progress,
): Promise<Development> {
  const secrets = await developmentSecrets(folder);
  const postgres = await startEmbedded({ folder, password: secrets.owner, progress });
  try {
    const connections = connectionsOf(postgres.url, secrets);
    await createDatabase(postgres.url, await exists(unfinishedDemo(folder)));
    const applied = await migrateOrExplain(folder, connections.owner, migrations);
    if (applied.length > 0) progress(`applied ${applied.length} migrations`);
    await createLogins(connections.owner, secrets);
    await writePrivate(join(folder, 'connections.json'), connections);
    return { postgres, connections, applied };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

const migrateOrExplain = (folder: string, url: string, migrations: string): Promise<string[]> =>
  migrate(url, migrations).catch((error) => {
    if (!(error instanceof StartupError)) throw error;
    throw new StartupError(
      `DATA_DIR: the database in ${folder} comes from another version (${error.message}); delete the folder to start again, or choose another one.`,
    );
  });

/**
 * Makes the demo data once a folder and describes it in DATA_DIR/demo.json. A start that was killed
 * meanwhile leaves a mark, and the next one begins with an empty database.
 */
export const demoOnce = <T>(folder: string, make: () => Promise<T[]>): Promise<T[]> =>
  onDisk(folder, () => readOrMakeDemo(folder, make));

async function readOrMakeDemo<T>(folder: string, make: () => Promise<T[]>): Promise<T[]> {
  const path = join(folder, 'demo.json');
  if ((await exists(path)) && !(await exists(unfinishedDemo(folder))))
    return JSON.parse(await readFile(path, 'utf8')).accounts;
  await writePrivate(unfinishedDemo(folder), {});
  const accounts = await make();
  await writePrivate(path, { accounts });
  await rm(unfinishedDemo(folder));
  return accounts;
}

const unfinishedDemo = (folder: string) => join(folder, 'demo.unfinished');
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

function connectionsOf(url: string, secrets: Secrets): Connections {
  const to = (login?: { username: string; password: string }) =>
    Object.assign(new URL(url), { pathname: `/${DATABASE}`, ...login }).href;
  return {
    owner: to(),
    app: to({ username: LOGINS.app.name, password: secrets.app }),
    platform: to({ username: LOGINS.platform.name, password: secrets.platform }),
  };
}

async function createDatabase(url: string, recreate: boolean): Promise<void> {
  await withClient(url, async (db) => {
    if (recreate) await db.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
    const { rowCount } = await db.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (!rowCount) await db.query(`CREATE DATABASE ${DATABASE}`);
  });
}

async function createLogins(url: string, secrets: Secrets): Promise<void> {
  await withClient(url, async (db) => {
    for (const role of ['app', 'platform'] as const) {
      const { name, group } = LOGINS[role];
      const { rowCount } = await db.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
      const password = db.escapeLiteral(secrets[role]);
      if (!rowCount) await db.query(`CREATE ROLE ${name} LOGIN PASSWORD ${password} IN ROLE ${group}`);
    }
  });
}

async function withClient(url: string, run: (db: pg.Client) => Promise<void>): Promise<void> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await run(db);
  } finally {
    await db.end();
  }
}

const random = (encoding: 'base64' | 'base64url') =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString(encoding);

/** Whole or not at all, and readable by its owner only. */
async function writePrivate(path: string, content: object): Promise<void> {
  const file = await open(`${path}.${process.pid}`, 'w', 0o600);
  await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
  await file.sync();
  await file.close();
  await rename(`${path}.${process.pid}`, path);
}
