import { resolve } from 'node:path';
import { isLoopback } from '../network-address.ts';
import { isUnverified } from './postgres-url.ts';
import type { Variables } from './variables.ts';

/** Whether this is a development start, the default. */
export const inDevelopment = ({ APP_ENV }: Pick<Variables, 'APP_ENV'>) =>
  (APP_ENV ?? 'development') === 'development';

const REQUIRED = {
  DATABASE_URL: 'the connection of the server’s role, a member of bulwark_app',
  MASTER_KEYS: 'the keys that protect all data keys, as id:base64 with 32 bytes each, first the current one',
  PUBLIC_URL: 'the address that clients use, as https://api.example.com',
} as const;

/** Returns a sentence for each required variable that is missing. */
export function missing(read: Variables, bad: Set<string>): string[] {
  if (inDevelopment(read) && !bad.has('APP_ENV')) return [];
  return Object.entries(REQUIRED).flatMap(([name, what]) =>
    read[name as keyof typeof REQUIRED] || bad.has(name) ? [] : [`${name}: missing: ${what}`],
  );
}

/** Returns a sentence for each contradiction between variables that are well-formed. */
export function contradictions(read: Variables, bad: Set<string>): string[] {
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
  if (!read.DATABASE_URL && (owner || platform || read.REPLICA_DATABASE_URLS?.length))
    problems.push('DATABASE_URL: missing, while another database connection is given');
  problems.push(...together(read, bad, ['SMTP_URL', 'MAIL_FROM']));
  problems.push(...together(read, bad, ['SMS_ACCOUNT', 'SMS_TOKEN', 'SMS_FROM']));
  problems.push(...withoutCollector(read, bad));
  problems.push(...metricsPorts(read, bad), ...workersInDevelopment(read));
  problems.push(...together(read, bad, ['TLS_CERT_PATH', 'TLS_KEY_PATH']));
  if (read.TLS_CERT_PATH && read.PUBLIC_URL?.startsWith('http:'))
    problems.push('PUBLIC_URL: expected https, since TLS_CERT_PATH is given');
  problems.push(...trustedDocuments(read));
  if (read.DATABASE_POOLER === 'transaction' && !read.JOBS_DATABASE_URL && !bad.has('JOBS_DATABASE_URL'))
    problems.push(
      'JOBS_DATABASE_URL: missing, while DATABASE_POOLER is transaction; give the address of PostgreSQL itself, whose sessions hold the locks of jobs',
    );
  problems.push(...unusableFolder(read), ...productionWithoutName(read));
  if (inDevelopment(read) && read.HOST && !isLoopback(read.HOST))
    problems.push('HOST: development has demo accounts and listens on loopback only; set APP_ENV');
  problems.push(...unencrypted(read));
  return problems;
}

/** The service may be named for other programs of the same environment, too. */
function withoutCollector(read: Variables, bad: Set<string>): string[] {
  if (read.OTEL_EXPORTER_OTLP_ENDPOINT || bad.has('OTEL_EXPORTER_OTLP_ENDPOINT')) return [];
  const given = (['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_TRACES_SAMPLER_ARG'] as const).filter(
    (name) => read[name] !== undefined,
  );
  return given.map((name) => `OTEL_EXPORTER_OTLP_ENDPOINT: missing, while ${name} is given`);
}

/** Each worker serves its own metrics, on METRICS_PORT and the ports after it. */
function metricsPorts(read: Variables, bad: Set<string>): string[] {
  const { METRICS_PORT: first, METRICS_TOKEN: token, PORT: port = 4000, WORKERS: workers = 1 } = read;
  if (first === undefined) {
    const isBeside = token !== undefined && workers > 1 && !bad.has('METRICS_PORT');
    return isBeside
      ? [
          'METRICS_PORT: missing, while WORKERS is more than 1: each worker has its metrics on a port of its own',
        ]
      : [];
  }
  const last = first + workers - 1;
  if (last > 65_535) return [`METRICS_PORT: expected ${workers} ports from it on, one for each of WORKERS`];
  if (port < first || port > last) return [];
  return [
    workers > 1
      ? `METRICS_PORT: expected ${workers} ports from it on without PORT, one for each of WORKERS`
      : 'METRICS_PORT: expected another port than PORT',
  ];
}

