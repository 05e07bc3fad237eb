import { resolve } from 'node:path';
import { type MailConfig, mailDelivery, type SmsConfig, smsDelivery } from './config/delivery.ts';
import { type Environment, envFileNames, environmentNames, readEnvFile } from './config/environment.ts';
import { type Maintenance, maintenanceFrom } from './config/maintenance.ts';
import { contradictions, inDevelopment, missing, warnings } from './config/rules.ts';
import { ConfigError } from './config/startup-error.ts';
import type { MasterKey } from './config/values.ts';
import { postgresUrl, type Variables, variables } from './config/variables.ts';

export type Config = {
  env: 'development' | 'staging' | 'production';
  host: string;
  port: number;
  /** Whether the start creates demo companies and prints their accounts; development only. */
  demoData: boolean;
  /** Processes that serve; the capacity and limits of a machine are divided among them. */
  workers: number;
  /** Absolute path. */
  dataDir: string;
  /** Database connections of one server process. */
  poolSize: number;
  database: { kind: 'embedded' } | { kind: 'external'; url: string; ownerUrl?: string; platformUrl?: string };
  /** The first is current. Empty in development, where the server creates a key in `dataDir`. */
  masterKeys: MasterKey[];
  publicUrl: string;
  /** Address of the front end, the target of mailed links. */
  appUrl: string;
  corsOrigins: string[];
  /** `SameSite` of the session cookie. */
  sameSite: 'lax' | 'strict';
  /**
   * Addresses and networks whose `X-Forwarded-For` is trusted; without any, the peer is the client.
   */
  trustedProxies: string[];
  /** Whether requests over plain HTTP are served: to clients of this machine, or to none. */
  plainHttp: 'loopback' | 'refused';
  /** Paths of the server's certificate and key; plain HTTP, for a proxy, where missing. */
  tls?: { certificate: string; key: string };
  /** Days until the key that signs access tokens is replaced. */
  signingKeyDays: number;
  /** How long a request may take; milliseconds. Its statements are cancelled then. */
  requestTimeout: number;
  /** How long a client may take to read an answer that is no event stream; milliseconds. */
  answerTimeout: number;
  /**
   * Mean delay of the event loop within a second above which operations without a credential are
   * refused; milliseconds.
   */
  mostLateMs: number;
  /**
   * How long the server goes on serving after an end signal, with a red readiness check;
   * milliseconds.
   */
  drainTime: number;
  /** How the PgBouncer in front of the database shares its connections, if there is one. */
  databasePooler: 'session' | 'transaction' | undefined;
  /** Standbys of `database` that answer queries, as long as they lag by no more milliseconds. */
  replicas?: { urls: string[]; maxLag: number };
  /** PostgreSQL itself, for jobs, where `database` leads to a pooler. */
  jobsUrl?: string;
  /** Days for which each kind of row is kept. */
  retention: { jobs: number; invitations: number };
  /** How many subscriptions one process serves at the same time. */
  subscriptions: { perUser: number; perCompany: number };
  /** Path of a manifest of documents, and which clients must send no others. */
  trustedDocuments?: { path: string; requiredOf: 'none' | 'browsers' | 'all' };
  /** Requests of one caller in a minute; operations with a limit of their own scale with it. */
  rateLimit: number;
  /** What the operations of one caller may cost in a minute. */
  costLimit: number;
  /** Stores attempt counts instead of PostgreSQL. */
  redisUrl?: string;
  mail: MailConfig;
  sms: SmsConfig;
  /** Where `/metrics` is served; nothing is measured where this is missing. */
  metrics?: MetricsConfig;
  /** Where spans are exported; nothing is traced where this is missing. */
  tracing?: TracingConfig;
  /** Where unexpected errors are sent; nowhere where this is missing. */
  sentryDsn?: string;
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /**
   * Where vulnerabilities are reported, as a URI (RFC 9116, 2.5.3); by default an address at the
   * host.
   */
  securityContact?: string;
  /** Recommendations for the log. */
  warnings: string[];
};
/** A port of its own, a bearer token, or both. */
export type MetricsConfig = { port?: number; token?: string };
/** A collector that takes OTLP over HTTP, and the part of requests whose spans it gets. */
export type TracingConfig = {
  endpoint: string;
  headers: Record<string, string>;
  serviceName: string;
  /** From 0 to 1. */
  ratio: number;
};
export type { MailConfig, SmsConfig };

/** Returns whether npm, or a program like it, runs this process as a script of this name. */
export const isScript = (name: string): boolean => process.env.npm_lifecycle_event === name;

/**
 * The environment, completed by `.env` of the working directory; the environment takes precedence.
 */
