import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';
import { asOwner, databaseUrl } from '../support/server/global-setup.ts';
import { runProgram } from '../support/server/program.ts';

const EXIT_CONFIG = 78;
const key = () => randomBytes(32).toString('base64');

let folder: string;
let demo: FreshDatabase;
let empty: FreshDatabase;
let unmigrated: string;
let taken: Server;
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'misconfigured-')));
  [demo, empty] = await Promise.all([freshDatabase('demo'), freshDatabase()]);
  unmigrated = `bulwark_unmigrated_${randomBytes(4).toString('hex')}`;
  await asOwner(demo.ownerUrl, (db) => db.query(`CREATE DATABASE ${unmigrated} TEMPLATE template0`));
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  taken?.close();
  await asOwner(demo.ownerUrl, (db) => db.query(`DROP DATABASE IF EXISTS ${unmigrated}`));
  await Promise.all([demo?.drop(), empty?.drop()]);
  rmSync(folder, { recursive: true, force: true });
});

const portOf = (server: Server) => (server.address() as { port: number }).port;
/** A URL at which nothing listens. */
const closed = 'postgresql://server@127.0.0.1:1/bulwark';
const changed = (url: string, parts: Partial<URL>) => Object.assign(new URL(url), parts).href;
const firstKey = `test:${key()}`;
const onEmpty = () => ({ DATABASE_URL: empty.appUrl, MASTER_KEYS: firstKey });
const login = () => inject('postgres').logins.app;

type Row = {
  what: string;
  environment: () => Record<string, string>;
  /** What `.env` holds. */
  file?: string;
  /** What the data folder holds. */
  data?: Record<string, string>;
  message: () => string | RegExp;
};

const ROWS: Row[] = [
  {
    what: 'a database without migrations',
    environment: () => ({ ...onEmpty(), DATABASE_URL: databaseUrl(demo.ownerUrl, unmigrated, login()) }),
    message: () =>
      /^DATABASE_URL: the database lacks \d+ migrations, first 0001_\w+; run npm run migrate with MIGRATION_DATABASE_URL\.$/,
  },
  {
    what: 'another master key than the database was written with',
    environment: () => ({ ...onEmpty(), DATABASE_URL: demo.appUrl }),
    message: () =>
      /^MASTER_KEYS: 'test' has other bytes .*; give the keys that the database was written with\.$/,
  },
  {
    what: 'a missing master key',
    environment: () => ({ DATABASE_URL: demo.appUrl, MASTER_KEYS: `other:${key()}` }),
    message: () => /^MASTER_KEYS: 'test' wraps \d+ data keys and is not given; give the keys .*\.$/,
  },
  {
    what: 'a database that does not answer',
    environment: () => ({ ...onEmpty(), DATABASE_URL: closed }),
    message: () =>
      'DATABASE_URL: no PostgreSQL answers at 127.0.0.1:1 (ECONNREFUSED); start it, or correct the address.',
  },
  {
    what: 'a role that the database does not accept',
    environment: () => ({ ...onEmpty(), DATABASE_URL: changed(empty.appUrl, { username: 'unknown_role' }) }),
    message: () => /^DATABASE_URL: PostgreSQL .* the role "unknown_role"; .*\.$/,
  },
  {
    what: 'a database that does not exist',
    environment: () => ({ ...onEmpty(), DATABASE_URL: changed(empty.appUrl, { pathname: '/absent' }) }),
    message: () => 'DATABASE_URL: the database "absent" does not exist; create it, or correct the name.',
  },
  {
    what: 'the owner as the server’s role',
    environment: () => ({ ...onEmpty(), DATABASE_URL: empty.ownerUrl }),
    message: () => /^The database is not safe to serve from:\n {2}DATABASE_URL: the role \w+ is a superuser/,
  },
  {
    what: 'a platform database that does not answer',
    environment: () => ({ ...onEmpty(), PLATFORM_DATABASE_URL: 'postgresql://lister@127.0.0.1:1/bulwark' }),
    message: () => /^PLATFORM_DATABASE_URL: no PostgreSQL answers at 127\.0\.0\.1:1 \(ECONNREFUSED\); .*\.$/,
  },
  {
    what: 'an owner’s database that does not answer',
    environment: () => ({ ...onEmpty(), MIGRATION_DATABASE_URL: 'postgresql://owner@127.0.0.1:1/bulwark' }),
    message: () => /^MIGRATION_DATABASE_URL: no PostgreSQL answers at 127\.0\.0\.1:1 \(ECONNREFUSED\); .*\.$/,
  },
  {
    what: 'a Redis that does not answer',
    environment: () => ({ ...onEmpty(), REDIS_URL: 'redis://127.0.0.1:1' }),
    message: () => /^REDIS_URL: no Redis at 127\.0\.0\.1:1 accepts the connection \(ECONNREFUSED\); .*\.$/,
  },
  {
    what: 'a Redis with a path',
    environment: () => ({ REDIS_URL: 'redis://127.0.0.1/bulwark' }),
    message: () => /^REDIS_URL: expected no path but a number/,
  },
  {
    what: 'proxies that are every address',
    environment: () => ({ TRUSTED_PROXIES: '0.0.0.0/0' }),
    message: () =>
      /^TRUSTED_PROXIES: "0\.0\.0\.0\/0" would trust nearly every client .*; name the networks of your proxies/,
  },
  {
    what: 'a misspelt name in .env',
    environment: () => ({}),
    file: 'TRUSTED_PROXY=10.0.0.0/8\n',
    message: () => /^\.env: TRUSTED_PROXY: unknown; did you mean TRUSTED_PROXIES\?/,
  },
  {
    what: 'a wrong value in a .env with a byte order mark',
    environment: () => ({}),
    file: '\uFEFFLOG_LEVEL=loud\r\n',
    message: () => /^LOG_LEVEL: expected fatal, error, /,
  },
  {
    what: 'a wrong value in .env',
    environment: () => ({}),
    file: 'LOG_LEVEL=loud\n',
    message: () => /^LOG_LEVEL: expected fatal, error, /,
  },
  {
    what: 'a data folder with a colon',
    environment: () => ({ DATA_DIR: './da:ta' }),
    message: () => /^DATA_DIR: .*da:ta contains ":", .*; choose another folder/,
  },
  {
    what: 'a data folder that is a file',
    environment: () => ({ DATA_DIR: join(folder, 'file') }),
    message: () => /^DATA_DIR: .*file cannot be used \((ENOTDIR|EEXIST)\); .* choose another one\.$/,
  },
  {
    what: 'secrets that are not JSON',
    environment: () => ({}),
    data: { 'secrets.json': '{' },
    message: () =>
      /^DATA_DIR: secrets\.json in .* is not JSON; restore it, or delete the folder to start again\.$/,
  },
  {
    what: 'a certificate that is no file',
    environment: () => ({ TLS_CERT_PATH: '/absent.crt', TLS_KEY_PATH: '/absent.key' }),
    message: () =>
      'TLS_CERT_PATH: /absent.crt cannot be read (ENOENT); correct the path, or let this user read the file.',
  },
  {
    what: 'a taken port',
    environment: () => ({ ...onEmpty(), PORT: String(portOf(taken)) }),
    message: () =>
      `PORT: ${portOf(taken)} is taken by another program; stop that one, or choose another port: PORT=${portOf(taken) + 1} npm start.`,
  },
  {
    what: 'an address of another machine',
    environment: () => ({
      ...onEmpty(),
      APP_ENV: 'staging',
      PUBLIC_URL: 'https://api.example.com',
      HOST: '203.0.113.1',
    }),
    message: () => 'HOST: 203.0.113.1 is no address of this machine; choose one that is.',
  },
];

