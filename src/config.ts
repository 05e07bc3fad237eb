import { join, resolve } from 'node:path';
import { contradictions, inDevelopment, missing, warnings } from './config/rules.ts';
import { ConfigError } from './config/startup-error.ts';
import type { MasterKey } from './config/values.ts';
import { postgresUrl, type Variables, variables } from './config/variables.ts';

export type Config = {
  env: 'development' | 'staging' | 'production';
  host: string;
  port: number;
  /** Whether the start adds demo companies, with accounts whose password it prints: development only. */
  demoData: boolean;
  /** Absolute. */
  dataDir: string;
  /** Connections of one server process to its database. */
  poolSize: number;
  database: { kind: 'embedded' } | { kind: 'external'; url: string; ownerUrl?: string; platformUrl?: string };
  /** The first is current. Empty in development: then the server makes and keeps its own in `dataDir`. */
  masterKeys: MasterKey[];
  publicUrl: string;
  /** Where the front end is: mailed links lead there. */
  appUrl: string;
  corsOrigins: string[];
  /** `SameSite` of the session's cookie. */
  sameSite: 'lax' | 'strict';
  /** Addresses and networks whose `X-Forwarded-For` is believed; without any, the client is who connects. */
  trustedProxies: string[];
  /** So old is a key that signs access tokens when another one takes its place. */
  signingKeyDays: number;
  /** How long a request may take; milliseconds. Its statements are cancelled then. */
  requestTimeout: number;
  /** Counts of failed tries are kept there instead of in PostgreSQL. */
  redisUrl?: string;
  mail: MailConfig;
  sms: SmsConfig;
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** What works but is better otherwise; for the log. */
  warnings: string[];
};
/** `folder` is development's outbox; `none`: what needs a mail answers UNAVAILABLE. */
export type MailConfig =
  | { kind: 'smtp'; url: string; from: string }
  | { kind: 'folder'; folder: string }
  | { kind: 'none' };
export type SmsConfig =
  | { kind: 'http'; url: string; account: string; token: string; from: string }
  | { kind: 'folder'; folder: string }
  | { kind: 'none' };
export type Environment = Record<string, string | undefined>;

/**
 * Reads and checks the environment; nothing else in the server does.
 * @throws {ConfigError} with everything that is missing, short, default or contradictory
 */
export function readConfig(environment: Environment = process.env): Config {
  const parsed = variables.safeParse(environment);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const bad = new Set(parsed.success ? [] : parsed.error.issues.map((issue) => String(issue.path[0])));
  // The rules between variables are checked on those that are well-formed, so that one run names every problem.
  const rest = parsed.success
    ? parsed.data
    : variables.parse(Object.fromEntries(Object.entries(environment).filter(([name]) => !bad.has(name))));
  problems.push(...missing(rest, bad), ...contradictions(rest, bad));
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(rest);
}

/** Master keys in the form of MASTER_KEYS, such as development's own. Throws on any that MASTER_KEYS would not take. */
export const readMasterKeys = (text: string): MasterKey[] => variables.shape.MASTER_KEYS.parse(text) ?? [];

/** The owner's connection for `npm run migrate`, which needs nothing else. */
export function readMigrationUrl(environment: Environment = process.env): string {
  const parsed = postgresUrl.safeParse(environment.MIGRATION_DATABASE_URL);
  if (parsed.success) return parsed.data;
  throw new ConfigError([
    `MIGRATION_DATABASE_URL: ${environment.MIGRATION_DATABASE_URL ? 'expected a postgresql:// URL' : 'missing'}: the owner's connection, which makes and changes tables`,
  ]);
}

/**
 * The database of `npm run verify-audit-log`: its URL when one is configured, else the folder of the embedded database.
 * The owner's URL comes first, because the server's role cannot read every company's events.
 */
export function readAuditDatabase(environment: Environment = process.env): { url?: string; dataDir: string } {
  const dataDir = resolve(environment.DATA_DIR || '.data');
  for (const name of ['MIGRATION_DATABASE_URL', 'DATABASE_URL'] as const) {
    if (!environment[name]) continue;
    const parsed = postgresUrl.safeParse(environment[name]);
    if (!parsed.success) throw new ConfigError([`${name}: expected a postgresql:// URL`]);
    return { url: parsed.data, dataDir };
  }
  return { dataDir };
}

function toConfig(read: Variables): Config {
  const host = read.HOST ?? (inDevelopment(read) ? '127.0.0.1' : '0.0.0.0');
  const port = read.PORT ?? 4000;
  const dataDir = resolve(read.DATA_DIR ?? '.data');
  const publicUrl = withoutSlash(
    read.PUBLIC_URL ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
  );
  return {
    env: read.APP_ENV ?? 'development',
    // an own PostgreSQL may hold anything, so there the demo is asked for by name
    demoData: inDevelopment(read) && (read.DEMO_DATA ? read.DEMO_DATA === 'true' : !read.DATABASE_URL),
    host,
    port,
    dataDir,
    poolSize: 10,
    database: database(read),
    masterKeys: read.MASTER_KEYS ?? [],
    publicUrl,
    appUrl: withoutSlash(read.APP_URL ?? publicUrl),
    corsOrigins: read.CORS_ORIGINS ?? [],
    sameSite: read.SESSION_SAME_SITE ?? 'lax',
    trustedProxies: read.TRUSTED_PROXIES ?? [],
    signingKeyDays: read.SIGNING_KEY_DAYS ?? 90,
    requestTimeout: read.REQUEST_TIMEOUT ?? 10_000,
    ...(read.REDIS_URL && { redisUrl: read.REDIS_URL }),
    ...delivery(read, dataDir),
    logLevel: read.LOG_LEVEL ?? 'info',
    warnings: warnings(read),
  };
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '');

function delivery(read: Variables, dataDir: string): Pick<Config, 'mail' | 'sms'> {
  const { SMTP_URL, MAIL_FROM, SMS_ACCOUNT, SMS_TOKEN, SMS_FROM, SMS_API_URL } = read;
  const otherwise = inDevelopment(read)
    ? { kind: 'folder' as const, folder: join(dataDir, 'mail') }
    : { kind: 'none' as const };
  return {
    mail: SMTP_URL && MAIL_FROM ? { kind: 'smtp', url: SMTP_URL, from: MAIL_FROM } : otherwise,
    sms:
      SMS_ACCOUNT && SMS_TOKEN && SMS_FROM
        ? {
            kind: 'http',
            url: withoutSlash(SMS_API_URL ?? 'https://api.twilio.com'),
            account: SMS_ACCOUNT,
            token: SMS_TOKEN,
            from: SMS_FROM,
          }
        : otherwise,
  };
}

function database(read: Variables): Config['database'] {
  if (!read.DATABASE_URL) return { kind: 'embedded' };
  const external = { kind: 'external' as const, url: read.DATABASE_URL };
  // Outside development the server never holds the owner's connection, even when it is given one.
  const owner =
    inDevelopment(read) && read.MIGRATION_DATABASE_URL ? { ownerUrl: read.MIGRATION_DATABASE_URL } : {};
  return {
    ...external,
    ...owner,
    ...(read.PLATFORM_DATABASE_URL ? { platformUrl: read.PLATFORM_DATABASE_URL } : {}),
  };
}
