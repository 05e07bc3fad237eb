import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../../src/db/migrations.ts';
import { asked, hasPostgres, SystemPostgres } from '../support/db/system-postgres.ts';
import { runProgram } from '../support/server/program.ts';
import { startServer } from '../support/server/server-process.ts';

const hasOpenssl = (() => {
  try {
    return execFileSync('openssl', ['version'], { encoding: 'utf8' }).startsWith('OpenSSL 3');
  } catch {
    return false;
  }
})();
const config = { masterKeys: [{ id: 'test', key: randomBytes(32) }] };
const MASTER_KEYS = config.masterKeys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join();

/** Its certificate is for `localhost` and no other name. */
type Way = { host: 'localhost' | '127.0.0.1'; mode: string; root?: 'own' | 'another' };
const described = ({ host, mode, root }: Way) =>
  `sslmode=${mode}${root ? ` with ${root === 'own' ? 'its' : 'another'} CA` : ''} at ${host}`;
const titled = (ways: (Way & { encrypted?: boolean })[]) => ways.map((way) => [described(way), way] as const);

describe.skipIf(!hasPostgres || !hasOpenssl)('a PostgreSQL with TLS', () => {
  let servers: SystemPostgres;
  let encrypted: string;
  let plain: string;

  beforeAll(async () => {
    servers = new SystemPostgres();
    for (const name of ['own', 'another']) await certificate(name);
    await certificate('server', ...['-CA', 'own.pem', '-CAkey', 'own.key'], ...forName('localhost'));
    const files = ['cert', 'key'].map((kind) => `ssl_${kind}_file=${fileOf('server', kind)}`);
    encrypted = await servers.serve(await servers.create('encrypted'), 'ssl=on', ...files);
    plain = await servers.serve(await servers.create('plain'));
    await migrate(encrypted, 'prisma/migrations');
    await asked(encrypted, 'CREATE ROLE server LOGIN IN ROLE bulwark_app');
    await asked(encrypted, 'CREATE ROLE lister LOGIN IN ROLE bulwark_platform');
  });
  afterAll(() => servers.end());

  const fileOf = (name: string, kind = 'cert') =>
    join(servers.folder, `${name}.${kind === 'key' ? 'key' : 'pem'}`);
  const forName = (name: string) => ['-addext', `subjectAltName=DNS:${name}`];
  /** Writes a key and a certificate, self-signed unless a CA is given. */
  const certificate = (name: string, ...more: string[]) =>
    servers.execute('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...more],
    ]);

  function urlOf({ host, mode, root }: Way, role: string, server = encrypted): string {
    const url = new URL(server);
    [url.username, url.hostname] = [role, host];
    url.searchParams.set('sslmode', mode);
    if (root) url.searchParams.set('sslrootcert', fileOf(root));
    return url.href;
  }
  const refusedStart = (environment: Record<string, string>) =>
    runProgram('start', { cwd: tmpdir(), environment: { MASTER_KEYS, ...environment } });
  const noConnection = (variable: string, why = '.+') =>
    new RegExp(
      `^${variable}: no encrypted connection to \\S+ \\(${why}\\); correct sslmode and sslrootcert\\.\n$`,
    );

  test.each(
    titled([
      { host: '127.0.0.1', mode: 'disable', encrypted: false },
      { host: '127.0.0.1', mode: 'prefer', encrypted: true },
      { host: '127.0.0.1', mode: 'no-verify', encrypted: true },
      { host: '127.0.0.1', mode: 'require', encrypted: true },
      { host: '127.0.0.1', mode: 'require', root: 'own', encrypted: true },
      { host: '127.0.0.1', mode: 'verify-ca', root: 'own', encrypted: true },
      { host: 'localhost', mode: 'verify-full', root: 'own', encrypted: true },
    ]),
  )('serves a start by %s, every connection alike [U7]', async (_title, way) => {
    const database = { appUrl: urlOf(way, 'server'), platformUrl: urlOf(way, 'lister') };
    const server = await startServer({ database, config });
    try {
      const ready = await fetch(new URL('/health/ready', server.url));
      expect([ready.status, await ready.json()]).toEqual([200, expect.objectContaining({ status: 'ok' })]);
      const connections = await asked(
        encrypted,
        `SELECT usename AS role, bool_and(ssl) AS every, bool_or(ssl) AS some
         FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename IN ('server', 'lister')
         GROUP BY usename ORDER BY usename`,
      );
      expect(connections).toContainEqual({ role: 'server', every: way.encrypted, some: way.encrypted });
      for (const { every, some } of connections)
        expect([every, some]).toEqual([way.encrypted, way.encrypted]);
    } finally {
      await server.stop();
    }
  });

  test.each(
    titled([
      { host: '127.0.0.1', mode: 'verify-full', root: 'own' },
      { host: 'localhost', mode: 'verify-full', root: 'another' },
      { host: 'localhost', mode: 'verify-ca', root: 'another' },
      { host: 'localhost', mode: 'require', root: 'another' },
      { host: 'localhost', mode: 'verify-full' },
    ]),
  )('is refused at start by %s, in one sentence with 78 [U7]', async (_title, way) => {
    const { code, error } = await refusedStart({ DATABASE_URL: urlOf(way, 'server') });
    const why = way.root === 'own' ? 'ERR_TLS_CERT_ALTNAME_INVALID' : undefined;
    expect(error).toMatch(noConnection('DATABASE_URL', why));
    expect(code).toBe(78);
  });

  test.each(
    titled([
      { host: 'localhost', mode: 'prefer' },
      { host: 'localhost', mode: 'require' },
      { host: 'localhost', mode: 'verify-ca', root: 'own' },
      { host: 'localhost', mode: 'verify-full', root: 'own' },
    ]),
  )('that another one without TLS takes the place of is refused by %s [U7]', async (_title, way) => {
    const { code, error } = await refusedStart({ DATABASE_URL: urlOf(way, 'postgres', plain) });
    expect(error).toMatch(noConnection('DATABASE_URL'));
    expect(code).toBe(78);
  });

  test('of another CA is refused by migrate and as the lister’s database, in one sentence each [U7]', async () => {
    const wrong: Way = { host: 'localhost', mode: 'verify-full', root: 'another' };
    const right: Way = { ...wrong, root: 'own' };
    const environment = { MIGRATION_DATABASE_URL: urlOf(wrong, 'postgres') };
    const migrated = await runProgram('migrate', { cwd: tmpdir(), environment });
    expect([migrated.error, migrated.code]).toEqual([
      expect.stringMatching(noConnection('MIGRATION_DATABASE_URL')),
      78,
    ]);
    const started = await refusedStart({
      DATABASE_URL: urlOf(right, 'server'),
      PLATFORM_DATABASE_URL: urlOf(wrong, 'lister'),
    });
    expect([started.error, started.code]).toEqual([
      expect.stringMatching(noConnection('PLATFORM_DATABASE_URL')),
      78,
    ]);
  });
});
