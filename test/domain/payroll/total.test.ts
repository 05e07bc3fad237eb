import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEAST_UNKNOWN_VALUES } from '../../../src/schema/core/authorization-rules.ts';
import { mutationOf, nodesOf } from '../../support/documents.ts';
import { newcomer, openWorld, rowsOf, uuidOf, type World } from '../../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.end());

const RUN = '{ id total }';
let month = 0;
/** A run over this many salaries, no more than the run before it had, as its creator sees it. */
async function runOver(count: number): Promise<{ id: string; total: string }> {
  await rowsOf(
    world,
    `SET session_replication_role = replica;
     UPDATE "Employee" e SET salary = NULL FROM (
       SELECT id, row_number() OVER (ORDER BY salary IS NULL, id) AS n FROM "Employee"
       WHERE "companyId" = (SELECT id FROM "Company" WHERE name = 'Acme')) numbered
     WHERE e.id = numbered.id AND n > ${count};
     SET session_replication_role = origin`,
  );
  month += 1;
  const input = { period: `2031-${String(month).padStart(2, '0')}` };
  const finance = await world.signIn('finance_admin');
  const { data, errors } = await world.ask(mutationOf('createPayrollRun', RUN), { input }, finance);
  expect(errors).toBeUndefined();
  const run = data.createPayrollRun.payrollRun;
  const items = await rowsOf(world, 'SELECT 1 FROM "PayrollItem" WHERE "runId" = $1', [uuidOf(run.id)]);
  expect(items).toHaveLength(count);
  return run;
}

/** The total as the single object and the list show it. */
async function totalsFor(token: string, id: string): Promise<(string | null)[]> {
  const { data, errors } = await world.ask(
    `query ($id: ID!) { node(id: $id) { ... on PayrollRun ${RUN} } payrollRuns(first: 50) { edges { node ${RUN} } } }`,
    { id },
    token,
  );
  expect(errors).toBeUndefined();
  const listed = nodesOf(data.payrollRuns).find((run: { id: string }) => run.id === id);
  return [data.node.total, listed.total];
}

describe('[E7] the total of a payroll run', () => {
  it('of many items is not shown to a reader of some salaries, who could subtract them', async () => {
    const { id, total } = await runOver(10);
    const role = { slug: 'branch_pay', name: 'Branch pay', level: 2, accessScope: 'BRANCH' };
    const input = { ...role, permissions: ['employee.read', 'employee.salary.read'] };
    const admin = await world.signIn('company_admin');
    const made = await world.ask(mutationOf('createRole', '{ id }'), { input }, admin);
    expect(made.errors).toBeUndefined();
    const { token } = await newcomer(world, ['reviewer', 'branch_pay']);
    expect(await totalsFor(token, id)).toEqual([null, null]);
    expect(await totalsFor((await newcomer(world, ['reviewer'])).token, id)).toEqual([total, total]);
  });

  const least = LEAST_UNKNOWN_VALUES + 1;
  it.each([
    [least + 1, true],
    [least, true],
    [least - 1, false],
    [2, false],
    [1, false],
  ])('of %i items is shown to a reader without salaries: %s', async (count, isShown) => {
    const { id, total } = await runOver(count);
    expect(Number(total)).toBeGreaterThan(0);
    const shown = isShown ? total : null;
    expect(await totalsFor(await world.signIn('reviewer'), id)).toEqual([shown, shown]);
    expect(await totalsFor(await world.signIn('finance_admin'), id)).toEqual([total, total]);
  });
});
