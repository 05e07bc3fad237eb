import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guarantees } from '../../../src/db/guarantees.gen.ts';
import { auditedTable, callOf } from '../../../src/db/startup/audit-log.ts';
import { connect } from '../../support/db/companies.ts';
import { openStartupDatabase, type StartupDatabase } from '../../support/db/startup-database.ts';
import { databaseUrl } from '../../support/server/global-setup.ts';

let database: StartupDatabase;
const made: string[] = [];

beforeAll(async () => {
  database = await openStartupDatabase();
});
afterAll(async () => {
  for (const role of made)
    await database.owner.query(
      `REASSIGN OWNED BY ${role} TO CURRENT_USER; DROP OWNED BY ${role}; DROP ROLE ${role}`,
    );
  await database.end();
});

/** What start-up says to a login with these options; the login is dropped after the tests. */
async function asRole(
  options: string,
  more = (_role: string) => '',
): Promise<{ said: string; role: string }> {
  const role = `bulwark_safety_${crypto.randomUUID().slice(0, 8)}`;
  await database.owner.query(`CREATE ROLE ${role} LOGIN PASSWORD 'safety' ${options}`);
  made.push(role);
  if (more(role)) await database.owner.query(more(role));
  const client = await connect(
    databaseUrl(database.ownerUrl, new URL(database.ownerUrl).pathname.slice(1), {
      name: role,
      password: 'safety',
    }),
  );
  try {
    return { said: await database.problems(client), role };
  } finally {
    await client.end();
  }
}

