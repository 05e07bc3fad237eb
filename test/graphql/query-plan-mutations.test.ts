import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { globalId, newcomer, openWorld, rowsOf, type World } from '../support/server/world.ts';

const CREATE = `mutation ($input: CreateEmployeeInput!) {
  createEmployee(input: $input) { employee { name department { name } } }
}`;

let world: World;
let admin = '';
let place: { branchId: string; departmentId: string };
let made = 0;
beforeAll(async () => {
  world = await openWorld();
  admin = await world.signIn('company_admin');
  const [department] = await rowsOf(
    world,
    `SELECT d.id, d."branchId" FROM "Department" d JOIN "Company" c ON c.id = d."companyId" WHERE c.name ILIKE 'acme%' LIMIT 1`,
  );
  place = {
    branchId: globalId('Branch', department.branchId),
    departmentId: globalId('Department', department.id),
  };
});
afterAll(() => world.end());

const uses = () => structuredClone(world.services.uses.queryPlan);
let before: ReturnType<typeof uses>;
beforeEach(() => {
  before = uses();
});

/** The input of an employee whose email no other has. */
const employee = (name = 'New') => ({
  ...place,
  ...{ name, email: `planned-${made++}@acme.example`, jobTitle: 'Worker', startedOn: '2026-01-01' },
});
const employeesWith = (email: string) =>
  rowsOf(world, 'SELECT name FROM "Employee" WHERE email = $1', [email]);

test('[F7] a mutation of one field is executed by the query plan', async () => {
  const input = employee();
  const { data, errors } = await world.ask(CREATE, { input }, admin);
  expect(errors).toBeUndefined();
  expect(data.createEmployee.employee.name).toBe('New');
  expect(uses()).toEqual({ ...before, used: before.used + 1 });
});

test('[F7] a mutation whose answer the query plan does not support changes its row once', async () => {
  const { token } = await newcomer(world, [await roleWithoutStructure()]);
  const input = employee();
  const { data, errors } = await world.ask(CREATE, { input }, token);
  expect(uses().fallbacks.denial).toBe(before.fallbacks.denial + 1);
  // run twice it would be a CONFLICT of its email
  expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
    [['createEmployee', 'employee', 'department'], 'FORBIDDEN'],
  ]);
  expect(data).toBeNull();
  expect(await employeesWith(input.email)).toHaveLength(1);
});

test('[F7] a mutation that fails in the query plan is not run again by the executor', async () => {
  const input = employee();
  await world.ask(CREATE, { input }, admin);
  const created = uses();
  const { errors } = await world.ask(CREATE, { input }, admin);
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['CONFLICT']);
  expect(uses()).toEqual({ ...created, used: created.used + 1 });
});

test('[F7] a mutation of two fields is executed in their order, each once', async () => {
  const [first, second] = [employee('First'), employee('Second')];
  const query = `mutation ($first: CreateEmployeeInput!, $second: CreateEmployeeInput!) {
    first: createEmployee(input: $first) { employee { name } } second: createEmployee(input: $second) { employee { name } }
  }`;
  const { data } = await world.ask(query, { first, second }, admin);
  expect(data).toEqual({ first: { employee: { name: 'First' } }, second: { employee: { name: 'Second' } } });
  expect(uses().used).toBe(before.used);
  expect(await employeesWith(first.email)).toHaveLength(1);
  expect(await employeesWith(second.email)).toHaveLength(1);
});

/** A role of the company that may write employees, and not read where they work. */
async function roleWithoutStructure(): Promise<string> {
  const slug = 'employees_only';
  const input = {
    slug,
    name: slug,
    level: 1,
    accessScope: 'COMPANY',
    permissions: ['employee.read', 'employee.write'],
  };
  const query = 'mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { slug } } }';
  const { errors } = await world.ask(query, { input }, admin);
  expect(errors).toBeUndefined();
  return slug;
}
