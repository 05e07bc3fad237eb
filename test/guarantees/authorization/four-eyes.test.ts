import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setEmployeeSalary } from '../../../src/domain/people/employee.ts';
import { asSystem } from '../../../src/domain/platform/system.ts';
import { nodesOf } from '../../support/documents.ts';
import { globalId, newcomer, openWorld, rowsOf, uuidOf, type World } from '../../support/server/world.ts';
import { newKey } from '../../support/sign-in/credentials.ts';
import { codeOf, mutate } from '../../support/sign-in/factors.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.end());

const run = (token: string, name: string, input: object, selection = '{ __typename }') =>
  mutate(world, name, input, selection, token);
const as = async (role: string, name: string, input: object, selection?: string) =>
  run(await world.signIn(role), name, input, selection);

/** The employee record of this e-mail’s member. */
const recordOf = async (email: string): Promise<string> => {
  const [row] = await rowsOf(
    world,
    `SELECT e.id FROM "Employee" e JOIN "Membership" m ON m."companyId" = e."companyId" AND m."userId" = e."userId" WHERE m.email = $1`,
    [email],
  );
  return globalId('Employee', row.id);
};
const salaryOf = async (id: string) =>
  (await rowsOf(world, 'SELECT salary FROM "Employee" WHERE id = $1', [uuidOf(id)]))[0].salary;
const someone = async (changes: object = {}) => {
  const { data } = await world.ask(
    '{ departments { edges { node { id branch { id } } } } }',
    {},
    await world.signIn('hr_admin'),
  );
  const [department] = nodesOf(data.departments);
  const place = { branchId: department.branch.id, departmentId: department.id };
  return {
    ...place,
    name: 'Zoe',
    email: `${crypto.randomUUID()}@acme.example`,
    startedOn: '2026-02-01',
    ...changes,
  };
};
const hired = async (changes: object = {}): Promise<string> =>
  (await as('hr_admin', 'createEmployee', await someone(changes), '{ id }')).data.createEmployee.employee.id;

/** A new member with these roles and an employee record of their own. */
async function employed(roles: string[]) {
  const member = await newcomer(world, roles);
  return { ...member, record: await hired({ memberId: member.id }) };
}
/**
 * Both addresses are verified, and the second account can be recovered by the first one’s mailbox.
 */
async function shareMailbox(first: string, second: string, address = first): Promise<void> {
  await rowsOf(world, 'UPDATE "User" SET "emailVerifiedAt" = now() WHERE email IN ($1, $2)', [first, second]);
  await rowsOf(
    world,
    `UPDATE "User" SET "recoveryEmail" = $2, "recoveryEmailVerifiedAt" = now() WHERE email = $1`,
    [second, address],
  );
}

describe('[S3] a salary is set by another human than its owner', () => {
  const pay = (token: string, employeeId: string) =>
    run(token, 'setEmployeeSalary', { employeeId, salary: '9999' });

  it('[S3][R8] refuses a service account whose key the owner created', async () => {
    const admin = await employed(['head_office_admin']);
    const { key } = await newKey(world, admin.token, ['hr_admin']);
    const before = await salaryOf(admin.record);
    expect(codeOf(await pay(admin.token, admin.record))).toBe('FORBIDDEN');
    expect(codeOf(await pay(key, admin.record))).toBe('FORBIDDEN');
    expect(await salaryOf(admin.record)).toBe(before);
    expect(codeOf(await pay(key, await hired({ memberId: (await newcomer(world, ['client'])).id })))).toBe(
      'ok',
    );
  });

  it('[S3] refuses a second account of the same human: a verified address in common, subaddresses included', async () => {
    const owner = await employed(['client']);
    const second = await employed(['hr_admin']);
    expect(codeOf(await pay(second.token, owner.record))).toBe('ok');
    await shareMailbox(owner.email, second.email);
    expect(codeOf(await pay(second.token, owner.record))).toBe('FORBIDDEN');
    await shareMailbox(owner.email, second.email, owner.email.replace('@', '+pay@'));
    expect(codeOf(await pay(second.token, owner.record))).toBe('FORBIDDEN');
    await shareMailbox(owner.email, second.email, `x${owner.email}`);
    expect(codeOf(await pay(second.token, owner.record))).toBe('ok');
    await shareMailbox(owner.email, second.email);
    await rowsOf(world, `UPDATE "User" SET "recoveryEmailVerifiedAt" = NULL WHERE email = $1`, [
      second.email,
    ]);
    expect(codeOf(await pay(second.token, owner.record))).toBe('ok');
  });

  it('[S3] refuses a record of unknown owner to a member without a record of their own', async () => {
    const unlinked = await hired();
    const stranger = await newcomer(world, ['hr_admin']);
    const { errors } = await pay(stranger.token, unlinked);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining('linked to no member'),
      extensions: { code: 'FORBIDDEN' },
    });
    expect(codeOf(await pay((await employed(['hr_admin'])).token, unlinked))).toBe('ok');
  });

  it('[S3] refuses a record of unknown owner to a key whose creator has no record of their own', async () => {
    const admin = await newcomer(world, ['company_admin']);
    const { key } = await newKey(world, admin.token, ['hr_admin']);
    const unlinked = await hired();
    expect(codeOf(await pay(key, unlinked))).toBe('FORBIDDEN');
    await hired({ memberId: admin.id });
    expect(codeOf(await pay(key, unlinked))).toBe('ok');
  });

  it('[S3] lets the deployment itself set the salary of a record of unknown owner', async () => {
    const record = await hired();
    const id = uuidOf(record);
    const [{ companyId }] = await rowsOf(world, 'SELECT "companyId" FROM "Employee" WHERE id = $1', [id]);
    const before = await salaryOf(record);
    await asSystem(world.services, companyId)(setEmployeeSalary, { employeeId: { id }, salary: '9999' });
    expect(await salaryOf(record)).not.toBe(before);
  });
});

