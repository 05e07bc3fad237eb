import { append } from '../../audit/record/append.ts';
import { PLATFORM_ID } from '../../auth/authorization/permissions.ts';
import { queryAs } from '../../db/sql.ts';
import { AppError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { setMemberRoles } from '../access/member.ts';
import {
  approvePayrollRun,
  createPayrollRun,
  payPayrollRun,
  submitPayrollRun,
} from '../payroll/payroll-run.ts';
import { asMember, asSystem, type Run, systemOrigin } from '../platform/system.ts';
import { type Month, monthOf, periodOf } from './months.ts';
import { hire, type Place, raise, recordMonth } from './staff.ts';

/**
 * Payroll runs of this many months; the latest is a draft, the ones before it are submitted,
 * approved and paid.
 */
const MONTHS = 36;
/** A colleague is hired in each of the first months. */
const HIRING_MONTHS = 30;

/** The users of a company who take the steps of a payroll. */
type Staff = { finance: string; administrator: string; employees: string[]; places: Place[]; clerk: string };
type History = { services: Services; companyId: string; run: Run; staff: Staff };

/**
 * Adds three years to the demo's first company: colleagues hired month by month, raises,
 * attendance, payroll runs in every state, refused approvals and a rotated role. It ends with the
 * month of `today`; all else is the same in each run and on each machine.
 */
export async function addHistory(services: Services, today = new Date()): Promise<void> {
  const companyId = await firstCompany(services);
  const run = asSystem(services, companyId);
  const history = { services, companyId, run, staff: await staffOf(services, companyId) };
  const last = monthOf(today);
  for (let month = last - MONTHS + 1; month <= last; month++) await passMonth(history, month, last);
  await rotateRole(history);
}

async function passMonth(history: History, month: Month, last: Month): Promise<void> {
  const { run, staff } = history;
  const n = month - last + MONTHS - 1;
  if (n < HIRING_MONTHS) await hire(run, n, staff.places[n % staff.places.length] as Place, month);
  if (month % 12 === 0) await raise(run, staff.employees, month / 12);
  await run(recordMonth, {
    month,
    recordedById: staff.finance,
    approvedById: month < last ? staff.administrator : null,
  });
  await payroll(history, month, last - month);
}

/**
 * Takes the payroll of a month through its steps: to its end, but for the last three months, which
 * wait for the next one.
 */
async function payroll({ services, companyId, staff }: History, month: Month, age: number): Promise<void> {
  const finance = asMember(services, companyId, { userId: staff.finance, roles: ['finance_admin'] });
  const administrator = { userId: staff.administrator, roles: ['company_admin'] };
  const input = { payrollRunId: { id: (await finance(createPayrollRun, { period: periodOf(month) })).id } };
  if (age < 1) return;
  await finance(submitPayrollRun, input);
  if (age % 12 === 1)
    await refusedApproval(services, companyId, staff.finance, () => finance(approvePayrollRun, input));
  if (age < 2) return;
  await asMember(services, companyId, administrator)(approvePayrollRun, input);
  if (age > 2) await finance(payPayrollRun, input);
}

/**
 * The approval of a run by the member who submitted it, which four eyes refuse; audited as a
 * request's refusal is.
 */
async function refusedApproval(
  { pool }: Services,
  companyId: string,
  userId: string,
  approve: () => Promise<unknown>,
): Promise<void> {
  const error = await approve().catch((reason: unknown) => reason);
  if (!(error instanceof AppError) || error.code !== 'FORBIDDEN') throw error;
  const performer = { kind: 'user' as const, userId, roles: ['finance_admin'] };
  const data = { fields: ['Mutation.approvePayrollRun'] };
  await append(pool, companyId, [{ action: 'access.denied', data, performer, origin: systemOrigin() }]);
}

/** A member stands in as manager and returns to their role. */
async function rotateRole({ run, staff }: History): Promise<void> {
  for (const roles of [['manager'], ['staff']])
    await run(setMemberRoles, { memberId: { id: staff.clerk }, roles });
}

async function firstCompany({ platform, pool }: Services): Promise<string> {
  const query = queryAs(platform ?? pool, { companyId: null, userId: null });
  const [first] = await query<{ id: string }>(
    'SELECT id FROM "Company" WHERE id <> $1 ORDER BY name LIMIT 1',
    [PLATFORM_ID],
  );
  if (!first) throw new Error('there is no demo company');
  return first.id;
}

async function staffOf({ pool }: Services, companyId: string): Promise<Staff> {
  const query = queryAs(pool, { companyId, userId: null });
  const members = await query<{ id: string; userId: string; roles: string[] }>(
    'SELECT id, "userId", roles FROM "Membership"',
  );
  const places = await query<Place>(
    `SELECT d."branchId", d.id AS "departmentId", t.id AS "teamId"
     FROM "Department" d JOIN "Team" t ON t."companyId" = d."companyId" AND t."departmentId" = d.id ORDER BY d.name`,
  );
  const employees = await query<{ id: string }>('SELECT id FROM "Employee" ORDER BY email LIMIT 6');
  const holder = (role: string) => members.find(({ roles }) => roles.includes(role));
  const [finance, administrator, clerk] = ['finance_admin', 'company_admin', 'staff'].map(holder);
  if (!finance || !administrator || !clerk) throw new Error('the demo company lacks an account');
  return {
    finance: finance.userId,
    administrator: administrator.userId,
    clerk: clerk.id,
    places,
    employees: employees.map(({ id }) => id),
  };
}
