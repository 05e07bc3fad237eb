import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../../support/server/world.ts';
import { leaveTime } from '../../support/until.ts';

let world: World;
let owner: pg.Client;
beforeAll(async () => {
  world = await openWorld();
  owner = new pg.Client({ connectionString: world.database.ownerUrl });
  owner.on('error', () => {});
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await world.end();
});

const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64');
const employeeOf = async (email: string): Promise<string> =>
  (await owner.query('SELECT id FROM "Employee" WHERE email = $1', [email])).rows[0].id;
const lastDenial = async (): Promise<string[]> => {
  const { rows } = await owner.query(
    "SELECT body FROM audit_event WHERE action = 'access.denied' ORDER BY at_us DESC, pos DESC LIMIT 1",
  );
  return JSON.parse(rows[0].body).data.fields;
};

/** A user with these roles, the last of them a new one with this definition. */
async function userWith(base: string, role: { accessScope: string; permissions: string[] }): Promise<string> {
  const admin = await world.signIn('company_admin');
  const slug = `r${crypto.randomUUID().slice(0, 8)}`;
  const made = await world.ask(
    'mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { slug } } }',
    { input: { slug, name: slug, level: 1, isReadOnly: false, ...role } },
    admin,
  );
  expect(made.errors).toBeUndefined();
  const { rows } = await owner.query('SELECT id FROM "Membership" WHERE email = $1', [
    `${base}@acme.example`,
  ]);
  const set = await world.ask(
    'mutation ($input: SetMemberRolesInput!) { setMemberRoles(input: $input) { member { roles } } }',
    { input: { memberId: globalId('Member', rows[0].id), roles: [base, slug] } },
    admin,
  );
  expect(set.errors).toBeUndefined();
  return world.signIn(base);
}

describe('a list with malformed ids', () => {
  it.each(['nodes', 'nodes @include(if: true)'])('[H4] leaves no look-up to itself: %s', async (way) => {
    const member = await world.signIn('view_only');
    const forgotten: unknown[] = [];
    const forget = (reason: unknown) => forgotten.push(reason);
    process.on('unhandledRejection', forget);
    try {
      const [field, directive = ''] = way.split(' @');
      const at = directive && `@${directive}`;
      for (const bad of ['nonsense', '', '1'.repeat(200), 'é'])
        for (const missing of [crypto.randomUUID(), crypto.randomUUID().toUpperCase()]) {
          const ids = [globalId('Employee', missing), globalId('Employee', bad), globalId('Branch', bad)];
          const asked = `query ($ids: [ID!]!) { ${field}(ids: $ids) ${at} { id } }`;
          const answer = await world.ask(asked, { ids }, member);
          const code = answer.errors?.[0]?.extensions.code;
          expect(code ?? answer.data.nodes).toEqual(code ? 'INVALID_INPUT' : [null, null, null]);
        }
      await leaveTime(100);
    } finally {
      process.removeListener('unhandledRejection', forget);
    }
    expect(forgotten).toEqual([]);
  });
});

describe('one spelling for ids', () => {
  it('[E1] a value that is written under an id in capitals opens under PostgreSQL’s own spelling', async () => {
    const hr = await world.signIn('hr_admin');
    const id = await employeeOf('staff@acme.example');
    const set = await world.ask(
      'mutation ($input: SetEmployeeSalaryInput!) { setEmployeeSalary(input: $input) { employee { salary } } }',
      { input: { employeeId: globalId('Employee', id.toUpperCase()), salary: '4000.10' } },
      hr,
    );
    expect(set.data?.setEmployeeSalary.employee).toEqual({ salary: '4000.10' });
    const read = await world.ask(
      'query ($id: ID!) { employee(id: $id) { salary } }',
      { id: globalId('Employee', id) },
      hr,
    );
    expect(read.data.employee.salary).toBe('4000.10');
  });
});

