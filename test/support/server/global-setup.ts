import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../../src/db/embedded/embedded.ts';
import { migrate } from '../../../src/db/migrations.ts';
import { makeDemo } from './demo.ts';

/** What each test file is told of the PostgreSQL that all of them share. */
export type SharedPostgres = {
  ownerUrl: string;
  /** Migrated and empty. */
  template: string;
  /** The same with the demo in it, sealed under this master key (base64). */
  demo: { template: string; key: string };
  logins: Record<'app' | 'platform', { name: string; password: string }>;
};

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: SharedPostgres;
  }
}

// A crash loses nothing that a test needs.
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  autovacuum: 'off',
};

/**
 * One PostgreSQL for the run, with one migrated template and one that has the demo:
 * TEST_DATABASE_URL (of a superuser), or one that comes with the install.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer();
  try {
    const shared = await prepare(server.url);
    project.provide('postgres', shared);
    return async () => {
      await cleanUp(shared).finally(server.stop);
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  if (process.env.TEST_DATABASE_URL) return { url: process.env.TEST_DATABASE_URL, stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'bulwark-test-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const server = await startEmbedded({ folder, password: crypto.randomUUID(), settings }).catch(
    async (error) => {
      await remove();
      throw error;
    },
  );
  return { url: server.url, stop: () => server.stop().finally(remove) };
}

async function prepare(ownerUrl: string): Promise<SharedPostgres> {
  const run = crypto.randomUUID().slice(0, 8);
  const template = `bulwark_template_${run}`;
  const login = (role: string) => ({ name: `bulwark_test_${role}_${run}`, password: crypto.randomUUID() });
  const logins = { app: login('app'), platform: login('platform') };
  await asOwner(ownerUrl, (db) => db.query(`CREATE DATABASE ${template} ENCODING 'UTF8' TEMPLATE template0`));
  await migrate(databaseUrl(ownerUrl, template), 'prisma/migrations');
  await asOwner(ownerUrl, async (db) => {
    for (const [role, { name, password }] of Object.entries(logins)) {
      await db.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}' IN ROLE bulwark_${role}`);
    }
  });
  return { ownerUrl, template, logins, demo: await prepareDemo(ownerUrl, template, logins) };
}

async function prepareDemo(
  ownerUrl: string,
  from: string,
  { app, platform }: SharedPostgres['logins'],
): Promise<SharedPostgres['demo']> {
  const template = `${from}_demo`;
  await copyDatabase(ownerUrl, from, template);
  const key = randomBytes(32);
  const url = (login: typeof app) => databaseUrl(ownerUrl, template, login);
  await makeDemo({ app: url(app), platform: url(platform) }, key);
  return { template, key: key.toString('base64') };
}

/**
 * Copies a migrated database. A copy lacks what protects a database itself until `protect_database`
 * is called in it.
 */
export async function copyDatabase(ownerUrl: string, from: string, name: string): Promise<void> {
  await asOwner(ownerUrl, (db) => db.query(`CREATE DATABASE ${name} TEMPLATE ${from}`));
  await asOwner(databaseUrl(ownerUrl, name), (db) => db.query('CALL protect_database()'));
}

async function cleanUp({ ownerUrl, template, demo, logins }: SharedPostgres): Promise<void> {
  await asOwner(ownerUrl, async (db) => {
    for (const name of [demo.template, template])
      await db.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    for (const { name } of Object.values(logins)) await db.query(`DROP ROLE IF EXISTS ${name}`);
  });
}

/**
 * So many of the owner's connections at once in a worker: PostgreSQL has a hundred for all of them,
 * and their servers.
 */
const MOST = 8;
let taken = 0;
const waiting: (() => void)[] = [];

async function connection(): Promise<void> {
  if (taken < MOST) taken += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
}
function givenBack(): void {
  const next = waiting.shift();
  if (next) next();
  else taken -= 1;
}

export async function asOwner<T>(url: string, run: (db: pg.Client) => Promise<T>): Promise<T> {
  await connection();
  try {
    return await connected(url, run);
  } finally {
    givenBack();
  }
}

async function connected<T>(url: string, run: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    return await run(db);
  } finally {
    await db.end();
  }
}

export function databaseUrl(
  url: string,
  database: string,
  login?: { name: string; password: string },
): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  if (login) Object.assign(changed, { username: login.name, password: login.password });
  return changed.href;
}