const workersInDevelopment = (read: Variables): string[] =>
  inDevelopment(read) && (read.WORKERS ?? 1) > 1
    ? ['WORKERS: expected 1 in development, whose embedded database and demo data belong to one process']
    : [];

/** GraphiQL and the sign-in page, which production does not have, send documents of their own. */
function trustedDocuments(read: Variables): string[] {
  const required = read.TRUSTED_DOCUMENTS_REQUIRED ?? 'none';
  if (required === 'none') return [];
  if (!read.TRUSTED_DOCUMENTS_PATH)
    return ['TRUSTED_DOCUMENTS_PATH: missing, while TRUSTED_DOCUMENTS_REQUIRED is given'];
  if ((read.APP_ENV ?? 'development') === 'production') return [];
  return ['TRUSTED_DOCUMENTS_REQUIRED: expected in production only, since GraphiQL sends other documents'];
}

/** Sessions, links, errors and the token of the SMS provider travel over these. */
function unencrypted(read: Variables): string[] {
  if (inDevelopment(read)) return [];
  return (['PUBLIC_URL', 'APP_URL', 'SMS_API_URL', 'SENTRY_DSN'] as const).flatMap((name) => {
    const url = read[name] && new URL(read[name]);
    const refused = url && url.protocol !== 'https:' && !isLoopback(url.hostname);
    return refused ? [`${name}: expected https outside loopback`] : [];
  });
}

/** PostgreSQL finds its libraries by a list of folders that colons and semicolons separate. */
function unusableFolder(read: Variables): string[] {
  const folder = resolve(read.DATA_DIR ?? '.data');
  const [separator] = folder.match(/[:;]/) ?? [];
  if (!separator || read.DATABASE_URL) return [];
  return [`DATA_DIR: ${folder} contains "${separator}", which a library path cannot; choose another folder`];
}

/**
 * Detects a production environment that would start as development, with demo accounts and
 * GraphiQL.
 */
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

/** Requires all of these variables, or none. */
function together(read: Variables, bad: Set<string>, names: (keyof Variables)[]): string[] {
  const absent = names.filter((name) => !read[name] && !bad.has(name));
  if (absent.length === 0 || absent.length === names.length) return [];
  return absent.map((name) => `${name}: missing, while others of ${names.join(', ')} are given`);
}

/**
 * Returns role, host, port and database, so that URLs compare equal despite other spelling or
 * passwords.
 */
function userOf(url: string | undefined): string | undefined {
  if (!url) return undefined;
  const { username, hostname, port, pathname } = new URL(url);
  return [decodeURIComponent(username), hostname, port || '5432', pathname].join(' ');
}

/** Returns recommendations for the log. */
export function warnings(read: Variables): string[] {
  if (inDevelopment(read)) return [];
  return [
    read.MIGRATION_DATABASE_URL &&
      'MIGRATION_DATABASE_URL is set for the server, which does not use it: give it only to npm run migrate',
    !read.TLS_CERT_PATH &&
      !read.TRUSTED_PROXIES?.length &&
      read.PUBLIC_URL?.startsWith('https:') &&
      'neither TLS_CERT_PATH nor TRUSTED_PROXIES is set: every request but those for /health is refused, since none comes over HTTPS',
    !read.SMTP_URL &&
      'SMTP_URL is not set: no mail is sent, and signing up, resetting a password and unlocking by mail are UNAVAILABLE',
    (read.WORKERS ?? 1) > 1 &&
      !read.REDIS_URL &&
      `WORKERS: each of ${read.WORKERS} processes counts requests by itself without REDIS_URL: a caller may send so many times RATE_LIMIT`,
    ...(['DATABASE_URL', 'PLATFORM_DATABASE_URL', 'REPLICA_DATABASE_URLS'] as const).map(
      (name) =>
        [read[name]].flat().some(isUnverified) &&
        `${name}: its sslmode encrypts and does not verify who answers; use sslmode=verify-full with sslrootcert`,
    ),
  ].filter((warning) => typeof warning === 'string' && warning !== '') as string[];
}
