import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addHistory } from '../../../src/domain/demo/history.ts';
import { nodesOf } from '../../support/documents.ts';
import { openWorld, rowsOf, type World } from '../../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await addHistory(world.services, new Date('2026-11-15T00:00:00Z'));
});
afterAll(() => world?.end());

const ask = async (query: string, role = 'company_admin') =>
  (await world.ask(query, {}, await world.signIn(role))).data;
const ROLES = /admin|manager|auditor|client|staff|operator|reviewer|member|view only/i;

describe('the history of the demo', () => {
  test('has employees with names of people, the same ones in each run [U15]', async () => {
    const { employees } = await ask(
      '{ employees(first: 100) { totalCount edges { node { name email salary startedOn } } } }',
      'hr_admin',
    );
    expect(employees.totalCount).toBe(44);
    const people = nodesOf(employees) as { name: string; email: string; salary: string; startedOn: string }[];
    expect(people.filter(({ name }) => ROLES.test(name))).toEqual([]);
    expect(new Set(people.map(({ name }) => name)).size).toBe(44);
    expect(people.find(({ email }) => email.startsWith('ulrike'))).toEqual({
      name: 'Ulrike Eriksen',
      email: 'ulrike.eriksen@colleagues.example',
      salary: '3260.00',
      startedOn: '2023-12-01',
    });
  });

  test('has three years of payroll runs, the latest of them in each state [U15]', async () => {
    const { payrollRuns } = await ask(
      '{ payrollRuns(first: 100) { edges { node { period status total } } } }',
    );
    const runs = nodesOf(payrollRuns) as { period: string; status: string; total: string }[];
    expect(runs.map(({ period }) => period)).toEqual(
      Array.from({ length: 36 }, (_, n) => new Date(Date.UTC(2026, 10 - n)).toISOString().slice(0, 7)),
    );
    const states = runs.map(({ status }) => status.toLowerCase());
    expect(states.slice(0, 4)).toEqual(['draft', 'submitted', 'approved', 'paid']);
    expect(new Set(states.slice(3))).toEqual(new Set(['paid']));
    expect(Number(runs[0]?.total)).toBeGreaterThan(2 * Number(runs.at(-1)?.total));
  });

  test('links each employee who has an account to its member, who reads their own salary [U15]', async () => {
    const unlinked = await rowsOf(
      world,
      `SELECT m.email FROM "Membership" m LEFT JOIN "Employee" e USING ("companyId", "userId")
       JOIN "Company" c ON c.id = m."companyId" WHERE c.name IN ('Acme', 'Globex') AND e.id IS NULL`,
    );
    expect(unlinked).toEqual([]);
    const { employees } = await ask(
      '{ employees(first: 100) { edges { node { email salary } } } }',
      'operator',
    );
    expect(nodesOf(employees)).toEqual([
      { email: 'operator@acme.example', salary: expect.stringMatching(/^\d+\.\d{2}$/) },
    ]);
  });

  test('has refused approvals and a role that was rotated in its audit log [U15]', async () => {
    const actions = await rowsOf(
      world,
      `SELECT e.action, count(*)::int AS count FROM audit_event e JOIN "Company" c ON c.id = e.company_id
       WHERE c.name = 'Acme' AND e.action IN ('access.denied', 'member.rolesChanged') GROUP BY 1 ORDER BY 1`,
    );
    expect(actions).toEqual([
      { action: 'access.denied', count: 3 },
      { action: 'member.rolesChanged', count: 2 },
    ]);
  });

  test('has attendance of the same three years, that of past months approved [U15]', async () => {
    const months = await rowsOf(
      world,
      `SELECT to_char(a.day, 'YYYY-MM') AS month, a.status, count(*) > 250 AS many FROM "Attendance" a
       JOIN "Company" c ON c.id = a."companyId" WHERE c.name = 'Acme' AND a.day <> '2026-01-05' GROUP BY 1, 2 ORDER BY 1`,
    );
    expect(months).toEqual(
      Array.from({ length: 36 }, (_, n) => ({
        month: new Date(Date.UTC(2023, 11 + n)).toISOString().slice(0, 7),
        status: n < 35 ? 'approved' : 'recorded',
        many: true,
      })),
    );
  });
});
