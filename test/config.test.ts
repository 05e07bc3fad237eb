import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { expect, test } from 'vitest';
import type { Environment } from '../src/config/environment.ts';
import { ConfigError } from '../src/config/startup-error.ts';
import { variables } from '../src/config/variables.ts';
import { readConfig, readMigrationUrl } from '../src/config.ts';
import { limits } from '../src/graphql/limits/limits.ts';

const key = () => randomBytes(32).toString('base64');
const production = (): Environment => ({
  APP_ENV: 'production',
  DATABASE_URL: 'postgresql://app:s3cret@db/bulwark',
  MASTER_KEYS: `k1:${key()}`,
  PUBLIC_URL: 'https://api.example.com',
});

function problems(environment: Environment): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('[H6] with nothing set it is development, on loopback, with its own database', () => {
  expect(readConfig({})).toMatchObject({
    env: 'development',
    host: '127.0.0.1',
    port: 4000,
    database: { kind: 'embedded' },
    masterKeys: [],
    publicUrl: 'http://127.0.0.1:4000',
    corsOrigins: [],
    signingKeyDays: 90,
    retention: { jobs: 7, invitations: 30 },
    requestTimeout: 10_000,
    drainTime: 0,
    subscriptions: { perUser: 10, perCompany: 100 },
  });
});

test('[H6] production with all variables starts without an owner connection', () => {
  const config = readConfig({
    ...production(),
    MIGRATION_DATABASE_URL: 'postgresql://owner@db/bulwark',
    CORS_ORIGINS: 'https://a.example, https://b.example:8443',
  });
  expect(config.database).toEqual({ kind: 'external', url: 'postgresql://app:s3cret@db/bulwark' });
  expect(config.corsOrigins).toEqual(['https://a.example', 'https://b.example:8443']);
  expect(config.masterKeys[0]?.key).toHaveLength(32);
  expect(config.warnings).toEqual([
    expect.stringContaining('MIGRATION_DATABASE_URL is set for the server'),
    expect.stringContaining('neither TLS_CERT_PATH nor TRUSTED_PROXIES is set'),
    expect.stringContaining('SMTP_URL is not set'),
  ]);
});

test('[H6] mail and texts are sent where they are configured; development keeps them in a folder', () => {
  expect(readConfig({}).mail).toMatchObject({ kind: 'folder' });
  expect(readConfig(production())).toMatchObject({ mail: { kind: 'none' }, sms: { kind: 'none' } });
  const config = readConfig({
    ...production(),
    SMTP_URL: 'smtps://u:p@mail.example',
    MAIL_FROM: 'Bulwark <no-reply@example.com>',
    ...{ SMS_ACCOUNT: 'AC1', SMS_TOKEN: 't', SMS_FROM: '+15550100' },
    APP_URL: 'https://app.example.com/',
    TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    SESSION_SAME_SITE: 'strict',
  });
  expect(config).toMatchObject({
    mail: { kind: 'smtp', from: 'Bulwark <no-reply@example.com>' },
    sms: { kind: 'http', url: 'https://api.twilio.com', account: 'AC1' },
    appUrl: 'https://app.example.com',
    trustedProxies: ['10.0.0.0/8', '::1'],
    sameSite: 'strict',
    warnings: [],
  });
});

test('COST_LIMIT is at least the largest cost of one operation, and 20,000 by default [H3]', () => {
  expect(readConfig(production()).costLimit).toBe(20_000);
  const given = (COST_LIMIT: string | number) => ({ ...production(), COST_LIMIT: String(COST_LIMIT) });
  expect(readConfig(given(limits.cost)).costLimit).toBe(limits.cost);
  expect(readConfig(given(999_999_999)).costLimit).toBe(999_999_999);
  for (const refused of [limits.cost - 1, 1_000_000_000, 0, -5000, '2e4', 'none'])
    expect(problems(given(refused))).toEqual(['COST_LIMIT: expected a number from 2000 to 999999999']);
});

test('plain HTTP is refused outside of development where the address is https, and served to loopback elsewhere [H1]', () => {
  const plain = (environment: Environment) => readConfig(environment).plainHttp;
  expect(plain(production())).toBe('refused');
  expect(plain({ ...production(), APP_ENV: 'staging' })).toBe('refused');
  expect(plain({ ...production(), PUBLIC_URL: 'http://127.0.0.1' })).toBe('loopback');
  expect(plain({})).toBe('loopback');
});

