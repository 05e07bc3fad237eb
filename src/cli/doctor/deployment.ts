import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, readMasterKeys } from '../../config.ts';
import { developmentSecrets } from '../../db/embedded/bootstrap.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import { TenantPool } from '../../db/tenant/pool.ts';

/**
 * What the checks look at: the configuration, the database by the server's own role, and
 * PUBLIC_URL.
 */
export type Deployment = {
  config: Config;
  /** The connection string of the server's role. */
  url: string;
  /** A statement as the server sends it, in a company's context. */
  query: (companyId?: string | null) => Query;
  /** The lister's connection; null without PLATFORM_DATABASE_URL. */
  platform: Query | null;
  /** Requests a path of PUBLIC_URL as a client does. */
  request: (path: string, init?: RequestInit) => Promise<Response>;
  close: () => Promise<void>;
};

const REQUEST_MS = 10_000;

/** Connects lazily: a database that cannot be reached is what a check finds. */
export async function openDeployment(given: Config): Promise<Deployment> {
  const { config, app, platform } = await connectionsOf(given);
  const ways = { max: 2, requestTimeout: config.requestTimeout, pooler: config.databasePooler };
  const pool = new TenantPool({ connectionString: app, ...ways });
  const lister = platform ? new TenantPool({ connectionString: platform, ...ways }) : null;
  return {
    config,
    url: app,
    query: (companyId = null) => queryAs(pool, { companyId, userId: null }),
    platform: lister && queryAs(lister, { companyId: null, userId: null }),
    request: (path, init) =>
      fetch(new URL(path, `${config.publicUrl}/`), {
        redirect: 'manual',
        signal: AbortSignal.timeout(REQUEST_MS),
        ...init,
      }),
    close: async () => void (await Promise.all([pool.end(), lister?.end()])),
  };
}

type Opened = { config: Config; app: string; platform: string | null };

/** Development keeps its connections and its master key in DATA_DIR. */
async function connectionsOf(config: Config): Promise<Opened> {
  const { database, dataDir } = config;
  const masterKeys =
    config.masterKeys.length > 0
      ? config.masterKeys
      : readMasterKeys((await developmentSecrets(dataDir)).masterKeys);
  if (database.kind === 'external')
    return { config: { ...config, masterKeys }, app: database.url, platform: database.platformUrl ?? null };
  const path = join(dataDir, 'connections.json');
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new Error(`${path} not found: start the server, and run this beside it.`, { cause });
  });
  const { app, platform } = JSON.parse(text) as { app: string; platform: string };
  return { config: { ...config, masterKeys }, app, platform };
}
