import { z } from 'zod';
import { withTlsOfLibpq } from './postgres-url.ts';
import { hasEncodedLogin, UNENCODED } from './url-login.ts';
import {
  parseHeaders,
  parseMasterKeys,
  parseNetworks,
  parseOrigins,
  parseRecipients,
  parseTimeout,
  parseWorkers,
} from './values.ts';

export const postgresUrl = z
  .url({
    protocol: /^postgres(ql)?$/,
    error: 'expected postgresql://user:password@host:port/database',
  })
  .refine(hasEncodedLogin, UNENCODED)
  .transform(withTlsOfLibpq);
const publicUrl = z
  .url({ protocol: /^https?$/, error: 'expected a URL such as https://api.example.com' })
  .refine(isPlain, 'expected a URL without user, query and fragment')
  // its case has no meaning (RFC 3986, 3.1), and what is compared with it is in lower case
  .transform((url) => url.replace(/^[a-z]+:/i, (scheme) => scheme.toLowerCase()));
/** Whether addresses can be made by adding a path. */
function isPlain(text: string): boolean {
  if (!URL.canParse(text)) return true; // refused before
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === '';
}
const SENDER = /^([^<>\r\n]{1,80} )?<?[^\s<>@,]{1,64}@[^\s<>@,]{1,190}>?$/;
const listed = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
/** Replicas are measured once a second. */
const isMeasurable = (milliseconds: number) => milliseconds >= 2_000;
const blank = (value: unknown) => (typeof value === 'string' ? value.trim() || undefined : value);
const optional = <T extends z.ZodType>(type: T) => z.preprocess(blank, type.optional());
const count = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, 'expected a number from 1 to 999999')
  .transform(Number);
/** The cost of the largest operation (graphql/limits/limits.ts), which every caller may send. */
const LARGEST_COST = 2_000;
const COST_EXPECTED = `expected a number from ${LARGEST_COST} to 999999999`;
const days = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, 'expected days from 1 to 9999')
  .transform(Number);

function port(least: 0 | 1) {
  const expected = `expected a number from ${least} to 65535`;
  return z
    .string()
    .regex(/^\d{1,5}$/, expected)
    .transform(Number)
    .refine((number) => number >= least && number <= 65535, expected);
}

