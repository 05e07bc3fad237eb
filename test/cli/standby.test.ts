import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../../src/db/migrations.ts';
import { asked, hasPostgres, SystemPostgres } from '../support/db/system-postgres.ts';
import { runProgram } from '../support/server/program.ts';

describe.skipIf(!hasPostgres)('a hot standby', () => {
  let servers: SystemPostgres;
  let standby: string;

  beforeAll(async () => {
    servers = new SystemPostgres();
    const url = await servers.serve(await servers.create('primary'));
    await migrate(url, 'prisma/migrations');
    await asked(url, 'CREATE ROLE server LOGIN IN ROLE bulwark_app');
    const copy = join(servers.folder, 'standby');
    await servers.run('pg_basebackup', '-d', url, '-D', copy, '-R', '--checkpoint=fast');
    standby = await servers.serve(copy);
  });
  afterAll(() => servers.end());

  test('is refused at start in one sentence, with 78 [U7]', async () => {
    const environment = {
      DATABASE_URL: standby.replace('postgres@', 'server@'),
      MASTER_KEYS: `test:${randomBytes(32).toString('base64')}`,
    };
    const { code, error } = await runProgram('start', { cwd: tmpdir(), environment });
    expect(error).toBe('DATABASE_URL: this PostgreSQL is a read-only standby; name the primary.\n');
    expect(code).toBe(78);
  });

  test('is refused by migrate in one sentence, with 78 [U7]', async () => {
    const environment = { MIGRATION_DATABASE_URL: standby };
    const { code, error } = await runProgram('migrate', { cwd: tmpdir(), environment });
    expect(error).toMatch(/^MIGRATION_DATABASE_URL: .*(standby|read-only).*\.\n$/);
    expect(code).toBe(78);
  });
});
