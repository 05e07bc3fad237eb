import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guarantees } from '../../../src/db/guarantees.gen.ts';
import { globalId, newcomer, openWorld, rowsOf, uuidOf, type World } from '../../support/server/world.ts';
import { codeOf, mutate } from '../../support/sign-in/factors.ts';

type Place = { branchId: string; departmentId: string };
type Worker = { id: string; email: string; memberId: string; civilId: string };

const NARROWABLE = [
  ...['employee.read', 'employee.write', 'employee.delete', 'employee.salary.read', 'employee.salary.write'],
  ...['employee.identity.read', 'employee.identity.write'],
  ...['attendance.read', 'attendance.record', 'attendance.approve'],
];
const TAKEN_DAY = '2026-01-05';
const LIMIT = 10;

let world: World;
let here: Place;
let elsewhere: Place;
/** An employee outside of the actor's branch, one inside, and one inside that the actor changes. */
let hidden: Worker;
let visible: Worker;
let mine: Worker;
let slug: string;

beforeAll(async () => {
  world = await openWorld();
  [here, elsewhere] = await twoPlaces();
  [hidden, visible, mine] = [await hired(elsewhere), await hired(here), await hired(here)];
  slug = `branch_${crypto.randomUUID().slice(0, 8)}`;
  const permissions = ['company.read', 'structure.read', ...NARROWABLE];
  await done(
    as('company_admin', 'createRole', { slug, name: 'B', level: 2, accessScope: 'BRANCH', permissions }),
  );
});
afterAll(() => world?.end());

async function as(role: string, operation: string, input: object) {
  return mutate(world, operation, input, '{ id }', await world.signIn(role));
}
async function done(answer: ReturnType<typeof as>) {
  const { data, errors } = await answer;
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function twoPlaces(): Promise<[Place, Place]> {
  const rows = await rowsOf(
    world,
    `SELECT DISTINCT ON (d."branchId") d."branchId" AS branch, d.id AS department FROM "Department" d
     JOIN "Company" c ON c.id = d."companyId" WHERE c.name = 'Acme' ORDER BY d."branchId", d.id`,
  );
  return rows.map(({ branch, department }) => ({
    branchId: globalId('Branch', branch),
    departmentId: globalId('Department', department),
  })) as [Place, Place];
}

const freshEmail = () => `${crypto.randomUUID()}@acme.example`;
const newEmployee = (place: Place, email = freshEmail()) => ({
  ...{ ...place, email },
  name: 'Zoe',
  startedOn: '2026-01-01',
});

/** An employee with a member, a civil id and an attendance. */
async function hired(place: Place): Promise<Worker> {
  const { id: memberId } = await newcomer(world, ['client']);
  const input = { ...newEmployee(place), memberId };
  const { id } = (await done(as('company_admin', 'createEmployee', input))).createEmployee.employee;
  const civilId = String(Math.floor(1e9 + Math.random() * 9e9));
  await done(as('company_admin', 'setEmployeeIdentity', { employeeId: id, civilId }));
  await done(as('company_admin', 'recordAttendance', { employeeId: id, workedOn: TAKEN_DAY, minutes: 1 }));
  return { id, email: input.email, memberId, civilId };
}

/** A member who has every narrowable permission, in one branch. */
async function branchWriterOf(): Promise<{ id: string; token: string }> {
  const { id, token } = await newcomer(world, [slug]);
  await done(as('company_admin', 'setMemberRoles', { memberId: id, roles: [slug], branchId: here.branchId }));
  return { id, token };
}
const branchWriter = async (): Promise<string> => (await branchWriterOf()).token;

const emailOf = async ({ id }: Worker): Promise<string> =>
  (await rowsOf(world, 'SELECT email FROM "Employee" WHERE id = $1', [uuidOf(id)]))[0].email;
const refusals = async (): Promise<number> =>
  (
    await rowsOf(world, `SELECT count(*)::int AS count FROM audit_event WHERE action = 'uniqueValue.refused'`)
  )[0].count;

type Attempt = { operation: string; code: string; inputs: () => [hidden: object, twin: object] };
const onMine = (operation: string, value: (of: Worker) => object): Attempt => ({
  operation,
  code: 'CONFLICT',
  inputs: () => [
    { employeeId: mine.id, ...value(hidden) },
    { employeeId: mine.id, ...value(visible) },
  ],
});

/**
 * How a value of each unique key can be tried: against a row that the actor does not see, and what
 * must be answered alike.
 */
const ATTEMPTS: Record<string, Attempt> = {
  'Employee companyId_email': onMine('updateEmployee', ({ email }) => ({ email })),
  'Employee companyId_userId': onMine('setEmployeeMember', ({ memberId }) => ({ memberId })),
  'Employee companyId_civilIdIndex': onMine('setEmployeeIdentity', ({ civilId }) => ({ civilId })),
  'Attendance companyId_employeeId_day': {
    operation: 'recordAttendance',
    code: 'NOT_FOUND',
    inputs: () => [
      { employeeId: hidden.id, workedOn: TAKEN_DAY, minutes: 1 },
      { employeeId: hidden.id, workedOn: '2026-01-06', minutes: 1 },
    ],
  },
};

const KEYS = Object.entries(guarantees).flatMap(([model, { visible: narrowed, uniques }]) =>
  Object.keys(narrowed ? uniques : {})
    .filter((name) => name !== 'key')
    .map((name) => `${model} ${name}`),
);

describe('a unique value of a row outside of the access scope', () => {
  it('has an attempt for every unique key of a narrowed model [S15]', () => {
    expect(KEYS.sort()).toEqual(Object.keys(ATTEMPTS).sort());
  });

  it.each(Object.entries(ATTEMPTS))(
    'of %s is answered as one in scope or a free one, without field or value [S15]',
    async (_key, { operation, code, inputs }) => {
      const token = await branchWriter();
      const before = await refusals();
      const [first, twin] = inputs();
      const answers = [];
      for (const input of [first, twin]) {
        const { errors } = await mutate(world, operation, input, '{ id }', token);
        answers.push({ message: errors?.[0]?.message, extensions: errors?.[0]?.extensions });
      }
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]?.extensions).toEqual({ code });
      expect(await refusals()).toBe(before + (code === 'CONFLICT' ? 2 : 0));
    },
  );

  it('is not looked up for a new row in a place out of scope: taken and free are NOT_FOUND [S15]', async () => {
    const token = await branchWriter();
    for (const email of [visible.email, hidden.email, freshEmail()])
      expect(
        codeOf(await mutate(world, 'createEmployee', newEmployee(elsewhere, email), '{ id }', token)),
      ).toBe('NOT_FOUND');
  });
});