/** The type of each variable. */
export const variables = z.object({
  APP_ENV: optional(
    z.enum(['development', 'staging', 'production'], {
      error: 'expected development, staging or production',
    }),
  ),
  NODE_ENV: optional(z.string()),
  DEMO_DATA: optional(z.enum(['true', 'false'], { error: 'expected true or false' })),
  HOST: optional(
    z
      .string()
      .regex(/^(\[[\da-f:.]+\]|[\w.:-]+)$/i, 'expected a host name or an address')
      .transform((host) => host.replace(/^\[|\]$/g, '')),
  ),
  PORT: optional(port(0)),
  WORKERS: optional(z.string().transform(parseWorkers)),
  METRICS_PORT: optional(port(1)),
  METRICS_TOKEN: optional(
    z
      .string()
      .regex(/^[\x21-\x7e]{32,512}$/, 'expected 32 characters or more; make one with: openssl rand -hex 32'),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(publicUrl),
  OTEL_EXPORTER_OTLP_HEADERS: optional(z.string().transform(parseHeaders)),
  OTEL_SERVICE_NAME: optional(z.string().regex(/^[\w.-]{1,64}$/, 'expected a name such as bulwark-api')),
  OTEL_TRACES_SAMPLER_ARG: optional(
    z
      .string()
      .regex(/^(0?\.\d{1,6}|[01](\.0+)?)$/, 'expected a part from 0 to 1, such as 0.1')
      .transform(Number),
  ),
  SENTRY_DSN: optional(
    z
      .string()
      .regex(
        /^https?:\/\/\w{1,64}@[\w.:[\]-]+(\/[\w-]+)*\/\d{1,20}$/,
        'expected a DSN as https://KEY@HOST/PROJECT',
      ),
  ),
  DATA_DIR: optional(z.string()),
  DATABASE_URL: optional(postgresUrl),
  MIGRATION_DATABASE_URL: optional(postgresUrl),
  PLATFORM_DATABASE_URL: optional(postgresUrl),
  REPLICA_DATABASE_URLS: optional(z.string().transform(listed).pipe(z.array(postgresUrl))),
  REPLICA_MAX_LAG: optional(
    z.string().transform(parseTimeout).refine(isMeasurable, 'expected 2 seconds or more'),
  ),
  DATABASE_POOLER: optional(z.enum(['session', 'transaction'], { error: 'expected session or transaction' })),
  JOBS_DATABASE_URL: optional(postgresUrl),
  JOB_RETENTION_DAYS: optional(days),
  INVITATION_RETENTION_DAYS: optional(days),
  MASTER_KEYS: optional(z.string().transform(parseMasterKeys)),
  PUBLIC_URL: optional(
    publicUrl.refine((url) => !/\/graphql\/?$/.test(url), 'expected the address without /graphql'),
  ),
  APP_URL: optional(publicUrl),
  CORS_ORIGINS: optional(z.string().transform(parseOrigins)),
  TRUSTED_PROXIES: optional(z.string().transform(parseNetworks)),
  TLS_CERT_PATH: optional(z.string()),
  TLS_KEY_PATH: optional(z.string()),
  SESSION_SAME_SITE: optional(z.enum(['lax', 'strict'], { error: 'expected lax or strict' })),
  SIGNING_KEY_DAYS: optional(
    z
      .string()
      .regex(/^[1-9]\d{0,2}$/, 'expected a number from 1 to 366')
      .transform(Number)
      .refine((days) => days <= 366, 'expected a number from 1 to 366'),
  ),
  REQUEST_TIMEOUT: optional(z.string().transform(parseTimeout)),
  DRAIN_TIME: optional(z.string().transform(parseTimeout)),
  SUBSCRIPTIONS_PER_USER: optional(count),
  SUBSCRIPTIONS_PER_COMPANY: optional(count),
  TRUSTED_DOCUMENTS_PATH: optional(z.string()),
  TRUSTED_DOCUMENTS_REQUIRED: optional(
    z.enum(['none', 'browsers', 'all'], { error: 'expected none, browsers or all' }),
  ),
  RATE_LIMIT: optional(count),
  COST_LIMIT: optional(
    z
      .string()
      .regex(/^[1-9]\d{3,8}$/, COST_EXPECTED)
      .transform(Number)
      .refine((cost) => cost >= LARGEST_COST, COST_EXPECTED),
  ),
  REDIS_URL: optional(
    z
      .url({
        protocol: /^rediss?$/,
        error: 'expected redis://host:6379 or rediss://user:password@host:6379',
      })
      .refine(
        (url) => !URL.canParse(url) || /^\/?\d*$/.test(new URL(url).pathname),
        'expected no path but a number',
      ),
  ),
  SMTP_URL: optional(
    z
      .url({ protocol: /^smtps?$/, error: 'expected smtps://user:password@host:465 or smtp://host:587' })
      .refine((url) => !URL.canParse(url) || new URL(url).hostname !== '', 'expected a host')
      .refine(hasEncodedLogin, UNENCODED),
  ),
  MAIL_FROM: optional(z.string().regex(SENDER, 'expected an address such as Bulwark <no-reply@example.com>')),
  SMS_API_URL: optional(publicUrl),
  SMS_ACCOUNT: optional(z.string().regex(/^[\w-]{1,64}$/, 'expected an account id')),
  SMS_TOKEN: optional(z.string()),
  SMS_FROM: optional(
    z.string().regex(/^(\+[1-9]\d{6,14}|[\w ]{1,11})$/, 'expected a number such as +15550100'),
  ),
  BACKUP_DIR: optional(z.string()),
  BACKUP_RECIPIENT: optional(z.string().transform(parseRecipients)),
  BACKUP_IDENTITY_FILE: optional(z.string()),
  BACKUP_DATABASE_URL: optional(postgresUrl),
  DRILL_DATABASE_URL: optional(postgresUrl),
  OPERATOR_EMAIL: optional(
    z.string().regex(/^[^\s<>@,]{1,64}@[^\s<>@,]{1,190}$/, 'expected one address, as ops@example.com'),
  ),
  SECURITY_CONTACT: optional(
    z
      .string()
      .regex(
        /^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/,
        'expected mailto:security@example.com or an https address',
      ),
  ),
  LOG_LEVEL: optional(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'expected fatal, error, warn, info, debug, trace or silent',
    }),
  ),
});
export type Variables = z.infer<typeof variables>;
