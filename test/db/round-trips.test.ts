import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWire, type Wire } from '../../bench/wire.ts';
import { type ServerProcess, startServer } from '../support/server/server-process.ts';
import { openWorld, type World } from '../support/server/world.ts';

let world: World;
let wire: Wire;
let server: ServerProcess;
let token: string;

beforeAll(async () => {
  world = await openWorld();
  wire = await openWire(world.database.appUrl);
  const { database } = world;
  // what polls for jobs is no part of a request
  const apart = { JOBS_DATABASE_URL: database.appUrl };
  server = await startServer({ ...world, database: { ...database, appUrl: wire.url } }, apart);
  token = await world.signIn('company_admin');
});

afterAll(async () => {
  await server?.stop();
  await wire?.close();
  await world?.end();
});

/**
 * What one request sends to PostgreSQL once keys and plans are there: session, rules, company
 * context and all.
 */
async function trafficOf(query: string, variablesOf: (time: number) => object = () => ({})) {
  for (let time = 0; time < 3; time++) {
    wire.reset();
    const answer = await server.ask(query, variablesOf(time), token);
    expect(answer.errors).toBeUndefined();
  }
  return { ...wire.traffic };
}

const user = 'id name email jobTitle department { id name }';

test('a list of 50 with a relation and sealed fields takes one round trip, everything included', async () => {
  const query = `{ employees(first: 50) { edges { node { ${user} salary iban } } } }`;
  expect((await trafficOf(query)).trips).toBe(1);
});

test('one node takes one round trip, and the viewer', async () => {
  const { data } = await server.ask('{ employees(first: 1) { edges { node { id } } } }', {}, token);
  const { id } = data.employees.edges[0].node;
  const one = await trafficOf(`query ($id: ID!) { employee(id: $id) { ${user} } }`, () => ({ id }));
  expect(one.trips).toBe(1);
  expect((await trafficOf('{ viewer { user { name } company { name } } }')).trips).toBe(1);
});

test('[P2] a command of one write takes one round trip: authentication, the write and its event', async () => {
  const { data } = await server.ask(
    '{ departments(first: 1) { edges { node { id branch { id } employees(first: 1) { edges { node { id } } } } } } }',
    {},
    token,
  );
  const { id: departmentId, branch } = data.departments.edges[0].node;
  const create = `mutation ($input: CreateEmployeeInput!) { createEmployee(input: $input) { employee { id } } }`;
  const place = { departmentId, branchId: branch.id, startedOn: '2026-01-01' };
  const inputOf = (time: number) => ({ ...place, name: 'New', email: `new-${time}@acme.example` });
  expect((await trafficOf(create, (time) => ({ input: inputOf(time) }))).trips).toBe(1);
  const employeeId = data.departments.edges[0].node.employees.edges[0].node.id;
  const update = `mutation ($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { employee { jobTitle } } }`;
  const titleOf = (time: number) => ({ input: { employeeId, jobTitle: `Title ${time}` } });
  expect((await trafficOf(update, titleOf)).trips).toBe(1);
});

test('the proxy counts each wait for PostgreSQL once, and reads each statement with its values', async () => {
  const counted = await openWire(world.database.ownerUrl);
  const db = new pg.Client({ connectionString: counted.url });
  try {
    await db.connect();
    counted.reset();
    for (let time = 1; time <= 3; time++) {
      await db.query('SELECT $1::int', [time]);
      expect(counted.traffic).toEqual({ trips: time, statements: time });
      expect(counted.sent.at(-1)).toEqual({ text: 'SELECT $1::int', values: [`${time}`], ends: true });
    }
    await db.query('SELECT $1::text, $2::text', [null, '']);
    expect(counted.sent.at(-1)?.values).toEqual([null, '']);
  } finally {
    await db.end();
    await counted.close();
  }
});
