import { join } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { wholeIdentities } from './auth/identity-version/identities.ts';
import { identityVersions } from './auth/identity-version/identity-versions.ts';
import { withFallback } from './auth/lockout/fallback-store.ts';
import type { AttemptStore } from './auth/lockout/limits.ts';
import { openPostgresAttempts } from './auth/lockout/postgres-store.ts';
import { openRedisAttempts } from './auth/lockout/redis-store.ts';
import { openAlerts } from './auth/rate-limit/alerts.ts';
import type { RateLimiter } from './auth/rate-limit/limit.ts';
import { openRateLimiter } from './auth/rate-limit/open.ts';
import { openSigningKeys } from './auth/secrets/signing-keys.ts';
import type { Config } from './config.ts';
import { type Context, cachedContext, createContext, unverifiedContext } from './context.ts';
import { verifyMasterKeys } from './crypto/keys/canary.ts';
import { openKeyring } from './crypto/keys/keyring.ts';
import { openClient } from './db/client.ts';
import { clockWatch } from './db/clock.ts';
import { assertCapacity } from './db/connection/capacity.ts';
import { assertConnects, assertDirect } from './db/connection/connection.ts';
import { assertSessionPooling } from './db/connection/pooler.ts';
import { watchDatabase } from './db/connection/watch.ts';
import { assertMigrated } from './db/migrations.ts';
import { openReplicas } from './db/replicas/open.ts';
import type { Replicas } from './db/replicas/replicas.ts';
import { type Query, queryAs } from './db/sql.ts';
import { verifyDatabase } from './db/startup/checks.ts';
import { assertLister } from './db/startup/role.ts';
import { assertSettings } from './db/startup/settings.ts';
import { startupParameters, TenantPool } from './db/tenant/pool.ts';
import { withoutDeadline } from './deadline.ts';
import { readiness } from './domain/platform/readiness.ts';
import { administratorTabs, demoTabs } from './graphql/graphiql-tabs.ts';
import { openPrefetch } from './graphql/prefetch/prefetch.ts';
import { openQueryPlan } from './graphql/query-plan/query-plan.ts';
import type { Deferral } from './graphql/request/settings.ts';
import { trustedDocuments } from './graphql/request/trusted-documents.ts';
import { healthMonitor } from './health/monitor.ts';
import { keySetRoute } from './http/jwks.ts';
import { serveMetrics } from './http/metrics/endpoint.ts';
import { openMetrics } from './http/metrics/registry.ts';
import { type DemoLogin, devPages } from './http/pages/dev-pages.ts';
import { buildServer } from './http/server.ts';
import { openQueue, QUEUE_CONNECTIONS } from './jobs/queue/queue.ts';
import { openMailer } from './notifications/mailer.ts';
import { buildSchema } from './schema/index.ts';
import { publicFieldsOf } from './schema/policy/policy-map.ts';
import { ratesOf } from './schema/policy/rate-limits.ts';
import { selfRights } from './schema/policy/self-rights.ts';
import type { Services } from './services.ts';
import { newUses, type Shortcuts } from './shortcuts.ts';

/** Connection strings of the server's roles, from the configuration or the embedded database. */
export type Connections = { app: string; platform: string | null };

const MIGRATIONS = join(import.meta.dirname, '../prisma/migrations');
/** Connections of the server role, shared by Prisma and direct statements. */
const POOL_SIZE = 10;
const KEY_POOL_SIZE = 2;
const PLATFORM_POOL_SIZE = 2;
/** The queues, and the election of the instance that runs the schedules. */
const JOB_CONNECTIONS = QUEUE_CONNECTIONS + 1;
/** Connections to PostgreSQL that one server process opens at most, with PLATFORM_DATABASE_URL. */
export const connectionsPerProcess = POOL_SIZE + KEY_POOL_SIZE + JOB_CONNECTIONS + PLATFORM_POOL_SIZE;
const ANONYMOUS = { companyId: null, userId: null };