test('the scheme of an address is read in any case: HTTPS turns the refusal of plain HTTP on [H1]', () => {
  expect(readConfig({ ...production(), PUBLIC_URL: 'HTTPS://api.example.com' })).toMatchObject({
    plainHttp: 'refused',
    publicUrl: 'https://api.example.com',
  });
});

test('a certificate needs its key and an https address, which it gives development [H1]', () => {
  const tls = { TLS_CERT_PATH: 'tls.crt', TLS_KEY_PATH: 'tls.key' };
  expect(readConfig(tls)).toMatchObject({
    tls: { certificate: 'tls.crt', key: 'tls.key' },
    publicUrl: 'https://127.0.0.1:4000',
  });
  expect(problems({ TLS_CERT_PATH: 'tls.crt' })).toEqual([
    'TLS_KEY_PATH: missing, while others of TLS_CERT_PATH, TLS_KEY_PATH are given',
  ]);
  expect(problems({ ...tls, PUBLIC_URL: 'http://127.0.0.1' })).toEqual([
    'PUBLIC_URL: expected https, since TLS_CERT_PATH is given',
  ]);
});

test.each(['staging', 'production'])('[H6] %s names everything that is missing in one message', (APP_ENV) => {
  const found = problems({ APP_ENV });
  expect(found.map((problem) => problem.split(':')[0])).toEqual([
    'DATABASE_URL',
    'MASTER_KEYS',
    'PUBLIC_URL',
  ]);
});

test('[U1] a production that forgot APP_ENV is refused, and a public address in development too', () => {
  expect(problems({ NODE_ENV: 'production' })).toEqual([
    'APP_ENV: missing, while NODE_ENV is production; set APP_ENV=production',
  ]);
  expect(problems({ PUBLIC_URL: 'https://api.example.com' })).toEqual([
    'PUBLIC_URL: development serves loopback addresses only; set APP_ENV=production or staging',
  ]);
  expect(problems({ NODE_ENV: 'production', APP_ENV: 'development' })).toEqual([]);
});

test('[U1] demo data is for the embedded database or DEMO_DATA=true, and never outside of development', () => {
  const external = { DATABASE_URL: 'postgresql://server@127.0.0.1/bulwark' };
  const demo = (environment: object) => readConfig({ ...environment }).demoData;
  expect([demo({}), demo({ DEMO_DATA: 'false' })]).toEqual([true, false]);
  expect([demo(external), demo({ ...external, DEMO_DATA: 'true' })]).toEqual([false, true]);
  expect(demo(production())).toBe(false);
  expect(problems({ ...production(), DEMO_DATA: 'true' })).toEqual([
    'DEMO_DATA: expected only in development',
  ]);
});

test('refuses a data folder that cannot be part of a library path, for the embedded database only [B15]', () => {
  expect(problems({ DATA_DIR: './da:ta' })).toEqual([
    expect.stringMatching(/^DATA_DIR: \/.*\/da:ta contains ":", .*; choose another folder$/),
  ]);
  const own = { DATABASE_URL: 'postgresql://server@127.0.0.1/bulwark' };
  expect(problems({ ...own, DATA_DIR: './da:ta' })).toEqual([]);
});

test.each([
  ['prefer', { rejectUnauthorized: false }],
  ['require', { rejectUnauthorized: false }],
  ['require&sslrootcert=package.json', { ca: expect.any(String), checkServerIdentity: expect.any(Function) }],
  [
    'verify-ca&sslrootcert=package.json',
    { ca: expect.any(String), checkServerIdentity: expect.any(Function) },
  ],
  ['verify-full', {}],
  ['no-verify', { rejectUnauthorized: false }],
  ['disable', false],
])('sslmode=%s verifies what libpq does [U7]', (mode, ssl) => {
  const { database } = readConfig({ DATABASE_URL: `postgresql://server@127.0.0.1/bulwark?sslmode=${mode}` });
  const { url } = database as { url: string };
  expect((new pg.Client(url) as unknown as { ssl: object | boolean }).ssl).toEqual(ssl);
});

test('warns of an sslmode that does not verify the server, outside of development [U7]', () => {
  const warned = (mode: string) =>
    readConfig({
      ...production(),
      DATABASE_URL: `postgresql://server@db/bulwark?sslmode=${mode}`,
    }).warnings.filter((warning) => warning.startsWith('DATABASE_URL'));
  const one = [
    expect.stringMatching(/does not verify who answers; use sslmode=verify-full with sslrootcert$/),
  ];
  expect(['prefer', 'require', 'no-verify'].map(warned)).toEqual([one, one, one]);
  expect(['disable', 'verify-full', 'require&sslrootcert=ca.pem'].map(warned)).toEqual([[], [], []]);
});