describe('[S3] attendance and payroll are approved by another human', () => {
  const record = async (token: string, employeeId: string): Promise<string> =>
    (await run(token, 'recordAttendance', { employeeId, workedOn: '2026-03-02', minutes: 60 }, '{ id }')).data
      .recordAttendance.attendance.id;
  const approve = (token: string, attendanceId: string) => run(token, 'approveAttendance', { attendanceId });

  it('[S3] refuses to approve hours that a second account recorded, or worked', async () => {
    const worker = await employed(['hr_admin']);
    const second = await employed(['reviewer']);
    await shareMailbox(worker.email, second.email);
    const other = await employed(['client']);
    const recorded = await record(worker.token, other.record);
    const worked = await record(await world.signIn('hr_admin'), worker.record);
    expect(codeOf(await approve(second.token, recorded))).toBe('FORBIDDEN');
    expect(codeOf(await approve(second.token, worked))).toBe('FORBIDDEN');
    expect(codeOf(await approve(await world.signIn('reviewer'), recorded))).toBe('ok');
    expect(codeOf(await approve(await world.signIn('reviewer'), worked))).toBe('ok');
  });

  it('[S3] refuses to approve hours of unknown owner without a record of one’s own', async () => {
    const hours = await record(await world.signIn('hr_admin'), await hired());
    expect(codeOf(await approve((await newcomer(world, ['reviewer'])).token, hours))).toBe('FORBIDDEN');
    expect(codeOf(await approve(await world.signIn('reviewer'), hours))).toBe('ok');
  });

  it('[S3][R8] refuses each step of a payroll run to a second account of who took an earlier one', async () => {
    const [creator, submitter, payer] = [
      await newcomer(world, ['finance_admin']),
      await newcomer(world, ['finance_admin']),
      await newcomer(world, ['finance_admin']),
    ];
    const approver = await newcomer(world, ['company_admin']);
    const step = (token: string, name: string, input: object) => mutate(world, name, input, '{ id }', token);
    const { data } = await step(creator.token, 'createPayrollRun', { period: '2031-01' });
    const payrollRunId = data.createPayrollRun.payrollRun.id as string;
    expect(codeOf(await step(submitter.token, 'submitPayrollRun', { payrollRunId }))).toBe('ok');
    for (const earlier of [creator, submitter]) {
      await shareMailbox(earlier.email, approver.email);
      expect(codeOf(await step(approver.token, 'approvePayrollRun', { payrollRunId }))).toBe('FORBIDDEN');
    }
    await shareMailbox('x', approver.email, 'unknown@mailbox.example');
    expect(codeOf(await step(approver.token, 'approvePayrollRun', { payrollRunId }))).toBe('ok');
    await shareMailbox(approver.email, payer.email);
    expect(codeOf(await step(payer.token, 'payPayrollRun', { payrollRunId }))).toBe('FORBIDDEN');
    expect(codeOf(await step(creator.token, 'payPayrollRun', { payrollRunId }))).toBe('ok');
  });

  it.each([
    ['submitted', 'submittedById', 'approvePayrollRun', '2032-01'],
    ['approved', 'approvedById', 'payPayrollRun', '2032-02'],
  ])(
    '[S3][R8] refuses the step after %s while the payroll run does not say who took that one',
    async (status, performer, next, period) => {
      const admin = await newcomer(world, ['company_admin']);
      const { data } = await as('finance_admin', 'createPayrollRun', { period }, '{ id }');
      const payrollRunId = data.createPayrollRun.payrollRun.id as string;
      const id = uuidOf(payrollRunId);
      const store = (value: string) =>
        rowsOf(
          world,
          `SET session_replication_role = replica;
         UPDATE "PayrollRun" SET status = '${status}', "${performer}" = ${value} WHERE id = '${id}'`,
        );
      const step = async () => codeOf(await run(admin.token, next, { payrollRunId }));
      await store('NULL');
      expect(await step()).toBe('FORBIDDEN');
      await store(`'${crypto.randomUUID()}'`);
      expect(await step()).toBe('ok');
    },
  );
});

