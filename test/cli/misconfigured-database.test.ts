import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';
import { asOwner, databaseUrl } from '../support/server/global-setup.ts';
import { runProgram } from '../support/server/program.ts';

const EXIT_CONFIG = 78;
const run = randomBytes(4).toString('hex');
const { ownerUrl } = inject('postgres');
const masterKey = `test:${randomBytes(32).toString('base64')}`;

let folder: string;
let empty: FreshDatabase;
const other = `bulwark_other_${run}`;
const latin = `bulwark_latin_${run}`;
const unowned = `bulwark_unowned_${run}`;
const role = (name: string) => `${name}_${run}`;
const as = (url: string, name: string) => databaseUrl(url, nameOf(url), { name: role(name), password: run });
const nameOf = (url: string) => new URL(url).pathname.slice(1);

/** Roles that an operator may have made: what they are, and what is set for them. */
const ROLES: [name: string, attributes: string, setting?: string][] = [
  ['datestyle', 'IN ROLE bulwark_app', "DateStyle = 'German'"],
  ['strings', 'IN ROLE bulwark_app', 'standard_conforming_strings = off'],
  ['read_only', 'IN ROLE bulwark_app', 'default_transaction_read_only = on'],
  ['row_security', 'IN ROLE bulwark_app', 'row_security = off'],
  ['path', 'IN ROLE bulwark_app', "search_path = 'nowhere'"],
  ['no_rights', ''],
  ['no_inherit', 'NOINHERIT IN ROLE bulwark_app'],
  ['no_connection', 'CONNECTION LIMIT 0 IN ROLE bulwark_app'],
  ['no_creator', ''],
  ['few', 'CONNECTION LIMIT 11 IN ROLE bulwark_app'],
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'misconfigured-database-'));
  empty = await freshDatabase();
  await asOwner(ownerUrl, async (db) => {
    for (const [name, attributes, setting] of ROLES) {
      await db.query(`CREATE ROLE ${role(name)} LOGIN PASSWORD '${run}' ${attributes}`);
      if (setting) await db.query(`ALTER ROLE ${role(name)} SET ${setting}`);
    }
    await db.query(`CREATE DATABASE ${other} TEMPLATE template0`);
    await db.query(
      `CREATE DATABASE ${unowned} OWNER ${role('no_creator')} ENCODING 'UTF8' TEMPLATE template0`,
    );
    await db.query(
      `CREATE DATABASE ${latin} ENCODING 'LATIN1' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
    );
  });
});
afterAll(async () => {
  await empty?.drop();
  await asOwner(ownerUrl, async (db) => {
    for (const name of [other, latin, unowned]) await db.query(`DROP DATABASE IF EXISTS ${name}`);
    for (const [name] of ROLES) await db.query(`DROP ROLE IF EXISTS ${role(name)}`);
  });
  rmSync(folder, { recursive: true, force: true });
});

type Row = { what: string; environment: () => Record<string, string>; message: RegExp };

const sets = (name: string, setting: string): Row => ({
  what: `a role with ${setting}`,
  environment: () => ({ DATABASE_URL: as(empty.appUrl, name) }),
  message: new RegExp(
    `^DATABASE_URL: the role or its database sets ${setting}; take that out, as by ALTER ROLE \\w+ RESET \\w+, or ALTER DATABASE\\.$`,
  ),
});

const STARTS: Row[] = [
  sets('datestyle', "DateStyle = 'German, DMY'"),
  sets('strings', "standard_conforming_strings = 'off'"),
  sets('read_only', "default_transaction_read_only = 'on'"),
  sets('row_security', "row_security = 'off'"),
  sets('path', "search_path = 'nowhere'"),
  ...['no_rights', 'no_inherit'].map((name) => ({
    what: `the role ${name}, which has no rights of bulwark_app`,
    environment: () => ({ DATABASE_URL: as(empty.appUrl, name) }),
    message: /^DATABASE_URL: the role "\w+" has no rights of bulwark_app; GRANT bulwark_app TO .* INHERIT\.$/,
  })),
  {
    what: 'a role that may not connect once more',
    environment: () => ({ DATABASE_URL: as(empty.appUrl, 'no_connection') }),
    message: /^DATABASE_URL: PostgreSQL has no free connection for the role "\w+"; raise .*\.$/,
  },
  {
    what: 'a role that may open fewer connections than the server does',
    environment: () => ({ DATABASE_URL: as(empty.appUrl, 'few') }),
    message:
      /^DATABASE_URL: a server opens 15 connections and the role "few_\w+" allows 11; ALTER ROLE "few_\w+" CONNECTION LIMIT to at least 15 for each server\.$/,
  },
  {
    what: 'a certificate file that does not exist',
    environment: () => ({ DATABASE_URL: `${empty.appUrl}?sslmode=verify-full&sslrootcert=/absent.pem` }),
    message: /^DATABASE_URL: the file \/absent\.pem cannot be read \(ENOENT\); correct the URL\.$/,
  },
  {
    what: 'TLS where PostgreSQL has none',
    environment: () => ({ DATABASE_URL: `${empty.appUrl}?sslmode=verify-full` }),
    message: /^DATABASE_URL: no encrypted connection to \S+ \(.*\); correct sslmode and sslrootcert\.$/,
  },
  ...['prefer', 'require'].map((mode) => ({
    what: `sslmode=${mode} where PostgreSQL has no TLS, without a warning of pg`,
    environment: () => ({ DATABASE_URL: `${empty.appUrl}?sslmode=${mode}` }),
    message: /^DATABASE_URL: no encrypted connection to \S+ \(.*\); correct sslmode and sslrootcert\.$/,
  })),
  {
    what: 'sslmode=verify-ca without a root certificate',
    environment: () => ({ DATABASE_URL: `${empty.appUrl}?sslmode=verify-ca` }),
    message: /^DATABASE_URL: sslmode=verify-ca needs sslrootcert; or use verify-full \(.*\)\.$/,
  },
  {
    what: 'an sslmode that libpq does not know',
    environment: () => ({ DATABASE_URL: `${empty.appUrl}?sslmode=required` }),
    message: /^DATABASE_URL: expected sslmode as one of disable, prefer, require, .* \(.*\)\.$/,
  },
  {
    what: 'a lister of another database',
    environment: () => ({ PLATFORM_DATABASE_URL: databaseUrl(empty.platformUrl, other, platform()) }),
    message:
      /^PLATFORM_DATABASE_URL: leads to the database "\w+" and DATABASE_URL to "\w+"; give the same database\.$/,
  },
  {
    what: 'a superuser as lister',
    environment: () => ({ PLATFORM_DATABASE_URL: empty.ownerUrl }),
    message: /^PLATFORM_DATABASE_URL: the role \w+ is a superuser/,
  },
  {
    what: 'a lister without the rights of bulwark_platform',
    environment: () => ({ PLATFORM_DATABASE_URL: as(empty.appUrl, 'no_rights') }),
    message: /^PLATFORM_DATABASE_URL: the role "\w+" has no rights of bulwark_platform; grant them\.$/,
  },
];
const platform = () => inject('postgres').logins.platform;

describe('a start that cannot succeed', () => {
  test.each(STARTS)('names $what in one sentence and ends with 78 [U7]', async ({ environment, message }) => {
    const given = { DATABASE_URL: empty.appUrl, MASTER_KEYS: masterKey, ...environment() };
    const { code, error } = await runProgram('start', { cwd: folder, environment: given });
    expect(error.trim()).toMatch(message);
    expect(error).not.toMatch(/^\s+at /m);
    expect(code).toBe(EXIT_CONFIG);
  });
});

const MIGRATIONS: { what: string; url: () => string; message: RegExp }[] = [
  {
    what: 'a database of another encoding',
    url: () => databaseUrl(ownerUrl, latin),
    message: /^MIGRATION_DATABASE_URL: the database "\w+" has the encoding LATIN1; create it with .*\.$/,
  },
  {
    what: 'a role that is not the owner',
    url: () => as(empty.appUrl, 'no_rights'),
    message: /^MIGRATION_DATABASE_URL: the role "\w+" may not create tables; give the owner .*\.$/,
  },
  {
    what: 'an owner that cannot grant roles',
    url: () => as(databaseUrl(ownerUrl, unowned), 'no_creator'),
    message: /^MIGRATION_DATABASE_URL: the role "\w+" cannot grant the roles of the server; .* CREATEROLE\.$/,
  },
  {
    what: 'a read-only connection',
    url: () => `${ownerUrl}?options=-c%20default_transaction_read_only%3Don`,
    message: /^MIGRATION_DATABASE_URL: the database is read-only: .*\.$/,
  },
];

test.each(MIGRATIONS)('migrate names $what and ends with 78 [U7]', async ({ url, message }) => {
  const environment = { MIGRATION_DATABASE_URL: url() };
  const { code, error } = await runProgram('migrate', { cwd: folder, environment });
  expect(error.trim()).toMatch(message);
  expect(code).toBe(EXIT_CONFIG);
});

test.each([
  ['migrate', ['down'], 'npm run migrate'],
  ['migrate', ['--help'], 'npm run migrate'],
  ['purge-expired', ['--dry-run'], 'npm run purge-expired'],
  ['create-admin', ['a@b.example'], 'npm run create-admin -- EMAIL "NAME"'],
  ['create-admin', ['a@b.example', 'A', 'B'], 'npm run create-admin -- EMAIL "NAME"'],
])(
  '%s with the words %j changes nothing, prints its usage and ends with 78 [U7]',
  async (program, words, usage) => {
    const { code, error } = await runProgram(program, { cwd: folder, words });
    expect(error).toBe(`usage: ${usage}\n`);
    expect(code).toBe(EXIT_CONFIG);
  },
);
