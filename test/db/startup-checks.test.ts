import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guarantees } from '../../src/db/guarantees.gen.ts';
import type { Query } from '../../src/db/sql.ts';
import { proveDatabase, UnsafeDatabase } from '../../src/db/startup-checks.ts';
import { connect } from '../support/db/companies.ts';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';
import { databaseUrl } from '../support/server/global-setup.ts';

let database: FreshDatabase;
let owner: pg.Client;
let app: pg.Client;
const made: string[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  owner = await connect(database.ownerUrl);
  app = await connect(database.appUrl);
});
afterAll(async () => {
  for (const role of made)
    await owner.query(`REASSIGN OWNED BY ${role} TO CURRENT_USER; DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await Promise.all([app.end(), owner.end()]);
  await database.drop();
});

const through =
  (client: pg.Client): Query =>
  async (sql, values) =>
    (await client.query(sql, values)).rows;

/** What start-up says of the database as this role sees it; '' when it starts. */
const verdict = (client = app): Promise<string> =>
  proveDatabase(through(client)).then(
    () => '',
    (error) => {
      expect(error).toBeInstanceOf(UnsafeDatabase);
      return (error as Error).message;
    },
  );

/** A login of the test's own, made with these options; all that it is goes again in the end. */
async function asRole(
  options: string,
  more = (_role: string) => '',
): Promise<{ said: string; role: string }> {
  const role = `bulwark_safety_${crypto.randomUUID().slice(0, 8)}`;
  await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD 'safety' ${options}`);
  made.push(role);
  if (more(role)) await owner.query(more(role));
  const client = await connect(
    databaseUrl(database.ownerUrl, new URL(database.ownerUrl).pathname.slice(1), {
      name: role,
      password: 'safety',
    }),
  );
  try {
    return { said: await verdict(client), role };
  } finally {
    await client.end();
  }
}

/** Start-up's verdict while `change` holds, and that it is content again once `back` has undone it. */
async function whileIts(change: string, back: string): Promise<string> {
  await owner.query(change);
  try {
    return await verdict();
  } finally {
    await owner.query(back);
    expect(await verdict()).toBe('');
  }
}

describe('the role that the server connects as', () => {
  test('[T2] start-up is content with a plain member of bulwark_app', async () => {
    expect(await verdict()).toBe('');
    expect((await asRole('IN ROLE bulwark_app')).said).toBe('');
  });

  test('[T2] start-up refuses a superuser', async () => {
    expect(await verdict(owner)).toContain('is a superuser');
    expect((await asRole('SUPERUSER IN ROLE bulwark_app')).said).toContain('is a superuser');
  });

  test('[T2] start-up refuses a role with BYPASSRLS', async () => {
    expect((await asRole('BYPASSRLS IN ROLE bulwark_app')).said).toContain('has BYPASSRLS');
  });

  test('[T2] start-up refuses a role that may make roles', async () => {
    expect((await asRole('CREATEROLE IN ROLE bulwark_app')).said).toContain('has CREATEROLE');
  });

  test('[T2] start-up refuses the owner of a table, and a member of the owner', async () => {
    const { role, said } = await asRole(
      'IN ROLE bulwark_app',
      (name) => `CREATE TABLE "Loose" (id uuid); ALTER TABLE "Loose" OWNER TO ${name}`,
    );
    expect(said).toContain('owns tables (Loose');
    expect((await asRole(`IN ROLE bulwark_app, ${role}`)).said).toContain('owns tables (Loose');
    await owner.query('DROP TABLE "Loose"');
    expect(await verdict()).toBe('');
  });

  for (const group of ['bulwark_platform', 'bulwark_identity', 'bulwark_audit']) {
    test(`[T2] start-up refuses a member of ${group}, also one that could only become it`, async () => {
      expect((await asRole(`IN ROLE bulwark_app, ${group}`)).said).toContain(`is a member of ${group}`);
      expect((await asRole(`NOINHERIT IN ROLE bulwark_app, ${group}`)).said).toContain(
        `is a member of ${group}`,
      );
    });
  }

  test('[T2] start-up refuses a role that could become a superuser or one with BYPASSRLS', async () => {
    const { role: bypasser } = await asRole('BYPASSRLS');
    expect((await asRole(`IN ROLE bulwark_app, ${bypasser}`)).said).toContain(bypasser);
    const { role: root } = await asRole('SUPERUSER');
    expect((await asRole(`NOINHERIT IN ROLE bulwark_app, ${root}`)).said).toContain(root);
  });
});

describe('what says who somebody is', () => {
  const CHANGED =
    'AFTER INSERT OR UPDATE OR DELETE ON "TeamMember" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW';
  test.each([
    [
      'inserts alone',
      `${CHANGED.replace(' OR UPDATE OR DELETE', '')} EXECUTE FUNCTION renew_identity_version('companyId')`,
    ],
    [
      'one column',
      `${CHANGED.replace('UPDATE', 'UPDATE OF "teamId"')} EXECUTE FUNCTION renew_identity_version('companyId')`,
    ],
    ['some rows', `${CHANGED} WHEN (false) EXECUTE FUNCTION renew_identity_version('companyId')`],
    ['another owner', `${CHANGED} EXECUTE FUNCTION renew_identity_version('id')`],
  ])('[A5][R6] whose changes are watched for %s, stops the start', async (_what, trigger) => {
    const made = (how: string) =>
      `DROP TRIGGER renew_identity_version ON "TeamMember"; CREATE CONSTRAINT TRIGGER renew_identity_version ${how};
       ALTER TABLE "TeamMember" ENABLE ALWAYS TRIGGER renew_identity_version`;
    await owner.query(made(trigger));
    try {
      expect(await verdict()).toContain('table "TeamMember" says who somebody is');
    } finally {
      await owner.query(made(`${CHANGED} EXECUTE FUNCTION renew_identity_version('companyId')`));
    }
    expect(await verdict()).toBe('');
  });

  test('[A5][R6] a column of the session that is in no stamp stops the start', async () => {
    const [{ source }] = (
      await owner.query(`SELECT pg_get_functiondef('authenticate(text)'::regprocedure) AS source`)
    ).rows;
    await owner.query(source.replace(`'mfaAt', s."mfaAt",`, `'mfaAt', s."mfaAt", 'ip', s.ip,`));
    try {
      expect(await verdict()).toContain('column "ip" of "Session" says who somebody is');
    } finally {
      await owner.query(source);
    }
    expect(await verdict()).toBe('');
  });

  test.each(['FROM public."Ban"', 'FROM\n "Ban"', 'FROM ONLY "Ban"', 'from ban'])(
    '[A5][R6] that nobody watches and `authenticate` reads (%j), stops the start',
    async (from) => {
      const [{ source }] = (
        await owner.query(`SELECT pg_get_functiondef('authenticate(text)'::regprocedure) AS source`)
      ).rows;
      const name = from.includes('ban') ? 'ban' : 'Ban';
      await owner.query(`CREATE TABLE "${name}" ("userId" uuid)`);
      try {
        const reading = `'banned', EXISTS (SELECT ${from} b WHERE b."userId" = p.id), 'language', p.language,`;
        await owner.query(source.replace(`'language', p.language,`, reading));
        expect(await verdict()).toContain(`table "${name}" says who somebody is`);
      } finally {
        await owner.query(`${source}; DROP TABLE "${name}"`);
      }
      expect(await verdict()).toBe('');
    },
  );

  test.each(['DISABLE', 'ENABLE'])(
    '[A5][R6] whose changes are watched (%s) but not always, stops the start',
    async (mode) => {
      await owner.query(`ALTER TABLE "TeamMember" ${mode} TRIGGER renew_identity_version`);
      try {
        expect(await verdict()).toContain(
          'table "TeamMember" says who somebody is, but lacks the trigger renew_identity_version',
        );
      } finally {
        await owner.query('ALTER TABLE "TeamMember" ENABLE ALWAYS TRIGGER renew_identity_version');
      }
      expect(await verdict()).toBe('');
    },
  );
});

describe('the tables', () => {
  const tables = Object.values(guarantees).filter(({ tenant, identity }) => tenant || identity);

  for (const { table } of tables) {
    test(`[T2] start-up refuses "${table}" without row-level security, without FORCE, without a policy, without a grant`, async () => {
      const alter = (what: string) => `ALTER TABLE "${table}" ${what} ROW LEVEL SECURITY`;
      expect(await whileIts(alter('DISABLE'), alter('ENABLE'))).toContain(
        `table "${table}" has no row-level security`,
      );
      expect(await whileIts(alter('NO FORCE'), alter('FORCE'))).toContain(
        `table "${table}" doesn't FORCE row-level security`,
      );
      const [policy] = await through(owner)<{ name: string }>(
        `SELECT polname AS name FROM pg_policy WHERE polrelid = $1::regclass AND 'bulwark_app'::regrole = ANY (polroles)`,
        [`"${table}"`],
      );
      const to = (role: string) => `ALTER POLICY ${policy?.name} ON "${table}" TO ${role}`;
      expect(await whileIts(to('bulwark_audit'), to('bulwark_app'))).toContain(
        `table "${table}" has no policy for bulwark_app`,
      );
      expect(
        await whileIts(
          `REVOKE SELECT ON "${table}" FROM bulwark_app`,
          `GRANT SELECT ON "${table}" TO bulwark_app`,
        ),
      ).toContain(`table "${table}" isn't granted`);
    });
  }

  for (const { table } of tables.filter(({ audited }) => audited)) {
    test(`[L1] start-up refuses "${table}" with its audit trigger gone or switched off`, async () => {
      const trigger = (what: string) => `ALTER TABLE "${table}" ${what} TRIGGER audit_required`;
      const complaint = `table "${table}" is audited but lacks the trigger`;
      expect(await whileIts(trigger('DISABLE'), trigger('ENABLE'))).toContain(complaint);
      expect(await whileIts(trigger('ENABLE REPLICA'), trigger('ENABLE'))).toContain(complaint);
      const column = table === 'Company' ? 'id' : 'companyId';
      expect(
        await whileIts(
          `DROP TRIGGER audit_required ON "${table}"`,
          `DROP TRIGGER audit_refuse_truncate ON "${table}"; CALL audit_table('"${table}"', '${column}')`,
        ),
      ).toContain(complaint);
    });
  }

  test('[T2] start-up refuses a table that is missing', async () => {
    expect(
      await whileIts(
        'ALTER TABLE "Attendance" RENAME TO "Gone"',
        'ALTER TABLE "Gone" RENAME TO "Attendance"',
      ),
    ).toContain('table "Attendance" is missing');
  });

  test('[T2] start-up refuses a tenant table that the server can reach and that no model stands for', async () => {
    const said = await whileIts(
      'CREATE TABLE "Stray" ("companyId" uuid, id uuid); GRANT SELECT ON "Stray" TO bulwark_app',
      'DROP TABLE "Stray"',
    );
    expect(said).toContain('table "Stray" has no row-level security');
  });

  test('[T2] start-up refuses a second policy that opens a table to more than one company', async () => {
    const said = await whileIts(
      'CREATE POLICY wide ON "Employee" FOR SELECT TO bulwark_app USING (true)',
      'DROP POLICY wide ON "Employee"',
    );
    expect(said).toContain('table "Employee" has a policy that asks for no company or user: wide');
    expect(
      await whileIts('CREATE POLICY wide ON "Branch" USING (true)', 'DROP POLICY wide ON "Branch"'),
    ).toContain('table "Branch" has a policy that asks');
  });

  test('[T2] start-up names all problems at once', async () => {
    const said = await whileIts(
      'ALTER TABLE "Employee" NO FORCE ROW LEVEL SECURITY; ALTER TABLE "Branch" DISABLE ROW LEVEL SECURITY; ALTER TABLE "Team" DISABLE TRIGGER audit_required',
      'ALTER TABLE "Employee" FORCE ROW LEVEL SECURITY; ALTER TABLE "Branch" ENABLE ROW LEVEL SECURITY; ALTER TABLE "Team" ENABLE TRIGGER audit_required',
    );
    for (const problem of [
      '"Employee" doesn\'t FORCE',
      '"Branch" has no row-level security',
      '"Team" is audited but lacks',
    ]) {
      expect(said).toContain(problem);
    }
  });
});
