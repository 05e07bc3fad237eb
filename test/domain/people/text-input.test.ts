import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, rowsOf, uuidOf, type World } from '../../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.end());

const ask = async (query: string, variables: object = {}) =>
  world.ask(query, variables, await world.signIn('hr_admin'));

async function anEmployee(): Promise<string> {
  const { data } = await ask('{ employees(first: 1) { edges { node { id } } } }');
  return data.employees.edges[0].node.id;
}
const rename = (employeeId: string, name: string) =>
  ask(
    'mutation ($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { employee { __typename } } }',
    {
      input: { employeeId, name },
    },
  );

test.each(['\u200b\u200b', 'A\u0007B'])('[B8] an employee is not renamed to %j', async (name) => {
  const id = await anEmployee();
  const { errors } = await rename(id, name);
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' });
  const [row] = await rowsOf(world, 'SELECT name FROM "Employee" WHERE id = $1', [uuidOf(id)]);
  expect(row.name).not.toBe(name);
});

test('[B9] an employee is found by their name in either Unicode form', async () => {
  const id = await anEmployee();
  expect((await rename(id, 'Jose\u0301 Unique')).errors).toBeUndefined();
  for (const name of ['José Unique', 'Jose\u0301 Unique']) {
    const { data } = await ask(
      'query ($name: String!) { employees(filter: { name: $name }) { edges { node { id name } } } }',
      { name },
    );
    expect(data.employees.edges).toEqual([{ node: { id, name: 'José Unique' } }]);
  }
});
