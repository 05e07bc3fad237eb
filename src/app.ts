import { join } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { wholeIdentities } from './auth/identity-version/identities.ts';
import { identityVersions } from './auth/identity-version/identity-versions.ts';
import type { AttemptStore } from './auth/lockout/limits.ts';
import { openPostgresAttempts } from './auth/lockout/postgres-store.ts';
import { openRedisAttempts } from './auth/lockout/redis-store.ts';
import { openSigningKeys } from './auth/secrets/signing-keys.ts';
import type { Config } from './config.ts';
import { cachedContext, createContext } from './context.ts';
import { verifyMasterKeys } from './crypto/keys/canary.ts';
import { openKeyring } from './crypto/keys/keyring.ts';
import { openClient } from './db/client.ts';
import { clockWatch } from './db/clock.ts';
import { assertMigrated, pendingMigrations } from './db/migrations.ts';
import { queryAs } from './db/sql.ts';
import { verifyDatabase } from './db/startup/checks.ts';
import { assertConnects } from './db/startup/connection.ts';
import { TenantPool } from './db/tenant/pool.ts';
import { inTime, withDeadline, withoutDeadline } from './deadline.ts';
import { administratorTabs, demoTabs } from './graphql/graphiql-tabs.ts';
import { openPrefetch } from './graphql/prefetch/prefetch.ts';
import { openQueryPlan } from './graphql/query-plan/query-plan.ts';
import { keySetRoute } from './http/jwks.ts';
import { type DemoLogin, devPages } from './http/pages/dev-pages.ts';
import { buildServer } from './http/server.ts';
import { openMailer } from './notifications/mailer.ts';
import { buildSchema } from './schema/index.ts';
import { publicFieldsOf } from './schema/policy/policy-map.ts';
import { selfRights } from './schema/policy/self-rights.ts';
import type { Services } from './services.ts';
import { newUses, type Shortcuts } from './shortcuts.ts';

/** Connection strings of the server's roles, from the configuration or the embedded database. */
export type Connections = { app: string; platform: string | null };

const MIGRATIONS = join(import.meta.dirname, '../prisma/migrations');
/** Connections of the server role, shared by Prisma and direct statements. */
const POOL_SIZE = 10;
const ANONYMOUS = { companyId: null, userId: null };

/** Opens the database and verifies it and the master keys before anything is served. */
export async function openServices(
  config: Config,
  connections: Connections,
  log: Logger,
  shortcuts: Shortcuts = {},
): Promise<Services> {
  const open = (url: string, max: number) =>
    new TenantPool({
      connectionString: url,
      max,
      requestTimeout: config.requestTimeout,
      pooler: config.databasePooler,
    });
  const pool = open(connections.app, POOL_SIZE);
  // Commands wait for data keys while they hold a connection: with one pool, they could deadlock.
  const keyPool = open(connections.app, 2);
  const platform = connections.platform ? open(connections.platform, 2) : null;
  const mailer = openMailer(config, log);
  let tries: AttemptStore | undefined;
  const query = queryAs(pool, ANONYMOUS);
  const watchClock = clockWatch(query, (skewMs) =>
    log.warn({ skewMs }, 'the clock of this machine differs from the database’s; set both by NTP'),
  );
  const close = async () => {
    await mailer.close();
    await Promise.all([pool.end(), keyPool.end(), platform?.end(), tries?.close()]);
  };
  try {
    await assertConnects('DATABASE_URL', connections.app);
    if (connections.platform) await assertConnects('PLATFORM_DATABASE_URL', connections.platform);
    tries = await openAttempts(config, pool, log);
    await assertMigrated(pool, MIGRATIONS);
    await verifyDatabase(query);
    await watchClock();
    await verifyMasterKeys(query, config.masterKeys);
  } catch (error) {
    await close();
    throw error;
  }
  const keyring = openKeyring(
    // requests share what one of them loads
    (companyId, sql, values) =>
      withoutDeadline(() => queryAs(keyPool, { companyId, userId: null })(sql, values)),
    config.masterKeys,
  );
  const signingKeys = openSigningKeys(pool, keyring, config.signingKeyDays, (error) =>
    log.error({ err: error }, 'the signing keys could not be rotated'),
  );
  const uses = newUses();
  const db = openClient(pool, keyring, { fastPath: shortcuts.fastPath === false ? null : uses.fastPath });
  const identities =
    shortcuts.identityVersions === false ? wholeIdentities : identityVersions(uses.identityVersions);
  const services: Services = {
    ...{ config, pool, platform, keyring, signingKeys, attempts: tries, mailer, log, db, watchClock, close },
    ...{ identities, uses },
    selfRights: once(() => selfRights(buildSchema())),
  };
  return services;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const openAttempts = (config: Config, pool: TenantPool, log: Logger): AttemptStore | Promise<AttemptStore> =>
  config.redisUrl
    ? openRedisAttempts(config.redisUrl, (error) => log.error({ err: error }, 'Redis cannot be reached'))
    : openPostgresAttempts(pool);

export async function closeServices({ db, close }: Services): Promise<void> {
  await db.$disconnect();
  await close();
}

/** `demoPassword` fills in GraphiQL's sign-in with demo accounts. */
export type ServerOptions = Shortcuts & {
  demoPassword?: string | undefined;
  /** For the landing page of development. */
  demoAccounts?: readonly DemoLogin[];
};

/** Builds the server. Throws for a schema with a field that has no authorization rule. */
export function openServer(services: Services, options: ServerOptions = {}): FastifyInstance {
  const { demoPassword, queryPlan: plans = true, prefetch: prefetches = true } = options;
  const { uses } = services;
  const schema = buildSchema();
  const queryPlan = plans ? openQueryPlan(schema, uses.queryPlan) : null;
  const cached = (request: FastifyRequest) => cachedContext(services, request);
  const prefetch =
    prefetches && queryPlan
      ? openPrefetch({ schema, queryPlan, cachedContext: cached, use: uses.prefetch })
      : null;
  const publicFields = new Set(publicFieldsOf(schema));
  const server = buildServer({
    config: services.config,
    schema,
    ...(queryPlan && { queryPlan }),
    ...(prefetch && { prefetch }),
    createContext: (request, extras) => createContext(services, request, extras),
    isPublic: (field) => publicFields.has(field),
    mayInspect: ({ actor }) => actor?.can('platform.companies.read') ?? false,
    onErrors: (context, failures) => context.failures.settle(failures),
    log: services.log,
    ready: () => readiness(services),
    degraded: () => services.mailer.failing(),
    graphiqlTabs: demoPassword ? demoTabs(demoPassword) : administratorTabs,
  });
  keySetRoute(server, services.signingKeys);
  devPages(server, services.config, schema, options.demoAccounts);
  return server;
}

/** A check that takes longer fails; load balancers wait some seconds for the answer. Milliseconds. */
const READY_MS = 1_500;

/** Runs the readiness checks. */
async function readiness({ pool, config, watchClock }: Services): Promise<Record<string, boolean>> {
  const query = queryAs(pool, ANONYMOUS);
  const works = (check: () => Promise<unknown>) =>
    inTime(READY_MS, (deadline) => withDeadline(deadline, () => deadline.race(check()))).then(
      (result) => result !== false,
      () => false,
    );
  const [database, keys, migrations] = await Promise.all([
    works(watchClock),
    works(() => verifyMasterKeys(query, config.masterKeys)),
    works(async () => (await pendingMigrations(pool, MIGRATIONS)).length === 0),
  ]);
  return { database, migrations, keys };
}
