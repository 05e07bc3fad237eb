import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyDatabase } from '../../../src/audit/verify/verify.ts';
import { mutationOf, nodesOf } from '../../support/documents.ts';
import {
  type Answer,
  admit,
  globalId,
  openWorld,
  rowsOf,
  signInAs,
  uuidOf,
  type World,
} from '../../support/server/world.ts';
import { rowsOfWaysIn } from '../../support/sign-in/identity-rows.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.end());

const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code ?? 'ok';
const ask = async (
  role: string,
  query: string,
  variables: object = {},
  company: 'acme' | 'globex' = 'acme',
) => world.ask(query, variables, await world.signIn(role, company));

/** A mutation with one input. */
const run = (role: string, name: string, input: object, selection = '{ id }') =>
  ask(role, mutationOf(name, selection), { input });
const runOn = (role: string, name: string, payrollRunId: string, selection = '{ id status total }') =>
  run(role, name, { payrollRunId }, selection);

/** The answer's data, which came without an error. */
async function done(answer: Promise<Answer>) {
  const { errors, data } = await answer;
  expect(errors).toBeUndefined();
  return data;
}

const events = async (requestId: string | null) =>
  await rowsOf(
    world,
    `SELECT action, entity, entity_id, body::jsonb AS body FROM audit_event WHERE body::jsonb->>'requestId' = $1 ORDER BY at_us, pos`,
    [requestId],
  );
const requestOf = ({ headers }: Answer) => headers.get('x-request-id');
const only = async (table: string, id: string) =>
  (await rowsOf(world, `SELECT * FROM "${table}" WHERE id = $1`, [uuidOf(id)]))[0];

async function place(): Promise<{ branchId: string; departmentId: string }> {
  const { departments } = await done(
    ask('hr_admin', '{ departments(first: 20) { edges { node { id branch { id } } } } }'),
  );
  const [department] = nodesOf(departments);
  return { branchId: department.branch.id, departmentId: department.id };
}
const someone = async (changes: object = {}) => ({
  ...(await place()),
  name: `Zoe ${crypto.randomUUID().slice(0, 8)}`,
  email: `${crypto.randomUUID()}@acme.example`,
  startedOn: '2026-02-01',
  ...changes,
});
const hired = async (changes: object = {}): Promise<string> =>
  (await done(run('hr_admin', 'createEmployee', await someone(changes)))).createEmployee.employee.id;

describe('[B1] the company and its places', () => {
  it('company, branches, departments and teams hang together', async () => {
    const data = await done(
      ask(
        'staff',
        '{ company { name currency departments(first: 20) { edges { node { name } } } } branches(first: 20) { edges { node { name departments(first: 5) { edges { node { name branch { name } teams(first: 5) { edges { node { name department { name } } } } } } } } } } teams(first: 20) { edges { node { name } } } departments(first: 20) { edges { node { name } } } }',
      ),
    );
    expect(data.company).toMatchObject({ name: 'Acme', currency: 'EUR' });
    expect(nodesOf(data.company.departments)).toHaveLength(4);
    expect(nodesOf(data.branches).map(({ name }) => name)).toEqual(['North', 'South']);
    for (const branch of nodesOf(data.branches)) {
      expect(nodesOf(branch.departments)).toHaveLength(2);
      for (const department of nodesOf(branch.departments)) {
        expect(department.branch.name).toBe(branch.name);
        expect(nodesOf(department.teams)[0]).toEqual({
          name: `${department.name} A`,
          department: { name: department.name },
        });
      }
    }
  });

  it('a new branch, department and team are rows of the company, each with its event', async () => {
    const name = `West ${crypto.randomUUID()}`;
    const made = await run('company_admin', 'createBranch', { name });
    const branchId = (await done(Promise.resolve(made))).createBranch.branch.id;
    const departmentId = (await done(run('company_admin', 'createDepartment', { branchId, name })))
      .createDepartment.department.id;
    const teamId = (await done(run('company_admin', 'createTeam', { departmentId, name }))).createTeam.team
      .id;
    const row = await only('Branch', branchId);
    expect(row.name).toBe(name);
    expect(await only('Department', departmentId)).toMatchObject({
      name,
      branchId: row.id,
      companyId: row.companyId,
    });
    expect(await only('Team', teamId)).toMatchObject({
      name,
      departmentId: uuidOf(departmentId),
      companyId: row.companyId,
    });
    const [event] = await events(requestOf(made));
    expect(event).toMatchObject({
      action: 'branch.created',
      entity: 'Branch',
      entity_id: row.id,
      body: { after: { name } },
    });
    expect(codeOf(await run('company_admin', 'createBranch', { name }))).toBe('CONFLICT');
  });

  it('lists come in pages', async () => {
    const list =
      'query ($first: Int!, $after: String) { departments(first: $first, after: $after) { edges { cursor node { id } } } }';
    const page = async (first: number, after?: string) =>
      (await done(ask('staff', list, { first, after }))).departments.edges;
    const all = await page(100);
    const one = await page(2);
    expect([...one, ...(await page(100, one[1].cursor))]).toEqual(all);
  });
});

