import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** What the process ends with when its configuration is wrong: EX_CONFIG of sysexits.h. */
export const EXIT_CONFIG = 78;

/** All that is wrong with the configuration, in one message that holds no value of a secret. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(
      `The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nSee .env.example for each variable.`,
    );
    this.problems = problems;
  }
}

export type MasterKey = { id: string; key: Buffer };
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
  trustProxy: string[] | false;
  /** So old is a key that signs access tokens when another one takes its place. */
  signingKeyDays: number;
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

const isLoopback = (host: string) => /^(localhost|127(\.\d+){3}|\[::1\]|::1)$/.test(host);
const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'expected postgresql://user:password@host:port/database',
});
const publicUrl = z.url({ protocol: /^https?$/, error: 'expected a URL such as https://api.example.com' });
const SENDER = /^([^<>\r\n]{1,80} )?<?[^\s<>@,]{1,64}@[^\s<>@,]{1,190}>?$/;
const blank = (value: unknown) => (typeof value === 'string' && value.trim() === '' ? undefined : value);
const optional = <T extends z.ZodType>(type: T) => z.preprocess(blank, type.optional());

const variables = z.object({
  APP_ENV: optional(
    z.enum(['development', 'staging', 'production'], {
      error: 'expected development, staging or production',
    }),
  ),
  NODE_ENV: optional(z.string()),
  DEMO_DATA: optional(z.enum(['true', 'false'], { error: 'expected true or false' })),
  HOST: optional(z.string().regex(/^[\w.:[\]-]+$/, 'expected a host name or an address')),
  PORT: optional(
    z
      .string()
      .regex(/^\d{1,5}$/, 'expected a number from 0 to 65535')
      .transform(Number)
      .refine((port) => port <= 65535, 'expected a number from 0 to 65535'),
  ),
  DATA_DIR: optional(z.string()),
  DATABASE_URL: optional(postgresUrl),
  MIGRATION_DATABASE_URL: optional(postgresUrl),
  PLATFORM_DATABASE_URL: optional(postgresUrl),
  MASTER_KEYS: optional(z.string().transform(parseMasterKeys)),
  PUBLIC_URL: optional(publicUrl),
  APP_URL: optional(publicUrl),
  CORS_ORIGINS: optional(z.string().transform(parseOrigins)),
  TRUSTED_PROXIES: optional(z.string().transform(parseNetworks)),
  SESSION_SAME_SITE: optional(z.enum(['lax', 'strict'], { error: 'expected lax or strict' })),
  SIGNING_KEY_DAYS: optional(
    z
      .string()
      .regex(/^[1-9]\d{0,2}$/, 'expected a number from 1 to 366')
      .transform(Number)
      .refine((days) => days <= 366, 'expected a number from 1 to 366'),
  ),
  REDIS_URL: optional(
    z.url({ protocol: /^rediss?$/, error: 'expected redis://host:6379 or rediss://user:password@host:6379' }),
  ),
  SMTP_URL: optional(
    z.url({ protocol: /^smtps?$/, error: 'expected smtps://user:password@host:465 or smtp://host:587' }),
  ),
  MAIL_FROM: optional(z.string().regex(SENDER, 'expected an address such as Bulwark <no-reply@example.com>')),
  SMS_API_URL: optional(publicUrl),
  SMS_ACCOUNT: optional(z.string().regex(/^[\w-]{1,64}$/, 'expected an account id')),
  SMS_TOKEN: optional(z.string()),
  SMS_FROM: optional(
    z.string().regex(/^(\+[1-9]\d{6,14}|[\w ]{1,11})$/, 'expected a number such as +15550100'),
  ),
  LOG_LEVEL: optional(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'expected fatal, error, warn, info, debug, trace or silent',
    }),
  ),
});
type Variables = z.infer<typeof variables>;

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
    trustProxy: read.TRUSTED_PROXIES ?? false,
    signingKeyDays: read.SIGNING_KEY_DAYS ?? 90,
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

const inDevelopment = ({ APP_ENV }: Variables) => (APP_ENV ?? 'development') === 'development';

const REQUIRED = {
  DATABASE_URL: 'the connection of the server’s role, a member of bulwark_app',
  MASTER_KEYS: 'the keys that protect all data keys, as id:base64 with 32 bytes each, first the current one',
  PUBLIC_URL: 'the address that clients use, as https://api.example.com',
} as const;

function missing(read: Variables, bad: Set<string>): string[] {
  if (inDevelopment(read) && !bad.has('APP_ENV')) return [];
  return Object.entries(REQUIRED).flatMap(([name, what]) =>
    read[name as keyof typeof REQUIRED] || bad.has(name) ? [] : [`${name}: missing: ${what}`],
  );
}

