import { composeIBAN } from 'ibantools';
import { z } from 'zod';
import { type CommandClient, command } from '../command.ts';
import { createEmployee, setEmployeeIdentity, setEmployeeSalary } from '../people/employee.ts';
import type { Run } from '../platform/system.ts';
import { type Month, periodOf, workingDays } from './months.ts';
import { jobTitleOf, nameOf, sequence } from './names.ts';

/** Where a colleague works: ids of a branch, a department in it and a team in that. */
export type Place = { branchId: string; departmentId: string; teamId: string };

/** Names of the first people of a company belong to its accounts. */
const FIRST_COLLEAGUE = 20;

/** Hires the n-th colleague of the first company, who has no account, in this month. */
export async function hire(run: Run, n: number, place: Place, month: Month): Promise<void> {
  const random = sequence(n);
  const name = nameOf(0, FIRST_COLLEAGUE + n);
  const { id } = await run(createEmployee, {
    branchId: ref(place.branchId),
    departmentId: ref(place.departmentId),
    teamId: ref(place.teamId),
    name,
    email: `${addressOf(name)}@colleagues.example`,
    jobTitle: jobTitleOf(n),
    startedOn: `${periodOf(month)}-01`,
  });
  await run(setEmployeeIdentity, {
    employeeId: ref(id),
    iban: composeIBAN({ countryCode: 'DE', bban: `370400440533${100_000 + n * 4321}` }) as string,
    civilId: `C${200_000 + n * 4321}`,
    passport: `P${200_000 + n * 4321}`,
  });
  await run(setEmployeeSalary, { employeeId: ref(id), salary: `${2600 + Math.floor(random() * 2800)}.00` });
}

/** Gives these employees the salaries of a year, in steps that no two years have in common. */
export async function raise(run: Run, employeeIds: readonly string[], year: number): Promise<void> {
  const random = sequence(year);
  for (const [index, id] of employeeIds.entries())
    await run(setEmployeeSalary, {
      employeeId: ref(id),
      salary: (3000 + (year % 100) * 30 + index * 140 + Math.floor(random() * 160)).toFixed(2),
    });
}

/** Rows of one statement. */
const BATCH = 500;

/**
 * Records every working day of a month for each employee that is not recorded yet, in one command.
 */
export const recordMonth = command({
  event: 'attendance.recorded',
  entity: 'Attendance',
  permission: 'attendance.record',
  input: z.object({ month: z.int(), recordedById: z.uuid(), approvedById: z.uuid().nullable() }),
  run: async ({ tx, input, row }) => {
    const { month, recordedById, approvedById } = input;
    const days = workingDays(month);
    const known = await recordedIn(tx, days);
    const rows = (await employeesBy(tx, days[0] as string)).flatMap(({ id }, index) =>
      daysOf(days, month * 1000 + index)
        .filter(({ day }) => !known.has(keyOf(id, day)))
        .map(({ day, minutes }) => ({
          ...row(),
          ...{ employeeId: id, day, minutes, recordedById },
          ...(approvedById && { status: 'approved' as const, approvedById, approvedAt: new Date() }),
        })),
    );
    for (let at = 0; at < rows.length; at += BATCH)
      await tx.attendance.createMany({ data: rows.slice(at, at + BATCH) });
  },
});

const keyOf = (employeeId: string, day: Date): string => `${employeeId} ${day.getTime()}`;

async function recordedIn(tx: CommandClient, days: readonly string[]): Promise<Set<string>> {
  const [first, last] = [days[0], days.at(-1)].map((day) => new Date(`${day}T00:00:00Z`));
  const rows = await tx.attendance.findMany({
    where: { day: { gte: first as Date, lte: last as Date } },
    select: { employeeId: true, day: true },
  });
  return new Set(rows.map(({ employeeId, day }) => keyOf(employeeId, day)));
}

const employeesBy = (tx: CommandClient, day: string) =>
  tx.employee.findMany({
    where: { startedOn: { lte: new Date(`${day}T00:00:00Z`) } },
    orderBy: { id: 'asc' },
    select: { id: true },
  });

/** Seven to nine hours on most days; one day in twenty is missing. */
function daysOf(days: readonly string[], seed: number): { day: Date; minutes: number }[] {
  const random = sequence(seed);
  return days
    .filter(() => random() > 0.05)
    .map((day) => ({ day: new Date(`${day}T00:00:00Z`), minutes: 420 + 15 * Math.floor(random() * 9) }));
}

const addressOf = (name: string): string =>
  name
    .normalize('NFD')
    .replaceAll(/[^A-Za-z ]/g, '')
    .replaceAll('ø', 'o')
    .replace(' ', '.')
    .toLowerCase();
const ref = (id: string) => ({ id });
