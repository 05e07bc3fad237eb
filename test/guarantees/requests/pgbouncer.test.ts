import { request } from 'node:http';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pgbouncerInstalled, startPgbouncer } from '../../support/db/pgbouncer.ts';
import { follow } from '../../support/server/server-process.ts';
import { globalId, openWorld, rowsOf, type World } from '../../support/server/world.ts';

/** Milliseconds that a request has: enough on any machine, until a test sets `DEADLINE`. */
const ENOUGH = 60_000;
const DEADLINE = 1_000;
const EMPLOYEES = '{ employees(first: 5) { edges { node { id name salary } } } }';
const CREATE = 'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { branch { id name } } }';

const codes = ({ errors }: { errors?: { extensions: { code: string } }[] }) =>
  errors?.map(({ extensions }) => extensions.code);

describe.skipIf(!pgbouncerInstalled).each(['session', 'transaction'] as const)(
  'a server behind PgBouncer in %s mode',
  (mode) => {
    let pgbouncer: Awaited<ReturnType<typeof startPgbouncer>>;
    let world: World;
    /** A direct session, which holds locks. */
    let other: pg.Client;
    let [admin, globex] = ['', ''];

    beforeAll(async () => {
      world = await openWorld({ requestTimeout: ENOUGH, databasePooler: mode }, async (url) => {
        pgbouncer = await startPgbouncer(url, mode);
        return pgbouncer.url;
      });
      other = new pg.Client({ connectionString: world.database.ownerUrl });
      await other.connect();
      [admin, globex] = [await world.signIn('company_admin'), await world.signIn('company_admin', 'globex')];
    });
    afterEach(async () => {
      world.config.requestTimeout = ENOUGH;
      await other.query('ROLLBACK');
    });
    afterAll(async () => {
      await other.end();
      await world.end();
      await pgbouncer.stop();
    });

    const lock = async (table: string) => {
      await other.query('BEGIN');
      await other.query(`LOCK TABLE "${table}" IN ACCESS EXCLUSIVE MODE`);
    };
    /** Statements in PostgreSQL that wait for a lock. */
    const waiting = () =>
      rowsOf(
        world,
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );

    test('reads, decrypts and counts for both companies at once, each its own rows [F8] [T4]', async () => {
      const one = (token: string) => world.ask(EMPLOYEES, {}, token);
      const [acme, theirs] = [await one(admin), await one(globex)];
      expect([acme.errors, theirs.errors]).toEqual([undefined, undefined]);
      expect(acme.data.employees.edges[0].node.salary).toMatch(/^\d+/);
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, index) => one(index % 2 ? globex : admin)),
      );
      for (const [index, { data }] of answers.entries())
        expect(data).toEqual(index % 2 ? theirs.data : acme.data);
    });

    test('saves a change with its audit event, and refuses the same name with CONFLICT [F8] [L1]', async () => {
      const input = { name: `Behind ${mode}` };
      const created = await world.ask(CREATE, { input }, admin);
      expect(created.data.createBranch.branch.name).toBe(input.name);
      expect(codes(await world.ask(CREATE, { input }, admin))).toEqual(['CONFLICT']);
      const rows = await rowsOf(
        world,
        `SELECT action FROM audit_event WHERE entity = 'Branch' AND body::jsonb #>> '{after,name}' = $1`,
        [input.name],
      );
      expect(rows).toEqual([{ action: 'branch.created' }]);
    });

    test('answers for another company’s row as for one that does not exist, and changes nothing [F8] [T3]', async () => {
      const [employee] = await rowsOf(
        world,
        `SELECT e.id FROM "Employee" e JOIN "Company" c ON c.id = e."companyId" WHERE c.name = 'Globex' LIMIT 1`,
      );
      const probe = (id: string) =>
        Promise.all([
          world.ask('query ($id: ID!) { node(id: $id) { id } }', { id: globalId('Employee', id) }, admin),
          world.ask(
            'mutation ($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { employee { id } } }',
            { input: { employeeId: globalId('Employee', id), name: 'Stolen' } },
            admin,
          ),
        ]);
      const shown = (answers: Awaited<ReturnType<typeof probe>>) =>
        answers.map((answer) => [answer.data, codes(answer)]);
      const answers = shown(await probe(employee.id));
      expect(answers).toEqual(shown(await probe(crypto.randomUUID())));
      expect(answers[1]?.[1]).toEqual(['NOT_FOUND']);
      expect(await rowsOf(world, `SELECT 1 FROM "Employee" WHERE name = 'Stolen'`)).toEqual([]);
    });

    test('repeats the answer of an Idempotency-Key, and executes it once under parallel requests [F8] [F7]', async () => {
      const input = { name: `Once ${mode}` };
      const send = () => world.ask(CREATE, { input }, admin, { 'idempotency-key': `behind-${mode}` });
      await Promise.all(Array.from({ length: 6 }, send));
      expect((await send()).data.createBranch.branch.name).toBe(input.name);
      expect(await rowsOf(world, `SELECT 1 FROM "Branch" WHERE name = $1`, [input.name])).toHaveLength(1);
    });

    test('signs in, refuses a wrong password, and ends a session with the next request [F8] [A5]', async () => {
      const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }';
      const input = { email: 'staff@acme.example', password: 'wrong-Password-1' };
      expect(codes(await world.ask(SIGN_IN, { input }))).toEqual(['UNAUTHENTICATED']);
      const token = await world.signIn('staff');
      const viewer = () => world.ask('{ viewer { user { email } } }', {}, token);
      expect((await viewer()).data.viewer.user.email).toBe(input.email);
      expect((await world.ask('mutation { signOut { __typename } }', {}, token)).errors).toBeUndefined();
      expect(codes(await viewer())).toEqual(['UNAUTHENTICATED']);
    });

    test('replays events to a subscriber, then sends the one of a new change [F8] [L7]', async () => {
      const stream = follow(world, admin, { after: '0' });
      await expect.poll(() => stream.events.length).toBeGreaterThan(5);
      await world.ask(CREATE, { input: { name: `Live ${mode}` } }, admin);
      await expect.poll(() => stream.events.at(-1)?.action).toBe('branch.created');
      await stream.leave();
      const cursors = stream.events.map(({ cursor }) => BigInt(cursor));
      expect(cursors).toEqual(cursors.map((_, index) => (cursors[0] as bigint) + BigInt(index)));
    });

    test('cancels a statement in PostgreSQL at the deadline of its request [F8] [F3]', async () => {
      await lock('Employee');
      world.config.requestTimeout = DEADLINE;
      expect(codes(await world.ask(EMPLOYEES, {}, admin))).toEqual(['UNAVAILABLE']);
      await expect.poll(waiting).toEqual([]);
      await other.query('ROLLBACK');
      world.config.requestTimeout = ENOUGH;
      expect((await world.ask(EMPLOYEES, {}, admin)).errors).toBeUndefined();
    });

    test('cancels the statements of clients that leave, and serves the next ones [F8] [F3]', async () => {
      await lock('Employee');
      const clients = Array.from({ length: 20 }, () => {
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${admin}` };
        const sent = request(world.url, { method: 'POST', headers }).on('error', () => {});
        sent.end(JSON.stringify({ query: EMPLOYEES }));
        return sent;
      });
      await expect.poll(waiting).not.toEqual([]);
      for (const client of clients) client.destroy();
      await expect.poll(waiting).toEqual([]);
      await other.query('ROLLBACK');
      expect((await world.ask(EMPLOYEES, {}, admin)).errors).toBeUndefined();
      expect(world.logged()).not.toMatch(/unexpected error/);
    });
  },
);