/** Opens the database and verifies it and the master keys before anything is served. */
export async function openServices(
  config: Config,
  connections: Connections,
  log: Logger,
  shortcuts: Shortcuts = {},
): Promise<Services> {
  const ways = { requestTimeout: config.requestTimeout, pooler: config.databasePooler };
  const open = (url: string, max: number) => new TenantPool({ connectionString: url, max, ...ways });
  const pool = open(connections.app, POOL_SIZE);
  // Commands wait for data keys while they hold a connection: with one pool, they could deadlock.
  const keyPool = open(connections.app, KEY_POOL_SIZE);
  const platform = connections.platform ? open(connections.platform, PLATFORM_POOL_SIZE) : null;
  const mailer = openMailer(config, log);
  const jobsUrl = config.jobsUrl ?? connections.app;
  const jobs = openQueue({ connectionString: jobsUrl, keepDays: config.retention.jobs, log });
  const alerts = openAlerts();
  let tries: AttemptStore | undefined;
  let rates: RateLimiter | undefined;
  let replicas: Replicas | null = null;
  const onError = (error: Error) => log.error({ err: error }, 'Redis cannot be reached');
  const query = queryAs(pool, ANONYMOUS);
  const clock = clockWatch(query, (skewMs) =>
    log.warn({ skewMs }, 'the clock of this machine differs from the database’s; set both by NTP'),
  );
  const parameters = startupParameters(ways);
  const watch = watchDatabase({
    config: { ...parameters, connectionString: connections.app },
    pools: [pool, keyPool],
    log,
  });
  const health = healthMonitor({ query, folder: process.cwd(), log });
  const close = async () => {
    watch.stop();
    health.stop();
    await mailer.close();
    await jobs.stop();
    await Promise.all([pool.end(), keyPool.end(), platform?.end(), tries?.close(), rates?.close()]);
    await replicas?.close();
  };
  try {
    const { pooled } = await assertConnects('DATABASE_URL', connections.app, parameters);
    if (pooled && config.databasePooler !== 'transaction')
      await assertSessionPooling('DATABASE_URL', connections.app);
    if (connections.platform) await assertConnects('PLATFORM_DATABASE_URL', connections.platform, parameters);
    if (config.jobsUrl) await assertDirect('JOBS_DATABASE_URL', config.jobsUrl);
    const attempts = openPostgresAttempts(pool);
    tries = alerts.watched(await openAttempts(config, attempts, onError));
    rates = await openRateLimiter({ ...config, attempts, onError });
    await assertSettings('DATABASE_URL', query);
    if (config.databasePooler !== 'transaction') await assertCapacities(config.workers, query, platform);
    await assertMigrated(pool, MIGRATIONS);
    await verifyDatabase(query);
    if (platform) await assertLister(query, queryAs(platform, ANONYMOUS));
    if (config.replicas) {
      const verify = (query: Query) => verifyDatabase(query);
      replicas = await openReplicas({
        ...config.replicas,
        primary: query,
        pool: { max: POOL_SIZE, ...ways },
        verify,
        log,
      });
    }
    await clock.measure();
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
  const db = openClient(pool, keyring, {
    fastPath: shortcuts.fastPath === false ? null : uses.fastPath,
    replica: replicas?.read,
  });
  const identities =
    shortcuts.identityVersions === false ? wholeIdentities : identityVersions(uses.identityVersions);
  const services: Services = {
    ...{ config, pool, platform, keyring, signingKeys, attempts: tries, mailer, log, db, clock, close },
    ...{ jobs, jobsUrl },
    ...{ alerts, rates, identities, uses, watchDatabase: watch, health },
    pools: { requests: pool, keys: keyPool, ...(platform && { platform }), ...replicas?.pools() },
    replicas,
    selfRights: once(() => selfRights(buildSchema())),
  };
  return services;
}

/**
 * Checks the limits of both roles; the server's pools are open at the same time as the lister's.
 */
async function assertCapacities(workers: number, server: Query, platform: TenantPool | null): Promise<void> {
  const own = workers * (POOL_SIZE + KEY_POOL_SIZE + JOB_CONNECTIONS);
  const listers = platform ? workers * PLATFORM_POOL_SIZE : 0;
  const all = own + listers;
  await assertCapacity('DATABASE_URL', server, { role: own, all });
  if (platform)
    await assertCapacity('PLATFORM_DATABASE_URL', queryAs(platform, ANONYMOUS), {
      role: listers,
      all,
    });
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const openAttempts = async (
  { redisUrl }: Config,
  postgres: AttemptStore,
  onError: (error: Error) => void,
): Promise<AttemptStore> =>
  redisUrl ? withFallback(await openRedisAttempts(redisUrl, onError), postgres, onError) : postgres;

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
  const {
    demoPassword,
    queryPlan: plans = true,
    prefetch: prefetches = true,
    deferredAuthentication: defers = true,
  } = options;
  const { uses } = services;
  const schema = buildSchema();
  const queryPlan = plans ? openQueryPlan(schema, uses.queryPlan) : null;
  const cached = (request: FastifyRequest) => cachedContext(services, request);
  const prefetch =
    prefetches && queryPlan
      ? openPrefetch({
          ...{ schema, queryPlan, cachedContext: cached, use: uses.prefetch },
          areReplicasUsed: () => services.replicas?.areUsed() ?? false,
        })
      : null;
  const unverified: Deferral<Context>['unverified'] = (request, extras) =>
    unverifiedContext(services, request, extras);
  const deferral = defers ? { unverified, use: uses.deferredAuthentication } : null;
  const metrics = services.config.metrics ? openMetrics(services) : null;
  const publicFields = new Set(publicFieldsOf(schema));
  const server = buildServer({
    config: services.config,
    schema,
    ...(queryPlan && { queryPlan }),
    ...(prefetch && { prefetch }),
    createContext: (request, extras) => createContext(services, request, extras),
    ...(deferral && { deferral }),
    replicated: services.replicas !== null,
    isPublic: (field) => publicFields.has(field),
    mayInspect: ({ actor }) => actor?.can('platform.companies.read') ?? false,
    documentOf: trustedDocuments(services.config.trustedDocuments, schema),
    rates: ratesOf(schema, services.config, services.rates, services.alerts),
    mustEnrol: ({ actor }) => actor?.assurance?.mustEnrol ?? false,
    onErrors: (context, failures) => context.failures.settle(failures),
    ...(metrics && { onAnswered: metrics.onAnswered }),
    log: services.log,
    ready: () => readiness(services, MIGRATIONS),
    degraded: () => [...services.mailer.failing(), ...(services.clock.isOff() ? ['clock'] : [])],
    graphiqlTabs: demoPassword ? demoTabs(demoPassword) : administratorTabs,
  });
  keySetRoute(server, services.signingKeys);
  const { host, metrics: where } = services.config;
  if (metrics && where) serveMetrics(server, { host, metrics: where }, metrics);
  devPages(server, services.config, schema, options.demoAccounts);
  return server;
}
