import fc from 'fast-check';
import type pg from 'pg';
import { EDGE_DATES, ODD_TEXT } from './values.ts';

/** Rows past the record and the sealing, with everything in them that a column takes. */
export async function populate(owner: pg.Client, companyId: string): Promise<void> {
  const random = picker();
  const { pick, often, text } = random;
  const insert = async (table: string, count: number, row: (index: number) => Record<string, unknown>) => {
    const ids: string[] = [];
    for (let index = 0; index < count; index++) {
      const values = { companyId, id: random.uuid(), ...row(index) };
      const names = Object.keys(values);
      const places = names.map((_, at) => `$${at + 1}`).join(', ');
      const columns = names.map((name) => `"${name}"`).join(', ');
      await owner.query(`INSERT INTO "${table}" (${columns}) VALUES (${places})`, Object.values(values));
      ids.push(values.id);
    }
    return ids;
  };
  const unlike = (index: number) => `${text()}~${index}`;
  const createdAt = () => pick(EDGE_DATES).toISOString();
  await owner.query('SET session_replication_role = replica');
  const branches = await insert('Branch', 4, (index) => ({ name: unlike(index), createdAt: createdAt() }));
  const departments = await insert('Department', 8, (index) => ({
    branchId: branches[index % 4],
    name: unlike(index),
  }));
  const teams = await insert('Team', 16, (index) => ({
    departmentId: departments[index % 8],
    name: unlike(index),
    roles: random.list(),
  }));
  const places = teams.map((teamId, index) => ({
    branchId: branches[index % 4],
    departmentId: departments[index % 8],
    teamId,
  }));
  const employees = await insert('Employee', 40, (index) => ({
    ...pick(places),
    ...(index % 3 === 0 && { teamId: null }),
    name: text(),
    email: unlike(index),
    jobTitle: often(text),
    startedOn: pick(EDGE_DATES).toISOString().slice(0, 10),
    ibanLast4: often(text),
    createdAt: createdAt(),
  }));
  const days = [...Array(60).keys()];
  await insert('Attendance', 60, (index) => ({
    employeeId: pick(employees),
    day: new Date(Date.UTC(2024, 0, days[index])).toISOString().slice(0, 10),
    minutes: pick([-2147483648, -1, 0, 480, 2147483647]),
    status: pick(['recorded', 'approved']),
    recordedById: random.uuid(),
    approvedById: often(random.uuid),
    approvedAt: often(createdAt),
  }));
  const runs = await insert('PayrollRun', 5, (index) => ({
    period: unlike(index),
    status: pick(['draft', 'submitted', 'approved', 'paid']),
    createdById: random.uuid(),
    paidAt: often(createdAt),
  }));
  const items = employees.flatMap((employeeId) => runs.map((runId) => ({ employeeId, runId })));
  await insert('PayrollItem', 30, (index) => ({
    ...items[index * 6],
    amount: `b1.${random.uuid()}.${'A'.repeat(60)}`,
  }));
  await insert('Role', 5, (index) => ({
    slug: unlike(index),
    name: text(),
    level: index - 2,
    accessScope: pick(['company', 'branch', 'self']),
    readOnly: index % 2 === 0,
    permissions: random.list(),
  }));
  await owner.query('SET session_replication_role = origin');
}

/** The same choices every time. */
function picker() {
  const numbers = fc.sample(fc.nat(), { numRuns: 5000, seed: 7 });
  let at = 0;
  const next = () => numbers[at++ % numbers.length] as number;
  const pick = <T>(from: readonly T[]): T => from[next() % from.length] as T;
  const often = <T>(make: () => T): T | null => (next() % 3 === 0 ? null : make());
  const text = () => pick(ODD_TEXT);
  const list = () => Array.from({ length: next() % 4 }, text);
  const hex = (length: number) => Array.from({ length }, () => (next() % 16).toString(16)).join('');
  const uuid = () => `${hex(8)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
  return { pick, often, text, list, uuid };
}