test.each([
  ['PORT', ' 4001 ', { port: 4001 }],
  ['LOG_LEVEL', 'debug\r', { logLevel: 'debug' }],
  ['HOST', '[::1]', { host: '::1', publicUrl: 'http://[::1]:4000' }],
])('%s="%s" is read without spaces and brackets [U7]', (name, value, read) => {
  expect(readConfig({ [name]: value })).toMatchObject(read);
});

test.each([
  ['DATABASE_URL', 'postgresql://server:50%@db/bulwark'],
  ['SMTP_URL', 'smtp://bulwark:50%@mail'],
])('%s with a bare %% in its password is refused without quoting it [U7]', (name, url) => {
  const found = problems({ [name]: url, ...(name === 'SMTP_URL' && { MAIL_FROM: 'a@b.example' }) });
  expect(found).toEqual([`${name}: write a % in the user or the password as %25`]);
});

test('names a line of .env that is no NAME=value without showing its value [U7]', () => {
  const secret = key();
  for (const file of [{ [`MASTER_KEYS: k1:${secret.slice(0, -1)}`]: '' }, { 'P\0O\0R\0T\0': '4' }]) {
    const thrown = (() => {
      try {
        return readConfig({}, file);
      } catch (error) {
        return error as ConfigError;
      }
    })();
    expect((thrown as ConfigError).problems).toEqual([
      expect.stringMatching(/^\.env: (MASTER_KEYS|P)…: expected lines as NAME=value, in UTF-8$/),
    ]);
    expect(JSON.stringify(thrown)).not.toContain(secret.slice(0, 20));
  }
});

test('reads .env, which the environment takes precedence over [U7]', () => {
  const config = readConfig({ PORT: '4001' }, { PORT: '4002', LOG_LEVEL: 'debug' });
  expect(config).toMatchObject({ port: 4001, logLevel: 'debug', warnings: [] });
});

test.each([
  ['TRUSTED_PROXY', 'TRUSTED_PROXIES'],
  ['TRUST_PROXY', 'TRUSTED_PROXIES'],
  ['MASTER_KEY', 'MASTER_KEYS'],
  ['REDIS_URI', 'REDIS_URL'],
  ['APP_ENVIRONMENT', 'APP_ENV'],
  ['CORS_ORIGIN', 'CORS_ORIGINS'],
])('points out %s, in .env as an error and in the environment as a warning [U7]', (name, meant) => {
  const sentence = `${name}: unknown; did you mean ${meant}?`;
  expect(() => readConfig({}, { [name]: 'x' })).toThrow(`.env: ${sentence}`);
  expect(readConfig({ [name]: 'x' }).warnings).toEqual([sentence]);
});

test('passes over the variables of other programs, and warns of those in .env [U7]', () => {
  const others = { HOSTNAME: 'a', MAIL: 'b', NODE_OPTIONS: 'c', PWD: 'd', LOGNAME: 'e', DB_URL: 'f' };
  expect(readConfig(others).warnings).toEqual([]);
  expect(readConfig({}, { DB_URL: 'f' }).warnings).toEqual(['.env: DB_URL: unknown, and not used']);
});

test('[H6] an unknown APP_ENV is not development: production variables are required', () => {
  expect(problems({ APP_ENV: 'prod' }).map((problem) => problem.split(':')[0])).toEqual([
    'APP_ENV',
    'DATABASE_URL',
    'MASTER_KEYS',
    'PUBLIC_URL',
  ]);
});

test('[H6] malformed, contradictory and missing variables are named together', () => {
  const found = problems({
    APP_ENV: 'production',
    PORT: '99999',
    SIGNING_KEY_DAYS: '0',
    LOG_LEVEL: 'loud',
    DATABASE_URL: 'mysql://x',
    PUBLIC_URL: 'http://api.example.com',
    CORS_ORIGINS: '*',
  });
  expect(found.map((problem) => problem.split(':')[0]).sort()).toEqual([
    'CORS_ORIGINS',
    'DATABASE_URL',
    'LOG_LEVEL',
    'MASTER_KEYS',
    'PORT',
    'PUBLIC_URL',
    'SIGNING_KEY_DAYS',
  ]);
});