const completed = (given?: Environment): Environment => given ?? { ...readEnvFile(), ...process.env };

/**
 * Reads and validates the environment and `.env`. The server reads them nowhere else.
 * @throws {ConfigError} with every missing, short, default, contradictory or misspelt variable
 */
export function readConfig(
  given: Environment = process.env,
  file: Environment = given === process.env ? readEnvFile() : {},
): Config {
  const environment = { ...file, ...given };
  const names = envFileNames(file);
  const parsed = variables.safeParse(environment);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`);
  const bad = new Set(parsed.success ? [] : parsed.error.issues.map((issue) => String(issue.path[0])));
  // Rules between variables run on the well-formed ones, so that one start names every problem.
  const rest = parsed.success
    ? parsed.data
    : variables.parse(Object.fromEntries(Object.entries(environment).filter(([name]) => !bad.has(name))));
  problems.push(...missing(rest, bad), ...contradictions(rest, bad), ...names.misspelt);
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...toConfig(rest), warnings: [...warnings(rest), ...names.unknown, ...environmentNames(given)] };
}

/**
 * The configuration with the port that the operating system chose, in each address that was derived
 * from port 0.
 */
export function onPort(config: Config, port: number): Config {
  const on = (url: string) => url.replace(/:0$/, `:${port}`);
  return { ...config, port, publicUrl: on(config.publicUrl), appUrl: on(config.appUrl) };
}

/** Set by the primary process for each worker: its number, from 0. */
const WORKER_NUMBER = 'BULWARK_WORKER';

/** The environment of a worker, beside that of the primary process. */
export const workerEnvironment = (number: number, { workers }: Config): Environment => ({
  [WORKER_NUMBER]: String(number),
  WORKERS: String(workers),
});

/** How many processes share this machine as workers of one server. */
export const processesOfServer = (): number =>
  workerNumber() === undefined ? 1 : Number(process.env.WORKERS);

/** The number of this worker; undefined where one process is the server. */
export const workerNumber = (): number | undefined => {
  const number = process.env[WORKER_NUMBER];
  return number === undefined ? undefined : Number(number);
};

/**
 * The configuration of this worker, which serves its metrics on a port of its own: counters of one
 * process each.
 */
export function ofWorker(config: Config): Config {
  const { metrics } = config;
  if (metrics?.port === undefined) return config;
  return { ...config, metrics: { ...metrics, port: metrics.port + (workerNumber() ?? 0) } };
}

/**
 * Parses master keys in the format of MASTER_KEYS. Throws for keys that MASTER_KEYS would reject.
 */
export const readMasterKeys = (text: string): MasterKey[] => variables.shape.MASTER_KEYS.parse(text) ?? [];

/** Returns the owner's connection for `npm run migrate`, which needs no other variable. */
export function readMigrationUrl(given?: Environment): string {
  const environment = completed(given);
  const parsed = postgresUrl.safeParse(environment.MIGRATION_DATABASE_URL);
  if (parsed.success) return parsed.data;
  const problem = environment.MIGRATION_DATABASE_URL ? parsed.error.issues[0]?.message : 'missing';
  throw new ConfigError([
    `MIGRATION_DATABASE_URL: ${problem}: the owner's connection, which makes and changes tables`,
  ]);
}

/** Where programs are searched, for those that are started with an environment of their own. */
export const programPath = (): string => process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin';

/**
 * Returns what backup, restore, restore drill and reset need; the server needs none of it.
 * @throws {ConfigError} with every malformed variable
 */
export const readMaintenance = (given?: Environment): Maintenance => maintenanceFrom(completed(given));

/**
 * Returns the database of `npm run verify-audit-log`: the configured URL, else the embedded
 * database's folder. The owner's URL takes precedence, because the server role cannot read every
 * company's events.
 */
export function readAuditDatabase(given?: Environment): { url?: string; dataDir: string } {
  const environment = completed(given);
  const dataDir = resolve(environment.DATA_DIR?.trim() || '.data');
  for (const name of ['MIGRATION_DATABASE_URL', 'DATABASE_URL'] as const) {
    if (!environment[name]) continue;
    const parsed = postgresUrl.safeParse(environment[name]);
    if (!parsed.success) throw new ConfigError([`${name}: ${parsed.error.issues[0]?.message}`]);
    return { url: parsed.data, dataDir };
  }
  return { dataDir };
}