describe('[B1] employees', () => {
  type Edge = { cursor: string; node: { id: string; name: string; startedOn: string } };
  const list = async (args: string, role = 'hr_admin') =>
    (
      await done(
        ask(
          role,
          `{ employees(${args}) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id name startedOn } } } }`,
        ),
      )
    ).employees as { totalCount: number; edges: Edge[]; pageInfo: Record<string, unknown> };
  const names = ({ edges }: { edges: Edge[] }) => edges.map(({ node }) => node.name);

  it('are read forwards and backwards, page by page, each once', async () => {
    const whole = names(await list('first: 100'));
    for (const direction of ['forwards', 'backwards']) {
      const found: string[] = [];
      for (let cursor = ''; ; ) {
        const forwards = direction === 'forwards';
        const { edges, pageInfo, totalCount } = await list(
          forwards
            ? `first: 4${cursor && `, after: "${cursor}"`}`
            : `last: 4${cursor && `, before: "${cursor}"`}`,
        );
        expect(totalCount).toBe(whole.length);
        const page = edges.map(({ node }) => node.name);
        if (forwards) found.push(...page);
        else found.unshift(...page);
        cursor = String(forwards ? pageInfo.endCursor : pageInfo.startCursor);
        if (!(forwards ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) break;
      }
      expect([direction, found]).toEqual([direction, whole]);
    }
  });

  it('name an invalid id, cursor or page size and its rule', async () => {
    const hr = await world.signIn('hr_admin');
    const other = globalId('Branch', crypto.randomUUID());
    const NO_CURSOR = 'expected a cursor of this connection in the same order';
    const tried: [string, Record<string, string>][] = [
      ['{ employees(first: -1) { totalCount } }', { first: 'expected 0 to 100' }],
      ['{ employees(last: -1) { totalCount } }', { last: 'expected 0 to 100' }],
      ['{ employees(first: 101) { totalCount } }', { first: 'expected 0 to 100' }],
      ['{ employees(first: 3, last: 2) { totalCount } }', { last: 'expected `first` or `last`, not both' }],
      ['{ employees(first: 1, before: "x") { totalCount } }', { before: NO_CURSOR }],
      ['{ employees(first: 1, after: "x") { totalCount } }', { after: NO_CURSOR }],
      [`{ employee(id: "${other}") { id } }`, { id: 'expected the id of: Employee' }],
      ['{ node(id: "x") { id } }', { id: 'expected an id that this server gave' }],
      [
        `{ members(after: "${other}") { edges { node { id } } } }`,
        { after: 'expected a cursor of this connection in the same order' },
      ],
      [
        `mutation { deleteEmployee(input: { employeeId: "${other}" }) { deletedEmployeeId } }`,
        { input: 'expected the id of: Employee' },
      ],
    ];
    for (const [query, fields] of tried) {
      const { errors } = await world.ask(query, {}, hr);
      expect([query, errors?.[0]?.extensions]).toEqual([query, { code: 'INVALID_INPUT', fields }]);
    }
    const { errors } = await world.ask(
      '{ auditEvents(before: "x", last: 1) { edges { cursor } } }',
      {},
      await world.signIn('external_auditor'),
    );
    expect(errors?.[0]?.extensions.fields).toEqual({ before: 'expected a cursor that this server gave' });
  });

  it('are ordered by the argument', async () => {
    const by = async (field: string, direction: string) =>
      (await list(`first: 100, order: { field: ${field}, direction: ${direction} }`)).edges.map(
        ({ node }) => node,
      );
    const sorted = (await by('NAME', 'ASC')).map(({ name }) => name);
    expect(sorted).toEqual([...sorted].sort((a, b) => a.localeCompare(b)));
    expect((await by('NAME', 'DESC')).map(({ name }) => name)).toEqual([...sorted].reverse());
    await hired({ startedOn: '1999-12-31' });
    expect((await by('STARTED_ON', 'ASC'))[0]?.startedOn).toBe('1999-12-31');
  });

  it('are found by a part of the name, by place, by both', async () => {
    const { branchId, departmentId } = await place();
    await hired({ name: 'Ümit Özgür', branchId, departmentId });
    expect(names(await list('filter: { name: "özg" }'))).toEqual(['Ümit Özgür']);
    expect(
      names(await list(`filter: { name: "özg", branchId: "${branchId}", departmentId: "${departmentId}" }`)),
    ).toEqual(['Ümit Özgür']);
    expect(
      (await list(`filter: { name: "özg", branchId: "${globalId('Branch', crypto.randomUUID())}" }`))
        .totalCount,
    ).toBe(0);
    for (const wildcard of ['%', '_', '\\\\'])
      expect([wildcard, (await list(`filter: { name: "${wildcard}" }`)).totalCount]).toEqual([wildcard, 0]);
  });

  it('are created, updated, read and deleted, in PostgreSQL and in the audit log', async () => {
    const input = await someone({ jobTitle: 'Smith' });
    const made = await run(
      'hr_admin',
      'createEmployee',
      input,
      '{ id name email jobTitle startedOn department { id } branch { id } team { id } salary }',
    );
    const employee = (await done(Promise.resolve(made))).createEmployee.employee;
    expect(employee).toEqual({
      id: employee.id,
      name: input.name,
      email: input.email,
      jobTitle: 'Smith',
      startedOn: '2026-02-01',
      department: { id: input.departmentId },
      branch: { id: input.branchId },
      team: null,
      salary: null,
    });
    expect(await only('Employee', employee.id)).toMatchObject({
      name: input.name,
      departmentId: uuidOf(input.departmentId),
      salary: null,
    });
    const changed = await run(
      'hr_admin',
      'updateEmployee',
      { employeeId: employee.id, jobTitle: 'Master', name: 'Zed' },
      '{ name jobTitle email }',
    );
    expect((await done(Promise.resolve(changed))).updateEmployee.employee).toEqual({
      name: 'Zed',
      jobTitle: 'Master',
      email: input.email,
    });
    expect(await only('Employee', employee.id)).toMatchObject({ name: 'Zed', jobTitle: 'Master' });
    const [event] = await events(requestOf(changed));
    expect(event.body).toMatchObject({
      action: 'employee.updated',
      before: { name: input.name, jobTitle: 'Smith' },
      after: { name: 'Zed', jobTitle: 'Master' },
    });
    expect(
      (await done(run('hr_admin', 'deleteEmployee', { employeeId: employee.id }, ''))).deleteEmployee
        .deletedEmployeeId,
    ).toBe(employee.id);
    expect(await only('Employee', employee.id)).toBeUndefined();
    expect(
      codeOf(await ask('hr_admin', 'query ($id: ID!) { employee(id: $id) { id } }', { id: employee.id })),
    ).toBe('NOT_FOUND');
  });

  it('with attendance or pay records cannot be deleted', async () => {
    const [row] = await rowsOf(world, `SELECT id FROM "Employee" WHERE email = 'client@acme.example'`);
    const employeeId = globalId('Employee', row.id);
    expect(codeOf(await run('hr_admin', 'deleteEmployee', { employeeId }, ''))).toBe('CONFLICT');
    expect(await only('Employee', employeeId)).toBeDefined();
  });

  it('that are missing are NOT_FOUND, for each operation that takes one', async () => {
    const employeeId = globalId('Employee', crypto.randomUUID());
    expect(
      codeOf(await ask('hr_admin', 'query ($id: ID!) { employee(id: $id) { id } }', { id: employeeId })),
    ).toBe('NOT_FOUND');
    const tried: [string, object, string?][] = [
      ['updateEmployee', { employeeId, name: 'X' }],
      ['setEmployeeSalary', { employeeId, salary: '1' }],
      ['setEmployeeIdentity', { employeeId, passport: 'X1234' }],
      ['deleteEmployee', { employeeId }, ''],
      ['recordAttendance', { employeeId, workedOn: '2026-01-07', minutes: 1 }],
      ['approveAttendance', { attendanceId: globalId('Attendance', crypto.randomUUID()) }],
      ['removeMember', { memberId: globalId('Member', crypto.randomUUID()) }, ''],
      ['createEmployee', await someone({ departmentId: globalId('Department', crypto.randomUUID()) })],
      ['createEmployee', await someone({ memberId: globalId('Member', crypto.randomUUID()) })],
    ];
    for (const [name, input, selection] of tried)
      expect([name, codeOf(await run('hr_admin', name, input, selection))]).toEqual([name, 'NOT_FOUND']);
  });

  it('have a salary that is exact to the last digit, text from end to end', async () => {
    const employeeId = await hired();
    for (const salary of ['0', '0.1', '0.10', '999999999999.9999', '1234.50', '0.3000', '9007199254740993']) {
      const expected = salary === '9007199254740993' ? 'INVALID_INPUT' : 'ok';
      const answer = await run('hr_admin', 'setEmployeeSalary', { employeeId, salary }, '{ salary }');
      expect([salary, codeOf(answer)]).toEqual([salary, expected]);
      if (expected === 'ok') expect(answer.data.setEmployeeSalary.employee.salary).toBe(salary);
    }
    for (const salary of [
      1234.5,
      1,
      '-1',
      '1e3',
      '1,5',
      ' 1',
      '1.',
      '.5',
      '01',
      '1.00000',
      'NaN',
      'Infinity',
      '',
      null,
      [1],
      {},
    ]) {
      expect([salary, codeOf(await run('hr_admin', 'setEmployeeSalary', { employeeId, salary }))]).toEqual([
        salary,
        'INVALID_INPUT',
      ]);
    }
    const row = await only('Employee', employeeId);
    expect(row.salary).toMatch(/^b1\./);
    expect(
      (await done(ask('hr_admin', 'query ($id: ID!) { employee(id: $id) { salary } }', { id: employeeId })))
        .employee.salary,
    ).toBe('0.3000');
  });

  it('[E4] are found by their whole IBAN, however it is written, without opening anyone’s', async () => {
    const employeeId = await hired();
    const iban = 'NL91 ABNA 0417 1643 00';
    await done(run('hr_admin', 'setEmployeeIdentity', { employeeId, iban }));
    const found = async (wanted: string, role = 'hr_admin') =>
      ask(
        role,
        'query ($iban: String) { employees(filter: { iban: $iban }) { totalCount edges { node { id iban } } } }',
        { iban: wanted },
      );
    for (const spelling of [iban, 'NL91ABNA0417164300', 'nl91abna0417164300']) {
      const { employees } = await done(found(spelling));
      expect([spelling, employees]).toEqual([
        spelling,
        { totalCount: 1, edges: [{ node: { id: employeeId, iban: 'NL91ABNA0417164300' } }] },
      ]);
    }
    expect((await done(found('NL91ABNA041716430'))).employees.totalCount).toBe(0);
    expect(codeOf(await found(iban, 'finance_admin'))).toBe('FORBIDDEN');
    const row = await only('Employee', employeeId);
    expect([row.iban, row.ibanLast4]).toEqual([expect.stringMatching(/^b1\./), '4300']);
    expect(JSON.stringify(row)).not.toContain('0417164');
  });

  it('have a civil id that is unique in the company', async () => {
    const [one, other] = [await hired(), await hired()];
    const civilId = `C${crypto.randomUUID().slice(0, 8).toUpperCase()}`;
    await done(run('hr_admin', 'setEmployeeIdentity', { employeeId: one, civilId }));
    expect(
      codeOf(
        await run('hr_admin', 'setEmployeeIdentity', { employeeId: other, civilId: civilId.toLowerCase() }),
      ),
    ).toBe('CONFLICT');
    expect((await only('Employee', other)).civilId).toBeNull();
    const globex = (
      await done(ask('hr_admin', '{ employees(first: 1) { edges { node { id } } } }', {}, 'globex'))
    ).employees.edges[0].node.id;
    const there = await ask(
      'hr_admin',
      'mutation ($input: SetEmployeeIdentityInput!) { setEmployeeIdentity(input: $input) { employee { civilId } } }',
      { input: { employeeId: globex, civilId } },
      'globex',
    );
    expect(there.data.setEmployeeIdentity.employee.civilId).toBe(civilId);
  });

  it('have an e-mail address of their own', async () => {
    const input = await someone();
    await done(run('hr_admin', 'createEmployee', input));
    expect(codeOf(await run('hr_admin', 'createEmployee', { ...input, name: 'Other' }))).toBe('CONFLICT');
    expect(await rowsOf(world, 'SELECT 1 FROM "Employee" WHERE email = $1', [input.email])).toHaveLength(1);
  });
});

describe('[B1] attendance', () => {
  const record = async (role: string, employeeId: string, day: string, minutes = 480) =>
    run(
      role,
      'recordAttendance',
      { employeeId, workedOn: day, minutes },
      '{ id status minutes workedOn employee { id } }',
    );
  const own = async (role: string) =>
    globalId(
      'Employee',
      (await rowsOf(world, `SELECT e.id FROM "Employee" e WHERE e.email = $1`, [`${role}@acme.example`]))[0]
        .id,
    );

  it('is recorded once a day and approved by another member than the recorder and the worker', async () => {
    const employeeId = await own('operator');
    const recorded = await record('operator', employeeId, '2026-03-02');
    const { id, ...rest } = (await done(Promise.resolve(recorded))).recordAttendance.attendance;
    expect(rest).toEqual({
      status: 'RECORDED',
      minutes: 480,
      workedOn: '2026-03-02',
      employee: { id: employeeId },
    });
    expect(codeOf(await record('hr_admin', employeeId, '2026-03-02'))).toBe('CONFLICT');
    expect(codeOf(await run('operator', 'approveAttendance', { attendanceId: id }))).toBe('FORBIDDEN');
    const approved = await run(
      'reviewer',
      'approveAttendance',
      { attendanceId: id },
      '{ status approvedAt }',
    );
    expect((await done(Promise.resolve(approved))).approveAttendance.attendance).toEqual({
      status: 'APPROVED',
      approvedAt: expect.stringMatching(/Z$/),
    });
    expect(codeOf(await run('company_admin', 'approveAttendance', { attendanceId: id }))).toBe('CONFLICT');
    const [reviewer] = await rowsOf(world, `SELECT id FROM "User" WHERE email = 'reviewer@acme.example'`);
    expect(await only('Attendance', id)).toMatchObject({ status: 'approved', approvedById: reviewer.id });
    expect((await events(requestOf(recorded))).map(({ action }) => action)).toEqual(['attendance.recorded']);
    expect((await events(requestOf(approved)))[0]).toMatchObject({
      action: 'attendance.approved',
      entity_id: uuidOf(id),
      body: { actor: { userId: reviewer.id } },
    });
  });

  it('[R8] cannot be approved by its recorder or its worker', async () => {
    const forOther = (await done(record('hr_admin', await own('staff'), '2026-03-03'))).recordAttendance
      .attendance.id;
    expect(codeOf(await run('hr_admin', 'approveAttendance', { attendanceId: forOther }))).toBe('FORBIDDEN');
    const forReviewer = (await done(record('hr_admin', await own('reviewer'), '2026-03-03'))).recordAttendance
      .attendance.id;
    expect(codeOf(await run('reviewer', 'approveAttendance', { attendanceId: forReviewer }))).toBe(
      'FORBIDDEN',
    );
    for (const id of [forOther, forReviewer])
      expect(await only('Attendance', id)).toMatchObject({ status: 'recorded', approvedById: null });
  });

  it('approved by two at the same time is approved once', async () => {
    const id = (await done(record('hr_admin', await own('client'), '2026-03-04'))).recordAttendance.attendance
      .id;
    const codes = await Promise.all(
      ['reviewer', 'company_admin', 'admin', 'head_office_admin'].map(async (role) =>
        codeOf(await run(role, 'approveAttendance', { attendanceId: id })),
      ),
    );
    expect(codes.sort()).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'ok']);
    expect(
      await rowsOf(
        world,
        `SELECT 1 FROM audit_event WHERE action = 'attendance.approved' AND entity_id = $1`,
        [uuidOf(id)],
      ),
    ).toHaveLength(1);
  });

  it('is of a day that exists and of minutes that a day has', async () => {
    const employeeId = await own('operator');
    for (const [day, minutes] of [
      ['2026-02-30', 1],
      ['2026-13-01', 1],
      ['20260101', 1],
      ['2026-01-01T00:00:00Z', 1],
      ['2026-03-05', -1],
      ['2026-03-05', 1441],
      ['2026-03-05', 1.5],
    ]) {
      expect([
        day,
        minutes,
        codeOf(await record('operator', employeeId, day as string, minutes as number)),
      ]).toEqual([day, minutes, 'INVALID_INPUT']);
    }
    expect(await rowsOf(world, `SELECT 1 FROM "Attendance" WHERE day = '2026-03-05'`)).toEqual([]);
  });

  it('is listed by employee and by status', async () => {
    const employeeId = await own('operator');
    const list = async (args: string) =>
      (
        await done(ask('hr_admin', `{ attendance(${args}) { edges { node { status employee { id } } } } }`))
      ).attendance.edges.map(({ node }: { node: object }) => node);
    expect(await list(`employeeId: "${employeeId}", status: APPROVED`)).toEqual([
      { status: 'APPROVED', employee: { id: employeeId } },
    ]);
    const recorded = await list('status: RECORDED');
    expect(recorded.length).toBeGreaterThan(5);
    expect(new Set(recorded.map(({ status }: { status: string }) => status))).toEqual(new Set(['RECORDED']));
  });
});