describe('filters', () => {
  const named = 'query ($name: String) { employees(filter: { name: $name }) { totalCount } }';

  it('[H4] a name to look for is at most 100 characters', async () => {
    const hr = await world.signIn('hr_admin');
    expect((await world.ask(named, { name: 'a'.repeat(100) }, hr)).data.employees.totalCount).toBe(0);
    expect((await world.ask(named, { name: 'a'.repeat(101) }, hr)).errors?.[0]?.extensions.code).toBe(
      'INVALID_INPUT',
    );
  });

  it("[H4] statements of the server are bounded by PostgreSQL's statement time-out", async () => {
    const { rows } = await world.services.pool.query('SHOW statement_timeout');
    // five seconds after the deadline of a request
    const { requestTimeout } = world.config;
    expect(rows).toEqual([{ statement_timeout: `${requestTimeout / 1000 + 5}s` }]);
  });
});

describe('access scope', () => {
  it('[T5] a salary right for a branch opens no salary of another branch', async () => {
    const token = await userWith('reviewer', {
      accessScope: 'BRANCH',
      permissions: ['employee.salary.read', 'employee.identity.read'],
    });
    const { rows } = await owner.query(
      `SELECT e.email, e."branchId" = m."branchId" AS same FROM "Employee" e, "Membership" m
       WHERE m.email = 'reviewer@acme.example' AND e."companyId" = m."companyId"`,
    );
    const shown = await world.ask(
      '{ employees(first: 50) { edges { node { email salary passport } } } }',
      {},
      token,
    );
    const opened = shown.data.employees.edges.filter(
      ({ node }: { node: { salary: string | null } }) => node.salary !== null,
    );
    const inBranch = rows.filter(({ same }) => same).map(({ email }) => email);
    expect(opened.map(({ node }: { node: { email: string } }) => node.email).sort()).toEqual(inBranch.sort());
    expect(inBranch.length).toBeLessThan(rows.length);
    const papers = shown.data.employees.edges.filter(
      ({ node }: { node: { passport: string } }) => !node.passport.startsWith('•'),
    );
    expect(papers.length).toBe(inBranch.length);
  });

  it('[T5][E4] a permission for one branch cannot search by IBAN, which would reveal other branches', async () => {
    const token = await userWith('manager', {
      accessScope: 'BRANCH',
      permissions: ['employee.identity.read'],
    });
    const own = '{ employees(first: 50) { edges { node { email iban } } } }';
    const edges = (await world.ask(own, {}, token)).data.employees.edges;
    expect(edges.length).toBeGreaterThan(0);
    const find = 'query ($iban: String) { employees(filter: { iban: $iban }) { totalCount } }';
    for (const iban of [edges[0].node.iban, 'DE00000000000000000000']) {
      const { errors } = await world.ask(find, { iban }, token);
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });

  it('[T5] the answer to a mutation shows no more than its reader may read', async () => {
    const token = await userWith('company_member', {
      accessScope: 'COMPANY',
      permissions: ['attendance.record'],
    });
    const own = globalId('Employee', await employeeOf('company_member@acme.example'));
    const recorded = await world.ask(
      `mutation ($input: RecordAttendanceInput!) {
         recordAttendance(input: $input) { attendance { employee { department { employees(first: 50) { edges { node { email } } } } } } } }`,
      { input: { employeeId: own, workedOn: '2026-02-02', minutes: 60 } },
      token,
    );
    const seen = recorded.data.recordAttendance.attendance.employee.department.employees.edges;
    expect(seen.map(({ node }: { node: { email: string } }) => node.email)).toEqual([
      'company_member@acme.example',
    ]);
  });

  it('[T5] nor a row beside it that its reader may not read: the change is undone', async () => {
    const token = await userWith('client', { accessScope: 'COMPANY', permissions: ['attendance.record'] });
    const other = globalId('Employee', await employeeOf('hr_admin@acme.example'));
    const recorded = await world.ask(
      'mutation ($input: RecordAttendanceInput!) { recordAttendance(input: $input) { attendance { employee { email } } } }',
      { input: { employeeId: other, workedOn: '2026-02-03', minutes: 60 } },
      token,
    );
    expect(['NOT_FOUND', 'FORBIDDEN']).toContain(recorded.errors?.[0]?.extensions.code);
    expect(JSON.stringify(recorded.data)).not.toContain('hr_admin@');
  });

  it('[T5] a permission with a wider scope than employee.read shows no employee beyond employee.read', async () => {
    const token = await userWith('operator', {
      accessScope: 'COMPANY',
      permissions: ['attendance.read', 'attendance.record'],
    });
    const hours = async (selection: string) =>
      (
        await world.ask(`{ attendance(first: 100) { edges { node { ${selection} } } } }`, {}, token)
      ).data.attendance.edges.map(({ node }: { node: object }) => node);
    expect((await hours('id')).length).toBeGreaterThan(1);
    expect(await hours('employee { email }')).toEqual([{ employee: { email: 'operator@acme.example' } }]);
    const other = globalId('Employee', await employeeOf('hr_admin@acme.example'));
    const recorded = await world.ask(
      'mutation ($input: RecordAttendanceInput!) { recordAttendance(input: $input) { attendance { employee { email } } } }',
      { input: { employeeId: other, workedOn: '2026-02-04', minutes: 60 } },
      token,
    );
    expect(recorded.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    const written = await owner.query(`SELECT FROM "Attendance" WHERE day = '2026-02-04'`);
    expect(written.rowCount).toBe(0);
  });
});

describe('denials', () => {
  it('[L2] name the schema’s fields, not the client’s aliases', async () => {
    const token = await world.signIn('staff');
    await world.ask('{ harmless: auditEvents(first: 1) { edges { cursor } } }', {}, token);
    expect(await lastDenial()).toEqual(['Query.auditEvents']);
  });
});

describe('a cookie of a revoked session', () => {
  it('[A5] is taken away, so that the next sign-in works', async () => {
    const stale = await world.ask('{ viewer { user { name } } }', {}, undefined, {
      cookie: 'bulwark=junk',
    });
    expect(stale.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(stale.headers.get('set-cookie')).toMatch(/^bulwark=; .*Max-Age=0/);
  });
});

describe('an answer that the client would refuse', () => {
  it('[H4] is refused before anything runs', async () => {
    const admin = await world.signIn('company_admin');
    const name = `Branch ${crypto.randomUUID()}`;
    const answer = await fetch(world.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'image/png', authorization: `Bearer ${admin}` },
      body: JSON.stringify({
        query: `mutation { createBranch(input: { name: "${name}" }) { branch { id } } }`,
      }),
    });
    expect(answer.status).toBe(406);
    expect((await owner.query('SELECT FROM "Branch" WHERE name = $1', [name])).rowCount).toBe(0);
  });
});

describe('own pay', () => {
  it('[R8] a member cannot set their own salary', async () => {
    const hr = await world.signIn('hr_admin');
    const own = globalId('Employee', await employeeOf('hr_admin@acme.example'));
    const answer = await world.ask(
      'mutation ($input: SetEmployeeSalaryInput!) { setEmployeeSalary(input: $input) { employee { id } } }',
      { input: { employeeId: own, salary: '99999.00' } },
      hr,
    );
    expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('a cold start', () => {
  it('[E3] concurrent commands do not wait for each other’s keys', async () => {
    const admin = await world.signIn('company_admin');
    const { rows } = await owner.query(
      'SELECT d.id, d."branchId" FROM "Department" d JOIN "Company" c ON c.id = d."companyId" WHERE c.name = $1 LIMIT 1',
      ['Acme'],
    );
    const { rows: companies } = await owner.query('SELECT id FROM "Company" WHERE name = \'Acme\'');
    world.services.keyring.forget(companies[0].id);
    const make = (index: number) =>
      world.ask(
        'mutation ($input: CreateEmployeeInput!) { createEmployee(input: $input) { employee { id } } }',
        {
          input: {
            branchId: globalId('Branch', rows[0].branchId),
            departmentId: globalId('Department', rows[0].id),
            name: `Cold ${index}`,
            email: `cold${index}@acme.example`,
            startedOn: '2026-01-01',
          },
        },
        admin,
      );
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => make(index)));
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
  });
});
