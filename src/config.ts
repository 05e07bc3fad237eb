import { resolve } from 'node:path';
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
  /** Absolute. */
  dataDir: string;
  /** Connections of one server process to its database. */
  poolSize: number;
  database: { kind: 'embedded' } | { kind: 'external'; url: string; ownerUrl?: string; platformUrl?: string };
  /** The first is current. Empty in development: then the server makes and keeps its own in `dataDir`. */
  masterKeys: MasterKey[];
  publicUrl: string;
  corsOrigins: string[];
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** What works but is better otherwise; for the log. */
  warnings: string[];
};
export type Environment = Record<string, string | undefined>;

const isLoopback = (host: string) => /^(localhost|127(\.\d+){3}|\[::1\]|::1)$/.test(host);
const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'expected postgresql://user:password@host:port/database',
});
const publicUrl = z.url({ protocol: /^https?$/, error: 'expected a URL such as https://api.example.com' });
const blank = (value: unknown) => (typeof value === 'string' && value.trim() === '' ? undefined : value);
const optional = <T extends z.ZodType>(type: T) => z.preprocess(blank, type.optional());

const variables = z.object({
  APP_ENV: optional(
    z.enum(['development', 'staging', 'production'], {
      error: 'expected development, staging or production',
    }),
  ),
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
  CORS_ORIGINS: optional(z.string().transform(parseOrigins)),
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
  problems.push(...missing(rest, bad), ...contradictions(rest));
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

function toConfig(read: Variables): Config {
  const host = read.HOST ?? (inDevelopment(read) ? '127.0.0.1' : '0.0.0.0');
  const port = read.PORT ?? 4000;
  return {
    env: read.APP_ENV ?? 'development',
    host,
    port,
    dataDir: resolve(read.DATA_DIR ?? '.data'),
    poolSize: 10,
    database: database(read),
    masterKeys: read.MASTER_KEYS ?? [],
    publicUrl: (read.PUBLIC_URL ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`).replace(
      /\/+$/,
      '',
    ),
    corsOrigins: read.CORS_ORIGINS ?? [],
    logLevel: read.LOG_LEVEL ?? 'info',
    warnings: warnings(read),
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

function contradictions(read: Variables): string[] {
  const problems: string[] = [];
  const [app, owner, platform] = [
    read.DATABASE_URL,
    read.MIGRATION_DATABASE_URL,
    read.PLATFORM_DATABASE_URL,
  ].map(userOf);
  if (app && app === owner)
    problems.push(
      'DATABASE_URL: has the same role as MIGRATION_DATABASE_URL; the server must not be the owner',
    );
  if (platform && (platform === app || platform === owner))
    problems.push('PLATFORM_DATABASE_URL: needs a role of its own');
  if (!read.DATABASE_URL && (owner || platform))
    problems.push('DATABASE_URL: missing, while another database connection is given');
  if (inDevelopment(read)) {
    if (read.HOST && !isLoopback(read.HOST))
      problems.push('HOST: development has demo accounts and listens on loopback only; set APP_ENV');
  } else if (read.PUBLIC_URL) {
    const url = new URL(read.PUBLIC_URL);
    if (url.protocol !== 'https:' && !isLoopback(url.hostname))
      problems.push('PUBLIC_URL: expected https outside loopback');
  }
  return problems;
}

/** Role, host, port and database: two URLs that differ only in spelling or password still are the same connection. */
function userOf(url: string | undefined): string | undefined {
  if (!url) return undefined;
  const { username, hostname, port, pathname } = new URL(url);
  return [decodeURIComponent(username), hostname, port || '5432', pathname].join(' ');
}

function warnings(read: Variables): string[] {
  if (inDevelopment(read) || !read.MIGRATION_DATABASE_URL) return [];
  return [
    'MIGRATION_DATABASE_URL is set for the server, which does not use it: give it only to npm run migrate',
  ];
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