function contradictions(read: Variables, bad: Set<string>): string[] {
  const problems: string[] = [];
  const [server, owner, platform] = [
    read.DATABASE_URL,
    read.MIGRATION_DATABASE_URL,
    read.PLATFORM_DATABASE_URL,
  ].map(userOf);
  if (server && server === owner)
    problems.push(
      'DATABASE_URL: has the same role as MIGRATION_DATABASE_URL; the server must not be the owner',
    );
  if (platform && (platform === server || platform === owner))
    problems.push('PLATFORM_DATABASE_URL: needs a role of its own');
  if (!read.DATABASE_URL && (owner || platform))
    problems.push('DATABASE_URL: missing, while another database connection is given');
  problems.push(...together(read, bad, ['SMTP_URL', 'MAIL_FROM']));
  problems.push(...together(read, bad, ['SMS_ACCOUNT', 'SMS_TOKEN', 'SMS_FROM']));
  problems.push(...productionWithoutName(read));
  if (inDevelopment(read)) {
    if (read.HOST && !isLoopback(read.HOST))
      problems.push('HOST: development has demo accounts and listens on loopback only; set APP_ENV');
  } else if (read.PUBLIC_URL) {
    const url = new URL(read.PUBLIC_URL);
    if (url.protocol !== 'https:' && !isLoopback(url.hostname))
      problems.push('PUBLIC_URL: expected https outside loopback');
  }
  const app = read.APP_URL && new URL(read.APP_URL);
  if (app && !inDevelopment(read) && app.protocol !== 'https:' && !isLoopback(app.hostname))
    problems.push('APP_URL: expected https outside loopback');
  return problems;
}

/** What looks like production and would start as development, with demo accounts and GraphiQL open. */
function productionWithoutName(read: Variables): string[] {
  if (!inDevelopment(read))
    return read.DEMO_DATA === 'true' ? ['DEMO_DATA: expected only in development'] : [];
  const url = read.PUBLIC_URL && new URL(read.PUBLIC_URL);
  return [
    ...(read.NODE_ENV === 'production' && !read.APP_ENV
      ? ['APP_ENV: missing, while NODE_ENV is production; set APP_ENV=production']
      : []),
    ...(url && !isLoopback(url.hostname)
      ? ['PUBLIC_URL: development serves loopback addresses only; set APP_ENV=production or staging']
      : []),
  ];
}

/** What says something only together: all of it, or none. */
function together(read: Variables, bad: Set<string>, names: (keyof Variables)[]): string[] {
  const absent = names.filter((name) => !read[name] && !bad.has(name));
  if (absent.length === 0 || absent.length === names.length) return [];
  return absent.map((name) => `${name}: missing, while others of ${names.join(', ')} are given`);
}

/** Role, host, port and database: two URLs that differ only in spelling or password still are the same connection. */
function userOf(url: string | undefined): string | undefined {
  if (!url) return undefined;
  const { username, hostname, port, pathname } = new URL(url);
  return [decodeURIComponent(username), hostname, port || '5432', pathname].join(' ');
}

function warnings(read: Variables): string[] {
  if (inDevelopment(read)) return [];
  return [
    read.MIGRATION_DATABASE_URL &&
      'MIGRATION_DATABASE_URL is set for the server, which does not use it: give it only to npm run migrate',
    !read.SMTP_URL &&
      'SMTP_URL is not set: no mail is sent, and signing up, resetting a password and unlocking by mail are UNAVAILABLE',
  ].filter((warning) => typeof warning === 'string' && warning !== '') as string[];
}

/** Addresses and networks, as `10.0.0.0/8`. */
function parseNetworks(list: string, context: z.RefinementCtx): string[] {
  const networks = list
    .split(',')
    .map((network) => network.trim())
    .filter(Boolean);
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    if (!family || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)))
      context.addIssue(`"${network}" is no address or network; expected such as 10.0.0.0/8`);
  }
  return networks;
}

function parseOrigins(list: string, context: z.RefinementCtx): string[] {
  const origins = list
    .split(',')
    .map((origin) => origin.trim())
    .filter(Boolean);
  for (const origin of origins) {
    if (!/^https?:/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin) {
      context.addIssue(
        `"${origin}" is not an origin; expected scheme, host and port only, as https://app.example.com, and no *`,
      );
    }
  }
  return origins;
}

function parseMasterKeys(list: string, context: z.RefinementCtx): MasterKey[] {
  const keys = list
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry, index) => parseMasterKey(entry, index, context));
  const found = keys.filter((key) => key !== undefined);
  if (new Set(found.map(({ id }) => id)).size < found.length) context.addIssue('two keys have the same id');
  if (new Set(found.map(({ key }) => key.toString('hex'))).size < found.length)
    context.addIssue('two ids have the same key');
  return found;
}

function parseMasterKey(entry: string, index: number, context: z.RefinementCtx): MasterKey | undefined {
  const which = `entry ${index + 1}`;
  const [, id, text] = entry.match(/^([\w-]{1,32}):([A-Za-z0-9+/]+={0,2})$/) ?? [];
  if (!id || !text)
    return void context.addIssue(`${which}: expected id:base64, the id up to 32 letters, digits, - _ .`);
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32)
    return void context.addIssue(`${which} (${id}): expected 32 bytes, found ${key.length}`);
  if (isGuessable(key))
    return void context.addIssue(
      `${which} (${id}): not random: a default, repeated, counted or typed key; make one with: openssl rand -base64 32`,
    );
  return { id, key };
}

/** Zeroes, repeats, counts and readable text. 32 random bytes are all printable once in 10^13. */
function isGuessable(key: Buffer): boolean {
  const steps = new Set(key.map((byte, index) => (byte - (key[index - 1] ?? byte) + 256) % 256).subarray(1));
  return new Set(key).size < 12 || steps.size === 1 || key.every((byte) => byte >= 0x20 && byte < 0x7f);
}