test.each([
  ['short', `k1:${randomBytes(16).toString('base64')}`, 'expected 32 bytes, found 16'],
  ['zero', `k1:${Buffer.alloc(32).toString('base64')}`, 'not random'],
  ['repeated', `k1:${Buffer.alloc(32, 'abcdefgh').toString('base64')}`, 'not random'],
  ['counted', `k1:${Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64')}`, 'not random'],
  ['typed', `k1:${Buffer.from('change-me-change-me-please-do-it').toString('base64')}`, 'not random'],
  ['nameless', key(), 'expected id:base64'],
  ['same id', `k1:${key()},k1:${key()}`, 'two keys have the same id'],
])('[E9] a %s master key is refused, and not printed', (_kind, MASTER_KEYS, message) => {
  const found = problems({ ...production(), MASTER_KEYS });
  expect(found).toEqual([expect.stringContaining(message)]);
  expect(found.join()).not.toContain(MASTER_KEYS.slice(3));
});

test('[E9] one key under two ids is refused', () => {
  const one = key();
  expect(problems({ ...production(), MASTER_KEYS: `a:${one},b:${one}` })).toEqual([
    expect.stringContaining('two ids have the same key'),
  ]);
});

test.each([
  ['DATABASE_URL', { MIGRATION_DATABASE_URL: 'postgresql://app:other@db:5432/bulwark' }],
  ['PLATFORM_DATABASE_URL', { PLATFORM_DATABASE_URL: 'postgresql://app@db/bulwark' }],
  ['REPLICA_DATABASE_URLS', { REPLICA_DATABASE_URLS: 'postgresql://app@r1/bulwark,http://r2/bulwark' }],
  ['REPLICA_MAX_LAG', { REPLICA_MAX_LAG: '1' }],
  ['REPLICA_MAX_LAG', { REPLICA_MAX_LAG: '601' }],
  ['CORS_ORIGINS', { CORS_ORIGINS: 'https://app.example.com/path' }],
  ['CORS_ORIGINS', { CORS_ORIGINS: 'null' }],
  ['PUBLIC_URL', { PUBLIC_URL: 'http://api.example.com' }],
  ['APP_URL', { APP_URL: 'http://app.example.com' }],
  ['PUBLIC_URL', { PUBLIC_URL: 'https://api.example.com/graphql' }],
  ['PUBLIC_URL', { PUBLIC_URL: 'https://api.example.com/?a=b' }],
  ['APP_URL', { APP_URL: 'https://app.example.com/#/' }],
  ['APP_URL', { APP_URL: 'https://user:password@app.example.com' }],
  [
    'SMS_API_URL',
    { SMS_API_URL: 'http://sms.example.com', SMS_ACCOUNT: 'AC1', SMS_TOKEN: 't', SMS_FROM: '+15550100' },
  ],
  ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example' }],
  ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example', MAIL_FROM: 'x@y\r\nBcc: z@z' }],
  ['SMTP_URL', { MAIL_FROM: 'x@y.example', SMTP_URL: 'https://mail.example' }],
  ['SMS_FROM', { SMS_ACCOUNT: 'AC1', SMS_TOKEN: 't' }],
  ['REDIS_URL', { REDIS_URL: 'http://cache' }],
  ['TRUSTED_PROXIES', { TRUSTED_PROXIES: '10.0.0.0/99' }],
  ['TRUSTED_PROXIES', { TRUSTED_PROXIES: '*' }],
  ['TRUSTED_PROXIES', { TRUSTED_PROXIES: '10.0.0.1, 0.0.0.0/0' }],
  ['TRUSTED_PROXIES', { TRUSTED_PROXIES: '128.0.0.0/1' }],
  ['TRUSTED_PROXIES', { TRUSTED_PROXIES: '::/0' }],
  ['SESSION_SAME_SITE', { SESSION_SAME_SITE: 'none' }],
])('[H6] %s is refused in %j', (name, wrong) => {
  expect(problems({ ...production(), ...wrong }).map((problem) => problem.split(':')[0])).toEqual([name]);
});

test('[H6] development does not listen to the network', () => {
  expect(problems({ HOST: '0.0.0.0' })).toEqual([expect.stringContaining('HOST: development')]);
});

test('[H6] no message contains a password', () => {
  const found = problems({
    APP_ENV: 'production',
    DATABASE_URL: 'http://app:s3cret@db/x',
    MIGRATION_DATABASE_URL: 's3cret',
    MASTER_KEYS: 's3cret',
  });
  expect(found.join()).not.toContain('s3cret');
});

