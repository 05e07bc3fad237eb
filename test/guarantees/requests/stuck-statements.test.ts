import { request } from 'node:http';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, rowsOf, type World } from '../support/server/world.ts';

const EMPLOYEES = '{ employees(first: 5) { totalCount edges { node { id } } } }';
const BRANCHES = '{ branches(first: 5) { __typename } }';
const CREATE = 'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { branch { id } } }';

let world: World;
/** Another session, which holds locks. */
let other: pg.Client;
let [admin, globex] = ['', ''];

beforeAll(async () => {
  // nothing in this file waits for it
  world = await openWorld({ requestTimeout: 60_000 });
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

/** Requests whose answers nobody waits for. */
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
    await expect.poll(waiting, { timeout: 5_000 }).toEqual([]);
    await other.query('ROLLBACK');
    expect(world.logged()).not.toMatch(/unexpected error/);
  },
);
