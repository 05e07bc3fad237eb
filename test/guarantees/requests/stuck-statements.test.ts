import { request } from 'node:http';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, rowsOf, type World } from '../../support/server/world.ts';

const EMPLOYEES = '{ employees(first: 5) { totalCount edges { node { id } } } }';
const BRANCHES = '{ branches(first: 5) { __typename } }';
const CREATE = 'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { branch { id } } }';

let world: World;
/** Another session, which holds locks. */
let other: pg.Client;
let [admin, globex] = ['', ''];

beforeAll(async () => {
  // nothing in this file waits for it
  world = await openWorld({ requestTimeout: 300_000 });
  other = new pg.Client({ connectionString: world.database.ownerUrl });
  await other.connect();
  [admin, globex] = [await world.signIn('company_admin'), await world.signIn('company_admin', 'globex')];
});
afterAll(async () => {
  await other.end();
  await world.end();
});

const waiting = () =>
  rowsOf(
    world,
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );

/** Requests whose answers no client waits for. */
const stuck = (count: number, body: object) =>
  Array.from({ length: count }, () => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${admin}` };
    const sent = request(world.url, { method: 'POST', headers }).on('error', () => {});
    sent.end(JSON.stringify(body));
    return sent;
  });

test.each([
  ['80 reads', 'Employee', BRANCHES, { query: EMPLOYEES }],
  ['30 commands', 'Branch', EMPLOYEES, { query: CREATE, variables: { input: { name: 'Stuck' } } }],
] as const)(
  '%s that wait for a lock delay no other company’s reads of other tables, and end with their clients [F3]',
  async (_what, table, read, body) => {
    await other.query('BEGIN');
    await other.query(`LOCK TABLE "${table}" IN ACCESS EXCLUSIVE MODE`);
    const clients = stuck(table === 'Employee' ? 80 : 30, body);
    await expect.poll(waiting).not.toEqual([]);
    // they would wait for the lock's end: the test's time limit is what they must keep
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => world.ask(read, {}, globex)));
      expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    }
    expect(await waiting()).not.toEqual([]);
    for (const client of clients) client.destroy();
    await expect.poll(waiting).toEqual([]);
    await other.query('ROLLBACK');
    expect(world.logged()).not.toMatch(/unexpected error/);
  },
);

test('30 commands of a company that wait for a lock delay no other company’s commands [F3]', async () => {
  const [employee] = await rowsOf(
    world,
    `SELECT e.id FROM "Employee" e JOIN "Company" c ON c.id = e."companyId" WHERE c.name ILIKE 'acme%' LIMIT 1`,
  );
  await other.query('BEGIN');
  await other.query('SELECT FROM "Employee" WHERE id = $1 FOR UPDATE', [employee.id]);
  const employeeId = Buffer.from(`Employee:${employee.id}`).toString('base64');
  const input = { employeeId, jobTitle: 'Stuck' };
  const query =
    'mutation ($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { employee { id } } }';
  const clients = stuck(30, { query, variables: { input } });
  await expect.poll(waiting).not.toEqual([]);
  for (let round = 0; round < 5; round++) {
    const { errors } = await world.ask(CREATE, { input: { name: `Fair ${round}` } }, globex);
    expect(errors).toBeUndefined();
  }
  expect(await waiting()).not.toEqual([]);
  for (const client of clients) client.destroy();
  await expect.poll(waiting).toEqual([]);
  await other.query('ROLLBACK');
});
