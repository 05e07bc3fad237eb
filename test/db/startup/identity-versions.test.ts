import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { versionedTables } from '../../../src/db/startup/identity-versions.ts';
import { openStartupDatabase, type StartupDatabase } from '../../support/db/startup-database.ts';

let database: StartupDatabase;
let authenticate: string;
let identityVersionOf: string;

beforeAll(async () => {
  database = await openStartupDatabase();
  [authenticate, identityVersionOf] = await Promise.all([
    sourceOf('authenticate(text)'),
    sourceOf('identity_version_of(text)'),
  ]);
});
afterAll(() => database.end());

async function sourceOf(routine: string): Promise<string> {
  const { rows } = await database.owner.query('SELECT prosrc FROM pg_proc WHERE oid = $1::regprocedure', [
    routine,
  ]);
  return rows[0].prosrc;
}

/** The tables after FROM and JOIN in a function's text. */
function tablesOf(source: string): string[] {
  const found = source.matchAll(/\b(?:FROM|JOIN)\s+(?:ONLY\s+)?(?:public\.)?"?(\w+)"?/gi);
  return [...new Set([...found].map(([, name]) => name as string))].filter((name) => name !== 'LATERAL');
}

/** The columns of the session, which both functions call `s`. */
const sessionColumnsOf = (source: string): string[] => [
  ...new Set([...source.matchAll(/\bs\."?(\w+)"?/g)].map(([, name]) => name as string)),
];

describe('the tables of an identity in a migrated database', () => {
  test('[A5][R6] every table that authenticate reads has an identity version, and no other one', () => {
    const tables = tablesOf(authenticate).filter((name) => name !== 'Session');
    expect(tables.sort()).toEqual(Object.keys(versionedTables).sort());
  });

  test('[A5][R6] every column of the session that authenticate reads is in its identity version', () => {
    expect(sessionColumnsOf(identityVersionOf)).toEqual(
      expect.arrayContaining(sessionColumnsOf(authenticate)),
    );
  });

  test('[A5][R6] each of these tables, and no other one, has the trigger that renews the version', async () => {
    const { rows } = await database.owner.query(
      `SELECT c.relname AS name, encode(g.tgargs, 'escape') AS owner FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
       WHERE g.tgfoid = 'renew_identity_version()'::regprocedure`,
    );
    const owners = rows.map(({ name, owner }) => [name, owner.replace('\\000', '')]);
    expect(Object.fromEntries(owners)).toEqual(versionedTables);
  });

  test.each(['FROM public."Ban"', 'FROM\n "Ban"', 'FROM ONLY "Ban"', 'from Ban', 'JOIN "Ban"'])(
    'a table that authenticate would read by %j is found in its text',
    (from) => {
      const reading = `'banned', EXISTS (SELECT ${from} b WHERE b."userId" = p.id), 'language', p.language,`;
      const changed = authenticate.replace(`'language', p.language,`, reading);
      expect(tablesOf(changed)).toContain('Ban');
    },
  );

  test('a column of the session that authenticate would read is found in its text', () => {
    const changed = authenticate.replace(`'mfaAt', s."mfaAt",`, `'mfaAt', s."mfaAt", 'ip', s.ip,`);
    expect(sessionColumnsOf(changed)).toContain('ip');
    expect(sessionColumnsOf(authenticate)).not.toContain('ip');
  });
});

describe('start-up', () => {
  const COMPLAINT =
    'table "TeamMember" is read by authenticate, but lacks the trigger renew_identity_version';
  const EVERY = 'AFTER INSERT OR UPDATE OR DELETE ON "TeamMember" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW';
  const RENEW = "EXECUTE FUNCTION renew_identity_version('companyId')";
  const replaced = (definition: string) =>
    `DROP TRIGGER renew_identity_version ON "TeamMember"; CREATE CONSTRAINT TRIGGER renew_identity_version ${definition};
     ALTER TABLE "TeamMember" ENABLE ALWAYS TRIGGER renew_identity_version`;

  test.each([
    ['fires for inserts alone', `${EVERY.replace(' OR UPDATE OR DELETE', '')} ${RENEW}`],
    ['fires for one column alone', `${EVERY.replace('UPDATE', 'UPDATE OF "teamId"')} ${RENEW}`],
    ['has a condition', `${EVERY} WHEN (false) ${RENEW}`],
    ['renews another owner', `${EVERY} EXECUTE FUNCTION renew_identity_version('id')`],
    ['fires before COMMIT', `${EVERY.replace('DEFERRED', 'IMMEDIATE')} ${RENEW}`],
  ])('[A5][R6] start-up refuses a versioned table whose trigger %s', async (_what, definition) => {
    expect(await database.problemsDuring(replaced(definition), replaced(`${EVERY} ${RENEW}`))).toContain(
      COMPLAINT,
    );
  });

  test.each(['DISABLE', 'ENABLE', 'ENABLE REPLICA'])(
    '[A5][R6] start-up refuses a versioned table whose trigger is set to %s',
    async (mode) => {
      const set = (to: string) => `ALTER TABLE "TeamMember" ${to} TRIGGER renew_identity_version`;
      expect(await database.problemsDuring(set(mode), set('ENABLE ALWAYS'))).toContain(COMPLAINT);
    },
  );
});
