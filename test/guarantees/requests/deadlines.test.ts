import { request } from 'node:http';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openProxy, type TcpProxy } from '../../support/db/proxy.ts';
import { openWorld, rowsOf, type World } from '../../support/server/world.ts';

/** Milliseconds that a request has: enough on any machine, until a test sets `DEADLINE`. */
const ENOUGH = 60_000;
const DEADLINE = 1_000;
const EMPLOYEES = '{ employees(first: 5) { edges { node { id } } } }';
const CREATE = 'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { branch { id } } }';

let world: World;
/** Another session, which holds locks. */
let other: pg.Client;
let admin: string;

beforeAll(async () => {
  world = await openWorld({ requestTimeout: ENOUGH });
  other = new pg.Client({ connectionString: world.database.ownerUrl });
  await other.connect();
  admin = await world.signIn('company_admin');
  await world.ask(EMPLOYEES, {}, admin);
});
afterEach(async () => {
  world.config.requestTimeout = ENOUGH;
  await other.query('ROLLBACK');
});
afterAll(async () => {
  await other.end();
  await world.end();
});

const lock = async (table: string) => {
  await other.query('BEGIN');
  await other.query(`LOCK TABLE "${table}" IN ACCESS EXCLUSIVE MODE`);
};
/** The server's statements that wait for a lock. */
const waiting = async (): Promise<number> =>
  (
    await rowsOf(
      world,
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'bulwark_test_app%' AND wait_event_type = 'Lock'`,
    )
  ).length;
const codes = ({ errors }: { errors?: { extensions: { code: string } }[] }) =>
  errors?.map(({ extensions }) => extensions.code);

/** A request whose client can leave. */
function abortable(query: string, token: string) {
  const leaving = request(world.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
  });
  leaving.on('error', () => {});
  leaving.end(JSON.stringify({ query }));
  return leaving;
}

describe('a statement that waits for a lock', () => {
  test('is cancelled at the deadline, and its request answers UNAVAILABLE [F3]', async () => {
    await lock('Employee');
    world.config.requestTimeout = DEADLINE;
    const answer = await world.ask(EMPLOYEES, {}, admin);
    expect(codes(answer)).toEqual(['UNAVAILABLE']);
    expect(answer.errors?.[0]?.message).toMatch(/took too long/);
    await expect.poll(waiting).toBe(0);
    await other.query('ROLLBACK');
    world.config.requestTimeout = ENOUGH;
    expect((await world.ask(EMPLOYEES, {}, admin)).errors).toBeUndefined();
  });

  test('is cancelled when its client leaves [F3]', async () => {
    await lock('Employee');
    const clients = Array.from({ length: 40 }, () => abortable(EMPLOYEES, admin));
    await expect.poll(waiting).toBeGreaterThan(0);
    for (const client of clients) client.destroy();
    await expect.poll(waiting).toBe(0);
  });

  test('of a command is cancelled at the deadline, and nothing of the command stays [F3]', async () => {
    await lock('Branch');
    world.config.requestTimeout = DEADLINE;
    const answer = await world.ask(CREATE, { input: { name: 'Too late' } }, admin);
    expect(codes(answer)).toEqual(['UNAVAILABLE']);
    await expect.poll(waiting).toBe(0);
    await other.query('ROLLBACK');
    expect(await rowsOf(world, `SELECT id FROM "Branch" WHERE name = 'Too late'`)).toEqual([]);
  });

  test('of an Idempotency-Key is cancelled at the deadline, and its request answers UNAVAILABLE [F3] [F7]', async () => {
    await other.query('BEGIN; LOCK TABLE "IdempotencyKey" IN EXCLUSIVE MODE');
    const send = () =>
      world.ask(CREATE, { input: { name: 'Late key' } }, admin, { 'idempotency-key': 'late-key' });
    world.config.requestTimeout = DEADLINE;
    expect(codes(await send())).toEqual(['UNAVAILABLE']);
    await other.query('ROLLBACK');
    world.config.requestTimeout = ENOUGH;
    expect((await send()).errors).toBeUndefined();
    expect(world.logged()).not.toMatch(/unexpected error/);
  });

  test('of a COMMIT is cancelled at the deadline, and its request does not report an unknown outcome [F7]', async () => {
    await lock('audit_event');
    world.config.requestTimeout = DEADLINE;
    const answer = await world.ask(CREATE, { input: { name: 'Not saved' } }, admin);
    expect(codes(answer)).toEqual(['UNAVAILABLE']);
    expect(answer.errors?.[0]?.message).not.toMatch(/unknown/);
    await expect.poll(waiting).toBe(0);
    await other.query('ROLLBACK');
    expect(await rowsOf(world, `SELECT id FROM "Branch" WHERE name = 'Not saved'`)).toEqual([]);
  });
});

describe('a connection that is lost', () => {
  const kill = () =>
    rowsOf(
      world,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND usename LIKE 'bulwark_test_app%' AND wait_event_type = 'Lock'`,
    );

  test('during a read answers UNAVAILABLE, and the next request works [F7] [S14]', async () => {
    await lock('Employee');
    const asked = world.ask(EMPLOYEES, {}, admin);
    await expect.poll(waiting).toBe(1);
    await kill();
    expect(codes(await asked)).toEqual(['UNAVAILABLE']);
    await other.query('ROLLBACK');
    expect((await world.ask(EMPLOYEES, {}, admin)).errors).toBeUndefined();
  });

  test('during a statement before the last answers UNAVAILABLE without doubt about the outcome [F7]', async () => {
    await lock('Branch');
    // the key is the command's first statement
    const asked = world.ask(CREATE, { input: { name: 'Lost' } }, admin, { 'idempotency-key': 'lost' });
    await expect.poll(waiting).toBe(1);
    await kill();
    const answer = await asked;
    expect([codes(answer), answer.errors?.[0]?.message]).toEqual([
      ['UNAVAILABLE'],
      expect.not.stringMatching(/unknown/),
    ]);
  });

  test('during the one write of a command, which commits with it, reports an unknown outcome [F7]', async () => {
    await lock('Branch');
    const asked = world.ask(CREATE, { input: { name: 'Alone' } }, admin);
    await expect.poll(waiting).toBe(1);
    await kill();
    const answer = await asked;
    expect([codes(answer), answer.errors?.[0]?.message]).toEqual([
      ['UNAVAILABLE'],
      expect.stringMatching(/outcome is unknown/),
    ]);
    await other.query('ROLLBACK');
    expect(await rowsOf(world, `SELECT id FROM "Branch" WHERE name = 'Alone'`)).toEqual([]);
  });

  test('during COMMIT reports an unknown outcome [F7]', async () => {
    await lock('audit_event');
    const asked = world.ask(CREATE, { input: { name: 'In doubt' } }, admin);
    await expect.poll(waiting).toBe(1);
    await kill();
    const answer = await asked;
    expect([codes(answer), answer.errors?.[0]?.message]).toEqual([
      ['UNAVAILABLE'],
      expect.stringMatching(/outcome is unknown/),
    ]);
  });
});