test('migrating needs the owner’s connection and nothing else', () => {
  expect(readMigrationUrl({ MIGRATION_DATABASE_URL: 'postgresql://owner@db/x' })).toBe(
    'postgresql://owner@db/x',
  );
  expect(() => readMigrationUrl({})).toThrow('MIGRATION_DATABASE_URL: missing');
});

test('[H6] .env.example names every variable that the server reads, and no other', () => {
  const read = new Set(Object.keys(variables.shape));
  const named = new Set(
    readFileSync('.env.example', 'utf8')
      .match(/^#? ?[A-Z_]+(?==)/gm)
      ?.map((name) => name.replace(/^# ?/, '')),
  );
  expect(named).toEqual(read);
});

test('[H6] replicas are a list, with a lag from 2 to 600 seconds and 10 by default; without any there are none', () => {
  const urls = ['postgresql://app@r1/bulwark', 'postgresql://app@r2/bulwark'];
  const replicasOf = (given: Environment) => readConfig({ ...production(), ...given }).replicas;
  expect(replicasOf({ REPLICA_DATABASE_URLS: urls.join(', ') })).toEqual({ urls, maxLag: 10_000 });
  const lagOf = (seconds: number) =>
    replicasOf({ REPLICA_DATABASE_URLS: urls.join(), REPLICA_MAX_LAG: `${seconds}` })?.maxLag;
  expect([lagOf(2), lagOf(600)]).toEqual([2_000, 600_000]);
  expect(replicasOf({})).toBeUndefined();
  expect(replicasOf({ REPLICA_DATABASE_URLS: ' ' })).toBeUndefined();
  expect(problems({ REPLICA_DATABASE_URLS: 'postgresql://app@r1/bulwark' })).toEqual([
    'DATABASE_URL: missing, while another database connection is given',
  ]);
});

test('[H6] a replica whose certificate is not verified is a warning, as for the primary', () => {
  const { warnings } = readConfig({
    ...production(),
    REPLICA_DATABASE_URLS:
      'postgresql://app@r1/bulwark?sslmode=verify-full,postgresql://app@r2/bulwark?sslmode=require',
  });
  expect(warnings).toContainEqual(expect.stringMatching(/^REPLICA_DATABASE_URLS: its sslmode encrypts/));
});

test.each(['0', '65', '-1', '1.5', 'two', 'AUTO'])('[H6] WORKERS=%s is refused', (WORKERS) => {
  expect(problems({ ...production(), WORKERS })).toEqual([
    'WORKERS: expected auto, for one on each core, or a number from 1 to 64',
  ]);
});

test('[H6] WORKERS takes 1 to 64 and auto, and warns where requests are counted in each process', () => {
  const read = (WORKERS: string) => readConfig({ ...production(), WORKERS });
  expect([read('1').workers, read('64').workers, read(' ').workers]).toEqual([1, 64, 1]);
  expect(read('auto').workers).toBeGreaterThan(0);
  const warned = expect.stringMatching(/^WORKERS: each of 2 processes counts requests by itself/);
  expect(read('2').warnings).toContainEqual(warned);
  expect(read('1').warnings.join()).not.toContain('WORKERS');
  const redis = { WORKERS: '2', REDIS_URL: 'redis://redis:6379' };
  expect(readConfig({ ...production(), ...redis }).warnings.join()).not.toContain('WORKERS');
});

test('[H6] more than one worker needs ports for the metrics of each, and no development', () => {
  const METRICS_TOKEN = 'm'.repeat(32);
  const given = (more: Environment) => problems({ ...production(), WORKERS: '2', ...more });
  expect(given({ METRICS_TOKEN })).toEqual([expect.stringMatching(/^METRICS_PORT: missing/)]);
  expect(given({ METRICS_TOKEN, METRICS_PORT: '9464' })).toEqual([]);
  expect(given({ METRICS_PORT: '65534' })).toEqual([]);
  expect(given({ METRICS_PORT: '65535' })).toEqual([
    expect.stringMatching(/^METRICS_PORT: expected 2 ports/),
  ]);
  for (const METRICS_PORT of ['3999', '4000'])
    expect(given({ METRICS_PORT })).toEqual([expect.stringMatching(/without PORT/)]);
  for (const METRICS_PORT of ['3998', '4001']) expect(given({ METRICS_PORT })).toEqual([]);
  expect(problems({ WORKERS: '2' })).toEqual([expect.stringMatching(/^WORKERS: expected 1 in development/)]);
  expect(problems({ WORKERS: '1' })).toEqual([]);
});