describe('[S4] linking a record to a member', () => {
  const link = (token: string, employeeId: string, memberId: string | null) =>
    run(token, 'setEmployeeMember', { employeeId, memberId });
  /** An employee of the branch manager’s branch, and a member who has no record. */
  async function scene() {
    const [place] = await rowsOf(
      world,
      `SELECT e."branchId", e."departmentId" FROM "Employee" e WHERE e.email = 'branch_manager@acme.example'`,
    );
    const here = {
      branchId: globalId('Branch', place.branchId),
      departmentId: globalId('Department', place.departmentId),
    };
    return { here, record: await hired(here), accomplice: await newcomer(world, ['company_member']) };
  }

  it('[S4] refuses to create a linked record without the right to read what its member may read', async () => {
    const { here, accomplice } = await scene();
    const input = await someone({ ...here, memberId: accomplice.id });
    const { errors } = await as('branch_manager', 'createEmployee', input);
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    for (const permission of ['employee.salary.read', 'employee.identity.read', 'attendance.read'])
      expect(errors?.[0]?.message).toContain(permission);
    expect(await rowsOf(world, 'SELECT 1 FROM "Employee" WHERE email = $1', [input.email])).toEqual([]);
    expect(codeOf(await as('branch_manager', 'createEmployee', await someone(here)))).toBe('ok');
    expect(codeOf(await as('hr_admin', 'createEmployee', input))).toBe('ok');
  });

  it('[S4] refuses to link an existing record likewise', async () => {
    const { record, accomplice } = await scene();
    expect(codeOf(await link(await world.signIn('branch_manager'), record, accomplice.id))).toBe('FORBIDDEN');
    expect(
      (await rowsOf(world, 'SELECT "userId" FROM "Employee" WHERE id = $1', [uuidOf(record)]))[0].userId,
    ).toBeNull();
  });

  it('[S4] demands the rights for the record’s own place', async () => {
    const { here, record, accomplice } = await scene();
    const slug = `own_${crypto.randomUUID().slice(0, 8)}`;
    const permissions = [
      'employee.read',
      'employee.write',
      'attendance.read',
      'employee.salary.read',
      'employee.identity.read',
    ];
    const role = { slug, name: 'Own', level: 3, accessScope: 'BRANCH', permissions };
    expect(codeOf(await as('company_admin', 'createRole', role))).toBe('ok');
    const clerk = await newcomer(world, [slug]);
    const assign = (place: object) =>
      as('company_admin', 'setMemberRoles', { memberId: clerk.id, roles: [slug], ...place });
    expect(codeOf(await assign(here))).toBe('ok');
    expect(codeOf(await link(clerk.token, record, accomplice.id))).toBe('ok');
  });

  it('[S4] changes the link and takes it away, and what the member may read follows', async () => {
    const { record, accomplice } = await scene();
    const hr = await world.signIn('hr_admin');
    expect(codeOf(await run(hr, 'setEmployeeSalary', { employeeId: record, salary: '4321' }))).toBe('ok');
    const read = async () =>
      (await world.ask('query ($id: ID!) { employee(id: $id) { salary } }', { id: record }, accomplice.token))
        .data?.employee?.salary;
    const other = await newcomer(world, ['company_member']);
    for (const [memberId, seen] of [
      [accomplice.id, '4321'],
      [other.id, undefined],
      [accomplice.id, '4321'],
      [null, undefined],
    ] as const) {
      expect(codeOf(await link(hr, record, memberId))).toBe('ok');
      expect(await read()).toBe(seen);
    }
  });

  it('[S4] appends an audit event with the user before and after', async () => {
    const { record, accomplice } = await scene();
    const answer = await link(await world.signIn('hr_admin'), record, accomplice.id);
    const [event] = await rowsOf(
      world,
      `SELECT action, body::jsonb->'before'->'userId' AS before, body::jsonb->'after'->>'userId' AS after FROM audit_event WHERE body::jsonb->>'requestId' = $1`,
      [answer.headers.get('x-request-id')],
    );
    const [member] = await rowsOf(world, 'SELECT "userId" FROM "Membership" WHERE id = $1', [
      uuidOf(accomplice.id),
    ]);
    expect(event).toEqual({ action: 'employee.memberChanged', before: null, after: member.userId });
  });

  it('[S3][S4] lets no member link a record to themselves, or take the link of their own away', async () => {
    const { record } = await scene();
    const hr = await newcomer(world, ['hr_admin']);
    expect(codeOf(await link(hr.token, record, hr.id))).toBe('FORBIDDEN');
    const own = await employed(['hr_admin']);
    expect(codeOf(await link(own.token, own.record, null))).toBe('FORBIDDEN');
    expect(codeOf(await run(hr.token, 'createEmployee', await someone({ memberId: hr.id })))).toBe(
      'FORBIDDEN',
    );
    expect(codeOf(await link(await world.signIn('hr_admin'), own.record, null))).toBe('ok');
    expect(await recordOf('hr_admin@acme.example')).toBeTruthy();
  });
});

it('[S3] keeps every comparison of the actor with who took an earlier step in one function', () => {
  const suspects = globSync('src/{domain,auth}/**/*.ts').filter((path) =>
    /(?:[!=]==\s*actor\.userId|actor\.userId\s*[!=]==|includes\(actor\.userId\))/.test(
      readFileSync(path, 'utf8'),
    ),
  );
  expect(suspects).toEqual([]);
});