function toConfig(read: Variables): Omit<Config, 'warnings'> {
  const host = read.HOST ?? (inDevelopment(read) ? '127.0.0.1' : '0.0.0.0');
  const port = read.PORT ?? 4000;
  const dataDir = resolve(read.DATA_DIR ?? '.data');
  const { TLS_CERT_PATH: certificate, TLS_KEY_PATH: key } = read;
  const publicUrl = withoutSlash(
    read.PUBLIC_URL ??
      `${certificate ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
  );
  return {
    env: read.APP_ENV ?? 'development',
    // DATABASE_URL may contain real data, so demo data there is opt-in
    demoData: inDevelopment(read) && (read.DEMO_DATA ? read.DEMO_DATA === 'true' : !read.DATABASE_URL),
    host,
    port,
    workers: read.WORKERS ?? 1,
    dataDir,
    poolSize: 10,
    database: database(read),
    masterKeys: read.MASTER_KEYS ?? [],
    publicUrl,
    appUrl: withoutSlash(read.APP_URL ?? publicUrl),
    corsOrigins: read.CORS_ORIGINS ?? [],
    sameSite: read.SESSION_SAME_SITE ?? 'lax',
    trustedProxies: read.TRUSTED_PROXIES ?? [],
    plainHttp: !inDevelopment(read) && publicUrl.startsWith('https:') ? 'refused' : 'loopback',
    ...(certificate && key && { tls: { certificate, key } }),
    signingKeyDays: read.SIGNING_KEY_DAYS ?? 90,
    requestTimeout: read.REQUEST_TIMEOUT ?? 10_000,
    answerTimeout: 30_000,
    mostLateMs: 200,
    drainTime: read.DRAIN_TIME ?? (inDevelopment(read) ? 0 : 1_000),
    databasePooler: read.DATABASE_POOLER,
    ...(read.REPLICA_DATABASE_URLS?.length && {
      replicas: { urls: read.REPLICA_DATABASE_URLS, maxLag: read.REPLICA_MAX_LAG ?? 10_000 },
    }),
    ...(read.JOBS_DATABASE_URL && { jobsUrl: read.JOBS_DATABASE_URL }),
    retention: {
      jobs: read.JOB_RETENTION_DAYS ?? 7,
      invitations: read.INVITATION_RETENTION_DAYS ?? 30,
    },
    subscriptions: {
      perUser: read.SUBSCRIPTIONS_PER_USER ?? 10,
      perCompany: read.SUBSCRIPTIONS_PER_COMPANY ?? 100,
    },
    ...(read.TRUSTED_DOCUMENTS_PATH && {
      trustedDocuments: {
        path: read.TRUSTED_DOCUMENTS_PATH,
        requiredOf: read.TRUSTED_DOCUMENTS_REQUIRED ?? 'none',
      },
    }),
    rateLimit: read.RATE_LIMIT ?? (inDevelopment(read) ? 10_000 : 100),
    costLimit: read.COST_LIMIT ?? (inDevelopment(read) ? 2_000_000 : 20_000),
    ...(read.REDIS_URL && { redisUrl: read.REDIS_URL }),
    ...metrics(read),
    ...tracing(read),
    ...(read.SENTRY_DSN && { sentryDsn: read.SENTRY_DSN }),
    mail: mailDelivery(read, dataDir),
    sms: smsDelivery(read, dataDir),
    ...(read.SECURITY_CONTACT && { securityContact: read.SECURITY_CONTACT }),
    logLevel: read.LOG_LEVEL ?? 'info',
  };
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '');

function metrics({ METRICS_PORT: port, METRICS_TOKEN: token }: Variables): Pick<Config, 'metrics'> {
  if (port === undefined && token === undefined) return {};
  return { metrics: { ...(port !== undefined && { port }), ...(token !== undefined && { token }) } };
}

function tracing(read: Variables): Pick<Config, 'tracing'> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = read;
  if (endpoint === undefined) return {};
  return {
    tracing: {
      endpoint: withoutSlash(endpoint),
      headers: read.OTEL_EXPORTER_OTLP_HEADERS ?? {},
      serviceName: read.OTEL_SERVICE_NAME ?? 'bulwark',
      ratio: read.OTEL_TRACES_SAMPLER_ARG ?? 0.1,
    },
  };
}

function database(read: Variables): Config['database'] {
  if (!read.DATABASE_URL) return { kind: 'embedded' };
  const external = { kind: 'external' as const, url: read.DATABASE_URL };
  // Outside development the server ignores the owner's connection.
  const owner =
    inDevelopment(read) && read.MIGRATION_DATABASE_URL ? { ownerUrl: read.MIGRATION_DATABASE_URL } : {};
  return {
    ...external,
    ...owner,
    ...(read.PLATFORM_DATABASE_URL ? { platformUrl: read.PLATFORM_DATABASE_URL } : {}),
  };
}
