import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AttemptKind, limits, subjectsOf } from '../../src/auth/lockout/limits.ts';
import { type MailboxWorld, openMailboxWorld } from '../support/server/dev-mailbox.ts';
import { globalId, newcomer, rowsOf, uuidOf } from '../support/server/world.ts';
import { clearAttempts, codeOf, mutate } from '../support/sign-in/factors.ts';

let world: MailboxWorld;
beforeAll(async () => {
  world = await openMailboxWorld();
});
afterAll(() => world?.end());
beforeEach(() => clearAttempts(world));

type User = { id: string; token: string };
/** As if the user had used the command this often, in this window and in the next one. */
async function used(kind: AttemptKind, { id }: User, count: number): Promise<void> {
  const [{ userId }] = await rowsOf(world, 'SELECT "userId" FROM "Membership" WHERE id = $1', [uuidOf(id)]);
  const now = subjectsOf({ kind, account: userId, ip: null });
  const next = now.map((one) => ({ ...one, name: one.name.replace(/\d+$/, (n) => String(Number(n) + 1)) }));
  for (const subjects of [now, next])
    for (let n = 0; n < count; n++) await world.services.attempts.count(kind, subjects, false);
}
const waitOf = ({ errors }: Awaited<ReturnType<typeof mutate>>) =>
  (errors?.[0]?.extensions as { retryAfter?: number } | undefined)?.retryAfter;
const rows = async (sql: string, value: string): Promise<number> =>
  (await rowsOf(world, `SELECT count(*)::int AS count FROM ${sql} = $1`, [value]))[0].count;

describe('[A2] invitations by one member', () => {
  const { account: LIMIT, windowSeconds } = limits.invitation;
  const invite = (user: User, email: string, roles = ['client']) =>
    mutate(world, 'inviteMember', { email, name: 'Invited', roles }, '{ id }', user.token);
  const address = () => `${crypto.randomUUID()}@invited.example`;

  it('are made up to the limit; a further one is refused with its wait, without row and mail', async () => {
    const inviter = await newcomer(world, ['company_admin']);
    await used('invitation', inviter, LIMIT - 1);
    const last = await invite(inviter, address());
    expect(codeOf(last)).toBe('ok');
    const email = address();
    const refused = await invite(inviter, email);
    expect(codeOf(refused)).toBe('RATE_LIMITED');
    expect(waitOf(refused)).toBeGreaterThan(0);
    expect(waitOf(refused)).toBeLessThanOrEqual(windowSeconds);
    expect(await rows('"Membership" WHERE email', email)).toBe(0);
    expect(await world.mailsTo(email)).toEqual([]);
    const memberId = last.data.inviteMember.member.id;
    const again = await mutate(world, 'resendInvitation', { memberId }, '{ id }', inviter.token);
    expect(codeOf(again)).toBe('RATE_LIMITED');
  });

  it('beyond the limit leave other members theirs', async () => {
    const [one, other] = [await newcomer(world, ['company_admin']), await newcomer(world, ['company_admin'])];
    await used('invitation', one, LIMIT);
    expect(codeOf(await invite(one, address()))).toBe('RATE_LIMITED');
    expect(codeOf(await invite(other, address()))).toBe('ok');
  });

  it('that are refused do not count', async () => {
    const inviter = await newcomer(world, ['hr_admin']);
    await used('invitation', inviter, LIMIT - 1);
    expect(codeOf(await invite(inviter, address(), ['finance_admin']))).toBe('FORBIDDEN');
    expect(codeOf(await invite(inviter, address(), ['unknown']))).toBe('INVALID_INPUT');
    expect(codeOf(await invite(inviter, address()))).toBe('ok');
  });

  it('under concurrent requests are no more than the limit', async () => {
    const inviter = await newcomer(world, ['company_admin']);
    await used('invitation', inviter, LIMIT - 2);
    const answers = await Promise.all(Array.from({ length: 6 }, () => invite(inviter, address())));
    expect(answers.map(codeOf).sort()).toEqual([...Array(4).fill('RATE_LIMITED'), ...Array(2).fill('ok')]);
  });
});

describe('[A2] attendance records', () => {
  const { account: LIMIT, windowSeconds } = limits.attendance;
  let day = 0;
  const nextDay = () => new Date(Date.UTC(2019, 0, ++day)).toISOString().slice(0, 10);
  const record = (user: User, employeeId: string, workedOn = nextDay()) =>
    mutate(world, 'recordAttendance', { employeeId, workedOn, minutes: 1 }, '{ id }', user.token);

  /** A member with this role and their own employee. */
  async function employed(role: string): Promise<User & { employeeId: string }> {
    const user = await newcomer(world, [role]);
    const [{ branch, department }] = await rowsOf(
      world,
      `SELECT "branchId" AS branch, id AS department FROM "Department" WHERE "companyId" =
       (SELECT "companyId" FROM "Membership" WHERE id = $1) LIMIT 1`,
      [uuidOf(user.id)],
    );
    const input = {
      ...{ name: 'Zoe', startedOn: '2019-01-01', email: user.email, memberId: user.id },
      ...{ branchId: globalId('Branch', branch), departmentId: globalId('Department', department) },
    };
    const admin = await world.signIn('company_admin');
    const { data, errors } = await mutate(world, 'createEmployee', input, '{ id }', admin);
    expect(errors).toBeUndefined();
    return { ...user, employeeId: data.createEmployee.employee.id };
  }

  it('of oneself are made up to the limit; a further one is refused with its wait, without row', async () => {
    const own = await employed('operator');
    await used('attendance', own, LIMIT - 1);
    expect(codeOf(await record(own, own.employeeId))).toBe('ok');
    const refused = await record(own, own.employeeId);
    expect(codeOf(refused)).toBe('RATE_LIMITED');
    expect(waitOf(refused)).toBeGreaterThan(0);
    expect(waitOf(refused)).toBeLessThanOrEqual(windowSeconds);
    expect(await rows('"Attendance" WHERE "employeeId"', uuidOf(own.employeeId))).toBe(1);
  });

  it('by an actor who records for the whole company have no limit', async () => {
    const own = await employed('operator');
    const hr = await newcomer(world, ['hr_admin']);
    await used('attendance', hr, LIMIT);
    expect(codeOf(await record(hr, own.employeeId))).toBe('ok');
  });
});