describe('a start that cannot succeed', () => {
  test.for(ROWS)('names $what in one sentence and ends with 78 [U7]', async (row, { expect }) => {
    const { environment, file, data, message } = row;
    const cwd = mkdtempSync(join(folder, 'cwd-'));
    writeFileSync(join(folder, 'file'), '');
    if (file) writeFileSync(join(cwd, '.env'), file);
    mkdirSync(join(cwd, '.data'));
    for (const [name, text] of Object.entries(data ?? {})) writeFileSync(join(cwd, '.data', name), text);
    const { code, error, output } = await runProgram('start', { cwd, environment: environment() });
    expect(error.trim()).toEqual(message() instanceof RegExp ? expect.stringMatching(message()) : message());
    expect(error).not.toMatch(/^\s+at /m);
    expect(output).not.toContain('"level":"error"');
    expect(code).toBe(EXIT_CONFIG);
  });
});

test.each(['create-admin', 'purge-expired'] as const)(
  '%s names a database that does not answer and ends with 78 [U7]',
  async (program) => {
    const environment = { ...onEmpty(), DATABASE_URL: closed };
    const words = program === 'create-admin' ? ['a@b.example', 'A B'] : [];
    const { code, error } = await runProgram(program, { cwd: folder, environment, words });
    expect(error).toMatch(/^DATABASE_URL: no PostgreSQL answers at 127\.0\.0\.1:1 \(ECONNREFUSED\); .*\.\n$/);
    expect(code).toBe(EXIT_CONFIG);
  },
);

test('migrate names an owner’s database that does not answer and ends with 78 [U7]', async () => {
  const environment = { MIGRATION_DATABASE_URL: closed };
  const { code, error } = await runProgram('migrate', { cwd: folder, environment });
  expect(error).toMatch(
    /^MIGRATION_DATABASE_URL: no PostgreSQL answers at 127\.0\.0\.1:1 \(ECONNREFUSED\); .*\.\n$/,
  );
  expect(code).toBe(EXIT_CONFIG);
});