describe('a PostgreSQL that does not answer', () => {
  let frozen: World;
  let proxy: TcpProxy;
  beforeAll(async () => {
    frozen = await openWorld({ requestTimeout: DEADLINE }, async (url) => {
      proxy = await openProxy(url);
      return proxy.url;
    });
    frozen.config.requestTimeout = ENOUGH;
  });
  afterEach(() => {
    frozen.config.requestTimeout = ENOUGH;
  });
  afterAll(async () => {
    await frozen.end();
    proxy.close();
  });
  const ready = () => fetch(new URL('/health/ready', frozen.url));
  const green = () => expect.poll(() => ready().then(({ status }) => status)).toBe(200);

  test('makes /health/ready 503, answers UNAVAILABLE at the deadline, and both recover [F4]', async () => {
    const token = await frozen.signIn('company_admin');
    await green();
    proxy.freeze();
    frozen.config.requestTimeout = DEADLINE;
    const [health, read, write] = await Promise.all([
      ready(),
      frozen.ask(EMPLOYEES, {}, token),
      frozen.ask(CREATE, { input: { name: 'Frozen' } }, token),
    ]);
    expect([health.status, await health.json()]).toEqual([
      503,
      { status: 'unavailable', checks: { database: false, migrations: false, keys: false } },
    ]);
    expect([codes(read), codes(write)]).toEqual([['UNAVAILABLE'], ['UNAVAILABLE']]);
    expect(codes(await frozen.ask(EMPLOYEES, {}, token))).toEqual(['UNAVAILABLE']);
    proxy.thaw();
    frozen.config.requestTimeout = ENOUGH;
    await green();
    expect((await frozen.ask(EMPLOYEES, {}, token)).errors).toBeUndefined();
  });

  test('during COMMIT: the answer reports an unknown outcome [F7]', async () => {
    const token = await frozen.signIn('company_admin');
    await other.query('ROLLBACK');
    const owner = new pg.Client({ connectionString: frozen.database.ownerUrl });
    await owner.connect();
    await owner.query('BEGIN');
    await owner.query('LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE');
    frozen.config.requestTimeout = 5_000;
    const asked = frozen.ask(CREATE, { input: { name: 'In doubt' } }, token);
    const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(() => rowsOf(frozen, sql)).not.toEqual([]);
    proxy.freeze();
    const answer = await asked;
    expect([codes(answer), answer.errors?.[0]?.message]).toEqual([
      ['UNAVAILABLE'],
      expect.stringMatching(/outcome is unknown/),
    ]);
    proxy.thaw();
    await owner.end();
  });

  test('and resets its connections: requests answer UNAVAILABLE, and the next ones work [F7]', async () => {
    const token = await frozen.signIn('company_admin');
    await green();
    proxy.freeze();
    const asked = frozen.ask(EMPLOYEES, {}, token);
    await new Promise((resolve) => setImmediate(resolve));
    proxy.cut();
    proxy.thaw();
    expect(codes(await asked) ?? ['UNAVAILABLE']).toEqual(['UNAVAILABLE']);
    expect((await frozen.ask(EMPLOYEES, {}, token)).errors).toBeUndefined();
    expect(frozen.logged()).not.toMatch(/unexpected error/);
  });
});
