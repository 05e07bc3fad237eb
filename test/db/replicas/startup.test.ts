import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../../../src/db/migrations.ts';
import { as, openReplicated, type Replicated } from '../../support/db/replicated.ts';
import { asked, hasPostgres } from '../../support/db/system-postgres.ts';
import { runProgram } from '../../support/server/program.ts';

describe.skipIf(!hasPostgres)('a start with REPLICA_DATABASE_URLS', () => {
  let databases: Replicated;
  let stranger: string;

  beforeAll(async () => {
    databases = await openReplicated();
    const { servers } = databases;
    stranger = await servers.serve(await servers.create('stranger'));
    await migrate(stranger, 'prisma/migrations');
    await asked(stranger, 'CREATE ROLE server LOGIN IN ROLE bulwark_app');
    await asked(databases.primary, 'CREATE ROLE reader LOGIN IN ROLE bulwark_app');
  });
  afterAll(() => databases?.end());

  const start = (replicas: string) =>
    runProgram('start', {
      cwd: tmpdir(),
      environment: {
        DATABASE_URL: as('server', databases.primary),
        REPLICA_DATABASE_URLS: replicas,
        MASTER_KEYS: databases.config.masterKeys
          .map(({ id, key }) => `${id}:${key.toString('base64')}`)
          .join(),
        PORT: '0',
      },
    });

  test.each([
    ['another system', () => as('server', stranger), / is another PostgreSQL system than the primary; /],
    [
      'another role',
      () => databases.standby.replace('postgres@', 'reader@'),
      / has the role "reader" and DATABASE_URL "server"; /,
    ],
    [
      'an unknown role',
      () => databases.standby.replace('postgres@', 'unknown@'),
      /does not admit the role "unknown"/,
    ],
    [
      'an unknown database',
      () => as('server', databases.standby).replace(/postgres$/, 'none'),
      /the database "none" does not exist/,
    ],
  ])('that lead to %s is refused in one sentence, with 78 [U7]', async (_what, replica, sentence) => {
    const { code, error } = await start(`${as('server', databases.standby)}, ${replica()}`);
    expect(error).toMatch(/^REPLICA_DATABASE_URLS: .*\.\n$/);
    expect(error).toMatch(sentence);
    expect(code).toBe(78);
  });
});