describe('the role that the server connects as', () => {
  test('[T2] start-up is content with a plain member of bulwark_app', async () => {
    expect(await database.problems()).toBe('');
    expect((await asRole('IN ROLE bulwark_app')).said).toBe('');
  });

  test('[T2] start-up refuses a superuser', async () => {
    expect(await database.problems(database.owner)).toContain('is a superuser');
    expect((await asRole('SUPERUSER IN ROLE bulwark_app')).said).toContain('is a superuser');
  });

  test('[T2] start-up refuses a role with BYPASSRLS', async () => {
    expect((await asRole('BYPASSRLS IN ROLE bulwark_app')).said).toContain('has BYPASSRLS');
  });

  test('[T2] start-up refuses a role with CREATEROLE', async () => {
    expect((await asRole('CREATEROLE IN ROLE bulwark_app')).said).toContain('has CREATEROLE');
  });

  test('[T2] start-up refuses the owner of a table, and a member of the owner', async () => {
    const { role, said } = await asRole(
      'IN ROLE bulwark_app',
      (name) => `CREATE TABLE "Loose" (id uuid); ALTER TABLE "Loose" OWNER TO ${name}`,
    );
    expect(said).toContain('owns tables (Loose');
    expect((await asRole(`IN ROLE bulwark_app, ${role}`)).said).toContain('owns tables (Loose');
    await database.owner.query('DROP TABLE "Loose"');
    expect(await database.problems()).toBe('');
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

describe('the privileges of the server', () => {
  const change = (privilege: string, on: string) => ({
    grant: `GRANT ${privilege} ON ${on} TO bulwark_app`,
    revoke: `REVOKE ${privilege} ON ${on} FROM bulwark_app`,
  });
  const DATABASE = 'DATABASE "$database"';

  test.each([
    [
      'may create temporary tables',
      change('TEMPORARY', DATABASE),
      'may create temporary tables, which shadow',
    ],
    ['may create schemas', change('CREATE', DATABASE), 'may create schemas: REVOKE CREATE ON DATABASE'],
    [
      'may create tables',
      change('CREATE', 'SCHEMA public'),
      'may create objects: REVOKE CREATE ON SCHEMA public',
    ],
    [
      "may execute a trigger's function",
      change('EXECUTE', 'FUNCTION deny_access_tokens()'),
      'REVOKE EXECUTE ON FUNCTION deny_access_tokens()',
    ],
    [
      'may execute a new function that everybody may execute',
      {
        grant: 'CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
        revoke: 'DROP FUNCTION extra()',
      },
      'REVOKE EXECUTE ON FUNCTION extra()',
    ],
    ['may delete data keys', change('DELETE', '"DataKey"'), 'REVOKE them on "DataKey"'],
    ['may delete signing keys', change('DELETE', '"SigningKey"'), 'REVOKE them on "SigningKey"'],
    ['may change audit events', change('UPDATE', 'audit_event'), 'REVOKE them on audit_event'],
    ['may append to a chain', change('INSERT', 'audit_event'), 'REVOKE them on audit_event'],
    ['may change pending events', change('UPDATE', 'audit_pending'), 'REVOKE them on audit_pending'],
    ['may move the end of a chain', change('UPDATE', 'audit_head'), 'REVOKE them on audit_head'],
    ['may read identity versions', change('SELECT', 'identity_version'), 'REVOKE them on identity_version'],
    ['may truncate a table', change('TRUNCATE', '"Session"'), 'REVOKE them on "Session"'],
    ['may add triggers to a table', change('TRIGGER', '"Employee"'), 'REVOKE them on "Employee"'],
  ])('[S12] start-up refuses a role that %s', async (_what, { grant, revoke }, complaint) => {
    const name = new URL(database.ownerUrl).pathname.slice(1);
    const [during, after] = [grant, revoke].map((sql) => sql.replace('$database', name)) as [string, string];
    const said = await database.problemsDuring(during, after);
    expect(said).toContain(complaint);
    expect(said.trim().split('\n')).toHaveLength(2); // the heading and one sentence
  });

  test('[S12] start-up refuses a database that searches a schema named after the role, or temporary tables first', async () => {
    const name = new URL(database.ownerUrl).pathname.slice(1);
    await database.owner.query(`ALTER DATABASE ${name} SET search_path = pg_temp, public`);
    const { said } = await asRole('IN ROLE bulwark_app');
    await database.owner.query(`ALTER DATABASE ${name} RESET search_path`);
    const { said: byDefault } = await asRole('IN ROLE bulwark_app');
    await database.owner.query('CALL protect_database()');
    expect(said).toContain('search_path is pg_temp, public and not public, pg_temp');
    expect(byDefault).toContain('search_path is "$user", public and not');
    expect((await asRole('IN ROLE bulwark_app')).said).toBe('');
  });

  test('[S12] a copy of a database starts once protect_database was called in it', async () => {
    const name = new URL(database.ownerUrl).pathname.slice(1);
    await database.owner.query(`GRANT TEMPORARY ON DATABASE ${name} TO PUBLIC`);
    expect(await database.problems()).toContain('CALL protect_database()');
    await database.owner.query('CALL protect_database()');
    expect(await database.problems()).toBe('');
  });
});

describe('the tables', () => {
  const tables = Object.values(guarantees).filter(({ tenant, identity }) => tenant || identity);

  for (const { table } of tables) {
    test(`[T2] start-up refuses "${table}" without row-level security, without FORCE, without a policy, without a grant`, async () => {
      const alter = (what: string) => `ALTER TABLE "${table}" ${what} ROW LEVEL SECURITY`;
      expect(await database.problemsDuring(alter('DISABLE'), alter('ENABLE'))).toContain(
        `table "${table}" has no row-level security`,
      );
      expect(await database.problemsDuring(alter('NO FORCE'), alter('FORCE'))).toContain(
        `table "${table}" doesn't FORCE row-level security`,
      );
      const { rows } = await database.owner.query(
        `SELECT polname AS name FROM pg_policy WHERE polrelid = $1::regclass AND 'bulwark_app'::regrole = ANY (polroles)`,
        [`"${table}"`],
      );
      const [policy] = rows as { name: string }[];
      const to = (role: string) => `ALTER POLICY ${policy?.name} ON "${table}" TO ${role}`;
      expect(await database.problemsDuring(to('bulwark_audit'), to('bulwark_app'))).toContain(
        `table "${table}" has no policy for bulwark_app`,
      );
      expect(
        await database.problemsDuring(
          `REVOKE SELECT ON "${table}" FROM bulwark_app`,
          `GRANT SELECT ON "${table}" TO bulwark_app`,
        ),
      ).toContain(`table "${table}" isn't granted`);
    });
  }

  for (const [model, guarantee] of Object.entries(guarantees).filter(([, { audited }]) => audited)) {
    const { table } = guarantee;
    test(`[L1] start-up refuses "${table}" with its audit trigger gone or switched off`, async () => {
      const trigger = (what: string) => `ALTER TABLE "${table}" ${what} TRIGGER audit_write`;
      const complaint = `table "${table}" is audited but lacks the trigger`;
      expect(await database.problemsDuring(trigger('DISABLE'), trigger('ENABLE'))).toContain(complaint);
      expect(await database.problemsDuring(trigger('ENABLE REPLICA'), trigger('ENABLE'))).toContain(
        complaint,
      );
      expect(
        await database.problemsDuring(
          `DROP TRIGGER audit_write ON "${table}"`,
          callOf(auditedTable(model, guarantee)),
        ),
      ).toContain(complaint);
    });
  }

  test('start-up refuses a column without a migration, with file, line and the statement to add [U6]', async () => {
    const said = await database.problemsDuring(
      'ALTER TABLE "Employee" RENAME COLUMN "startedOn" TO "gone"',
      'ALTER TABLE "Employee" RENAME COLUMN "gone" TO "startedOn"',
    );
    expect(said.trim().split('\n')).toHaveLength(2); // the heading and one sentence
    expect(said).toMatch(/prisma\/schema\/people\.prisma:\d+: table "Employee" lacks the column "startedOn"/);
    expect(said).toContain('ALTER TABLE "Employee" ADD COLUMN "startedOn" DATE;');
  });

  test('start-up refuses an audited model whose events are not in the catalogue, with the line to add [U6]', async () => {
    const models: Record<string, unknown> = guarantees;
    models.Vehicle = { ...guarantees.Employee, table: 'Vehicle', fields: {}, visible: undefined };
    try {
      const said = (await database.problems()).split('\n').filter((line) => line.includes('vehicle.'));
      expect(said).toHaveLength(3);
      expect(said[0]).toContain(`add 'vehicle.created': { severity: 'MEDIUM', what: '…' }, there.`);
    } finally {
      delete models.Vehicle;
    }
    expect(await database.problems()).toBe('');
  });

  test('[T2] start-up refuses a table that is missing', async () => {
    expect(
      await database.problemsDuring(
        'ALTER TABLE "Attendance" RENAME TO "Gone"',
        'ALTER TABLE "Gone" RENAME TO "Attendance"',
      ),
    ).toContain('table "Attendance" is missing');
  });

  test('[T2] start-up refuses a tenant table without a model that the server can access', async () => {
    const said = await database.problemsDuring(
      'CREATE TABLE "Stray" ("companyId" uuid, id uuid); GRANT SELECT ON "Stray" TO bulwark_app',
      'DROP TABLE "Stray"',
    );
    expect(said).toContain('table "Stray" has no row-level security');
  });

  test('[T2] start-up refuses a second policy that opens a table to more than one company', async () => {
    const said = await database.problemsDuring(
      'CREATE POLICY wide ON "Employee" FOR SELECT TO bulwark_app USING (true)',
      'DROP POLICY wide ON "Employee"',
    );
    expect(said).toContain('table "Employee" has a policy that asks for no company or user: wide');
    expect(
      await database.problemsDuring(
        'CREATE POLICY wide ON "Branch" USING (true)',
        'DROP POLICY wide ON "Branch"',
      ),
    ).toContain('table "Branch" has a policy that asks');
  });

  test('[T2] start-up names all problems in one message', async () => {
    const said = await database.problemsDuring(
      'ALTER TABLE "Employee" NO FORCE ROW LEVEL SECURITY; ALTER TABLE "Branch" DISABLE ROW LEVEL SECURITY; ALTER TABLE "Team" DISABLE TRIGGER audit_write',
      'ALTER TABLE "Employee" FORCE ROW LEVEL SECURITY; ALTER TABLE "Branch" ENABLE ROW LEVEL SECURITY; ALTER TABLE "Team" ENABLE TRIGGER audit_write',
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

test('[E1] start-up refuses a sealed column of one table, though another table has one of the same name', async () => {
  const models: Record<string, unknown> = guarantees;
  const { salary } = guarantees.Employee.fields;
  models.Vehicle = { ...guarantees.Employee, table: 'Vehicle', fields: { salary }, visible: undefined };
  try {
    // without its table, the model has this problem among others
    const said = await database.problems();
    expect(said).toContain('"Vehicle"."salary" is sealed but takes plain text');
    expect(said).not.toContain('"Employee"."salary"');
  } finally {
    delete models.Vehicle;
  }
});

const CHECK = 'ALTER DOMAIN sealed ADD CONSTRAINT sealed CHECK';
const UNCHECKED = 'ALTER DOMAIN sealed DROP CONSTRAINT sealed';
test.each([
  [
    'of type text',
    'ALTER TABLE "Employee" ALTER COLUMN salary TYPE text',
    `CALL protect_sealed_column('"Employee"', 'salary')`,
  ],
  ['whose type has no check', UNCHECKED, `${CHECK} (is_sealed(VALUE))`],
  [
    'whose type has values that were never checked',
    `${UNCHECKED}; ${CHECK} (is_sealed(VALUE)) NOT VALID`,
    'ALTER DOMAIN sealed VALIDATE CONSTRAINT sealed',
  ],
  [
    'whose type accepts plain text as well',
    `${UNCHECKED}; ${CHECK} (is_sealed(VALUE) OR VALUE = 'plain')`,
    `${UNCHECKED}; ${CHECK} (is_sealed(VALUE))`,
  ],
])('[E1] start-up refuses a sealed column %s', async (_what, change, undo) => {
  const said = await database.problemsDuring(change, undo);
  expect(said).toContain('"Employee"."salary" is sealed but takes plain text');
});