describe('an update that moves the row out of scope', () => {
  const MOVES: Record<string, (of: Worker) => object> = {
    'to another branch': () => elsewhere,
    'to a department of another branch': () => ({ departmentId: elsewhere.departmentId }),
  };
  it.each(Object.entries(MOVES))(
    '%s answers NOT_FOUND for taken and free values [S15]',
    async (_what, to) => {
      const token = await branchWriter();
      const before = await refusals();
      for (const email of [visible.email, hidden.email, freshEmail()]) {
        const input = { employeeId: mine.id, ...to(mine), email };
        expect(codeOf(await mutate(world, 'updateEmployee', input, '{ id }', token))).toBe('NOT_FOUND');
      }
      expect(await refusals()).toBe(before);
    },
  );
});

describe('searching for unique values', () => {
  const set = (token: string, email: string) =>
    mutate(world, 'updateEmployee', { employeeId: mine.id, email }, '{ id }', token);

  it(`is refused after ${LIMIT} conflicts: taken and free values are RATE_LIMITED, and nothing changes [S15]`, async () => {
    const token = await branchWriter();
    for (let count = 0; count < LIMIT; count++)
      expect(codeOf(await set(token, hidden.email))).toBe('CONFLICT');
    const before = await emailOf(mine);
    for (const email of [hidden.email, visible.email, freshEmail()])
      expect(codeOf(await set(token, email))).toBe('RATE_LIMITED');
    expect(await emailOf(mine)).toBe(before);
  });

  it('goes on once an administrator has unlocked the member [S15]', async () => {
    const { id, token } = await branchWriterOf();
    for (let count = 0; count < LIMIT; count++) await set(token, hidden.email);
    expect(codeOf(await set(token, freshEmail()))).toBe('RATE_LIMITED');
    await done(as('company_admin', 'unlockMember', { memberId: id }));
    expect(codeOf(await set(token, freshEmail()))).toBe('ok');
  });

  it('finds no more values with concurrent requests, of twenty actors [S15]', async () => {
    for (let time = 0; time < 20; time++) {
      const token = await branchWriter();
      const answers = await Promise.all(Array.from({ length: 2 * LIMIT }, () => set(token, hidden.email)));
      const codes = answers.map(codeOf);
      expect(codes.filter((code) => code === 'CONFLICT')).toHaveLength(LIMIT);
      expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(LIMIT);
    }
  });

  it('does not limit an actor who sees the whole company [S15]', async () => {
    const token = await world.signIn('hr_admin');
    for (let count = 0; count <= LIMIT; count++)
      expect(codeOf(await set(token, hidden.email))).toBe('CONFLICT');
    expect(codeOf(await set(token, freshEmail()))).toBe('ok');
  });
});