describe('[B1] payroll', () => {
  const draft = async (period: string, role = 'finance_admin') =>
    (await done(run(role, 'createPayrollRun', { period }))).createPayrollRun.payrollRun.id as string;

  it('is exact: 0.10 and 0.20 are 0.30, and the run’s total is the sum of its items', async () => {
    // With the large ones the total has more digits than a float, whose steps are 0.0005 up there.
    const large = ['999999999999.9999', '999999999999.9998', '999999999999.9993'];
    for (const salary of ['0.10', '0.20', '0.0001', ...large])
      await done(run('hr_admin', 'setEmployeeSalary', { employeeId: await hired(), salary }));
    const id = await draft('2026-04');
    const {
      payrollRuns: {
        edges: [{ node: payrollRun }],
      },
    } = await done(
      ask(
        'finance_admin',
        '{ payrollRuns(first: 1) { edges { node { id period status total items(first: 100) { edges { node { amount employee { salary } } } } } } } }',
      ),
    );
    expect(payrollRun).toMatchObject({ id, period: '2026-04', status: 'DRAFT' });
    const amounts: string[] = nodesOf(payrollRun.items).map(({ amount }: { amount: string }) => amount);
    expect(amounts).toEqual(
      nodesOf(payrollRun.items).map(({ employee }: { employee: { salary: string } }) => employee.salary),
    );
    expect(amounts).toEqual(expect.arrayContaining(['0.10', '0.20', '0.0001']));
    const units = (amount: string) =>
      BigInt(amount.replace(/^(\d+)\.?(\d*)$/, (_all, whole, part) => whole + part.padEnd(4, '0')));
    const sum = amounts.map(units).reduce((a, b) => a + b);
    expect(units(payrollRun.total)).toBe(sum);
    const items = await rowsOf(world, 'SELECT amount FROM "PayrollItem" WHERE "runId" = $1', [uuidOf(id)]);
    expect(items).toHaveLength(amounts.length);
    for (const { amount } of items) expect(amount).toMatch(/^b1\./);
    expect((await only('PayrollRun', id)).total).toMatch(/^b1\./);
    expect(codeOf(await run('finance_admin', 'createPayrollRun', { period: '2026-04' }))).toBe('CONFLICT');
  });

  it('is drafted, submitted, approved and paid by different members, each step with its event', async () => {
    const created = await run('finance_admin', 'createPayrollRun', { period: '2026-05' });
    const id = created.data.createPayrollRun.payrollRun.id;
    const steps: [string, string, string, string][] = [
      ['finance_admin', 'submitPayrollRun', 'submitted', 'payroll.submitted'],
      ['reviewer', 'approvePayrollRun', 'approved', 'payroll.approved'],
      ['finance_admin', 'payPayrollRun', 'paid', 'payroll.paid'],
    ];
    for (const [role, step, status, action] of steps) {
      const answer = await runOn(role, step, id);
      expect([step, codeOf(answer), answer.data?.[step]?.payrollRun.status]).toEqual([
        step,
        'ok',
        status.toUpperCase(),
      ]);
      const found = await events(requestOf(answer));
      expect(found.map((event) => [event.action, event.entity_id])).toEqual([[action, uuidOf(id)]]);
      const [user] = await rowsOf(world, 'SELECT id FROM "User" WHERE email = $1', [`${role}@acme.example`]);
      expect(found[0].body).toMatchObject({
        after: { status },
        actor: { kind: 'user', userId: user.id, roles: [role] },
      });
    }
    const made = await events(requestOf(created));
    expect(made.filter(({ action }) => action === 'payroll.created')).toHaveLength(1);
    expect(made.filter(({ action }) => action === 'payrollItem.created').length).toBeGreaterThan(10);
    expect(await only('PayrollRun', id)).toMatchObject({
      status: 'paid',
      paidAt: expect.any(Date),
      approvedAt: expect.any(Date),
    });
  });

  it('[R8] cannot be approved by its creator or submitter, or paid by its approver', async () => {
    const id = await draft('2026-06', 'company_admin');
    expect(codeOf(await runOn('admin', 'submitPayrollRun', id))).toBe('ok');
    for (const role of ['company_admin', 'admin'])
      expect([role, codeOf(await runOn(role, 'approvePayrollRun', id))]).toEqual([role, 'FORBIDDEN']);
    expect(await only('PayrollRun', id)).toMatchObject({ status: 'submitted', approvedById: null });
    expect(codeOf(await runOn('head_office_admin', 'approvePayrollRun', id))).toBe('ok');
    expect(codeOf(await runOn('head_office_admin', 'payPayrollRun', id))).toBe('FORBIDDEN');
    expect(await only('PayrollRun', id)).toMatchObject({ status: 'approved', paidById: null });
    expect(codeOf(await runOn('company_admin', 'payPayrollRun', id))).toBe('ok');
  });

  it('refuses steps out of order and repeated steps', async () => {
    const id = await draft('2026-07');
    const conflict = async (...steps: [string, string][]) => {
      for (const [role, step] of steps)
        expect([step, codeOf(await runOn(role, step, id))]).toEqual([step, 'CONFLICT']);
    };
    await conflict(['reviewer', 'approvePayrollRun'], ['finance_admin', 'payPayrollRun']);
    await done(runOn('finance_admin', 'submitPayrollRun', id));
    await conflict(['finance_admin', 'submitPayrollRun'], ['finance_admin', 'payPayrollRun']);
    await done(runOn('reviewer', 'approvePayrollRun', id));
    await conflict(['finance_admin', 'submitPayrollRun'], ['reviewer', 'approvePayrollRun']);
    await done(runOn('finance_admin', 'payPayrollRun', id));
    await conflict(
      ['finance_admin', 'submitPayrollRun'],
      ['reviewer', 'approvePayrollRun'],
      ['finance_admin', 'payPayrollRun'],
    );
  });

  it('approved, or paid, by several at the same time happens once', async () => {
    const id = await draft('2026-08');
    await done(runOn('finance_admin', 'submitPayrollRun', id));
    const all = async (step: string, roles: string[]) =>
      (await Promise.all(roles.map((role) => runOn(role, step, id)))).map(codeOf).sort();
    const four = ['reviewer', 'company_admin', 'admin', 'head_office_admin'];
    expect(await all('approvePayrollRun', four)).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'ok']);
    expect(
      (await all('payPayrollRun', ['finance_admin', 'finance_admin', 'finance_admin'])).filter(
        (code) => code === 'ok',
      ),
    ).toHaveLength(1);
    for (const action of ['payroll.approved', 'payroll.paid']) {
      expect(
        await rowsOf(world, 'SELECT 1 FROM audit_event WHERE action = $1 AND entity_id = $2', [
          action,
          uuidOf(id),
        ]),
      ).toHaveLength(1);
    }
  });

  it('for an invalid month or a missing run is refused', async () => {
    for (const period of ['2026-13', '2026', '2026-1', '2026-01-01', '']) {
      expect([period, codeOf(await run('finance_admin', 'createPayrollRun', { period }))]).toEqual([
        period,
        'INVALID_INPUT',
      ]);
    }
    const missing = globalId('PayrollRun', crypto.randomUUID());
    for (const [role, step] of [
      ['finance_admin', 'submitPayrollRun'],
      ['reviewer', 'approvePayrollRun'],
      ['finance_admin', 'payPayrollRun'],
    ] as const) {
      expect([step, codeOf(await runOn(role, step, missing))]).toEqual([step, 'NOT_FOUND']);
    }
  });
});

describe('[T6] deleting a company', () => {
  const withCompany = () =>
    rowsOf(
      world,
      `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'companyId'
       UNION SELECT 'Company', 'id' ORDER BY 1`,
    );
  const counts = async (companyId: string) =>
    Promise.all(
      (await withCompany()).map(async ({ table_name, column_name }) => {
        const [row] = await rowsOf(
          world,
          `SELECT count(*)::int AS n FROM "${table_name}" WHERE "${column_name}" = $1`,
          [companyId],
        );
        return [table_name, row.n] as [string, number];
      }),
    );

  it('deletes all of its rows, none of another company, and leaves an intact audit log', async () => {
    const admin = await world.signIn('company_admin', 'globex');
    const input = { slug: 'own_role', name: 'Own', level: 1, accessScope: 'SELF', permissions: [] };
    await done(
      world.ask(
        'mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }',
        { input },
        admin,
      ),
    );
    await done(
      world.ask(
        'mutation { createPayrollRun(input: { period: "2026-01" }) { payrollRun { id } } }',
        {},
        admin,
      ),
    );
    await rowsOfWaysIn(world);
    const [globex] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
    const [acme] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`);
    const before = await counts(globex.id);
    expect(before.filter(([, n]) => n === 0)).toEqual([]);
    expect(before.length).toBeGreaterThan(11);
    const [others, chain] = [await counts(acme.id), await chainOf(globex.id)];

    const answer = await ask(
      'super_admin',
      'mutation ($input: DeleteCompanyInput!) { deleteCompany(input: $input) { deletedCompanyId } }',
      { input: { companyId: globalId('ManagedCompany', globex.id) } },
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.deleteCompany.deletedCompanyId).toBe(globalId('ManagedCompany', globex.id));
    expect((await counts(globex.id)).filter(([table, n]) => n > 0 && table !== 'Session')).toEqual([]);
    expect(await counts(acme.id)).toEqual(others);

    const after = await chainOf(globex.id);
    expect(after.slice(0, chain.length)).toEqual(chain);
    expect(after.length).toBeGreaterThan(chain.length);
    const verification = await verifyDatabase(world.database.ownerUrl);
    expect(verification.faults).toEqual([]);
    expect(verification.heads.has(globex.id)).toBe(true);

    const named = await rowsOf(
      world,
      `SELECT company_id, body::jsonb AS body FROM audit_event WHERE action = 'company.deleted' AND entity_id = $1`,
      [globex.id],
    );
    expect(named.map(({ company_id }) => company_id).sort()).toEqual(
      ['00000000-0000-7000-8000-000000000000', globex.id].sort(),
    );
    for (const { body } of named)
      expect(body).toMatchObject({
        severity: 'CRITICAL',
        before: { name: 'Globex' },
        requestId: requestOf(answer),
      });
    const platform = await done(
      ask(
        'super_admin',
        '{ auditEvents(last: 5, filter: { action: ["company.deleted"] }) { edges { node { entityId } } } }',
      ),
    );
    expect(platform.auditEvents.edges).toEqual([{ node: { entityId: globex.id } }]);
  });

  it("revokes its members' sessions and sign-in", async () => {
    const token = await world.signIn('company_admin', 'globex');
    expect(codeOf(await world.ask('{ viewer { user { name } } }', {}, token))).toBe('UNAUTHENTICATED');
    await expect(signInAs(world.ask, 'company_admin@globex.example')).rejects.toThrow('UNAUTHENTICATED');
    const { companies } = await done(
      ask('super_admin', '{ companies { totalCount edges { node { name } } } }'),
    );
    expect(companies).toEqual({ totalCount: 1, edges: [{ node: { name: 'Acme' } }] });
  });

  it('that is missing, or the platform itself, is NOT_FOUND', async () => {
    for (const companyId of [crypto.randomUUID(), '00000000-0000-7000-8000-000000000000']) {
      const answer = await ask(
        'super_admin',
        'mutation ($input: DeleteCompanyInput!) { deleteCompany(input: $input) { deletedCompanyId } }',
        { input: { companyId: globalId('ManagedCompany', companyId) } },
      );
      expect(codeOf(answer)).toBe('NOT_FOUND');
    }
    expect(await rowsOf(world, `SELECT 1 FROM "Company" WHERE name = 'Platform'`)).toHaveLength(1);
  });

  it('a new company invites its administrator', async () => {
    const administrator = { email: 'first@initech.example', name: 'First' };
    const input = { name: 'Initech', currency: 'GBP', administrator };
    const { createCompany } = await done(
      ask(
        'super_admin',
        'mutation ($input: CreateCompanyInput!) { createCompany(input: $input) { company { id name currency } } }',
        { input },
      ),
    );
    const { company } = createCompany;
    expect(company).toMatchObject({ name: 'Initech', currency: 'GBP' });
    await admit(world, administrator.email);
    const token = await signInAs(world.ask, administrator.email);
    const { viewer, members } = await done(
      world.ask(
        '{ viewer { company { id } roles } members(first: 100) { edges { node { email } } } }',
        {},
        token,
      ),
    );
    expect([viewer, nodesOf(members)]).toEqual([
      { company: { id: globalId('ViewerCompany', uuidOf(company.id)) }, roles: ['company_admin'] },
      [{ email: administrator.email }],
    ]);
  });

  const chainOf = (companyId: string) =>
    rowsOf(
      world,
      `SELECT pos, encode(link, 'hex') AS hash FROM audit_event WHERE company_id = $1 ORDER BY pos`,
      [companyId],
    );
});
