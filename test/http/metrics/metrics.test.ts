import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../../bench/process.ts';
import { openServer } from '../../../src/app.ts';
import { followEvents } from '../../../src/audit/read/live-events.ts';
import type { Query } from '../../../src/db/sql.ts';
import { jobFigures } from '../../../src/jobs/administration/job-figures.ts';
import { jobOf } from '../../support/jobs.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import { follow } from '../../support/server/server-process.ts';
import { openWorld, rowsOf, type World } from '../../support/server/world.ts';

const TOKEN = 'a-token-of-at-least-32-characters-0123';
const SALARIES = '{ employees(first: 3) { edges { node { salary } } } }';

let world: World;
beforeAll(async () => {
  world = await openWorld({ metrics: { token: TOKEN } });
});
afterAll(() => world.end());

const scrape = (token?: string) =>
  fetch(new URL('/metrics', world.url), { headers: token ? { authorization: `Bearer ${token}` } : {} });
const text = async () => (await scrape(TOKEN)).text();
/** The sum of the series that start so, such as `name{label="value"`. */
const sumOf = async (series: string): Promise<number> =>
  (await text())
    .split('\n')
    .filter((line) => line.startsWith(series))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
const growth = async (series: string, act: () => Promise<unknown>): Promise<number> => {
  const before = await sumOf(series);
  await act();
  // the request is counted once its answer has been sent, which its client may see before
  await expect.poll(() => sumOf(series)).not.toBe(before);
  return (await sumOf(series)) - before;
};

test('metrics are refused without their token and with another one [K3]', async () => {
  expect((await scrape()).status).toBe(401);
  expect((await scrape(`${TOKEN}x`)).status).toBe(401);
  expect((await scrape(TOKEN.replace('a', 'b'))).status).toBe(401);
  const right = await scrape(TOKEN);
  expect([right.status, right.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
});

test('a server without METRICS_PORT and METRICS_TOKEN has no metrics [K3]', async () => {
  const { metrics: _, ...config } = world.config;
  const server = openServer({ ...world.services, config });
  expect((await server.inject('/metrics')).statusCode).toBe(404);
  await server.close();
});

test('metrics on a port of their own are not beside the API, and end with the server [K3]', async () => {
  const port = await freePort();
  const server = openServer({ ...world.services, config: { ...world.config, metrics: { port } } });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const own = () => fetch(`http://127.0.0.1:${port}/metrics`);
  expect(await (await own()).text()).toContain('bulwark_requests_total');
  expect((await server.inject('/metrics')).statusCode).toBe(404);
  await server.close();
  await expect(own()).rejects.toThrow();
});

test('a taken METRICS_PORT stops the start with a sentence that names it [K3]', async () => {
  const port = Number(new URL(world.url).port);
  const server = openServer({ ...world.services, config: { ...world.config, metrics: { port } } });
  await expect(server.listen({ host: '127.0.0.1', port: 0 })).rejects.toThrow(
    `METRICS_PORT: ${port} is taken`,
  );
  await server.close();
});

test('requests are counted by operation type and outcome [K3]', async () => {
  const token = await world.signIn('company_admin');
  const counts: [series: string, act: () => Promise<unknown>][] = [
    ['bulwark_requests_total{operation="query",outcome="OK"}', () => world.ask(SALARIES, {}, token)],
    ['bulwark_requests_total{operation="none",outcome="UNAUTHENTICATED"}', () => world.ask(SALARIES)],
    ['bulwark_requests_total{operation="none",outcome="BAD_REQUEST"}', () => world.ask('{')],
    ['bulwark_requests_total{operation="mutation",outcome="OK"}', () => world.signIn('hr_admin')],
  ];
  for (const [series, act] of counts) expect([series, await growth(series, act)]).toEqual([series, 1]);
});

test('decryptions, decisions, shortcuts and audit events are counted [K3]', async () => {
  const token = await world.signIn('company_admin');
  const ask = () => world.ask(SALARIES, {}, token);
  expect(await growth('bulwark_decryptions_total{outcome="opened"}', ask)).toBe(3);
  expect(
    await growth('bulwark_authorization_decisions_total{decision="allowed"}', ask),
  ).toBeGreaterThanOrEqual(1);
  const denied = async () => world.ask('{ signingKeys(first: 1) { totalCount } }', {}, token);
  expect(await growth('bulwark_authorization_decisions_total{decision="denied"}', denied)).toBeGreaterThan(0);
  const introspection = () => world.ask('{ __schema { queryType { name } } }', {}, token);
  expect(await growth('bulwark_shortcut_fallbacks_total{shortcut="queryPlan"', introspection)).toBe(1);
  world.forget();
  expect(
    await growth('bulwark_audit_events_total{severity="LOW"}', () => world.signIn('branch_manager')),
  ).toBe(1);
});

test('the limits count what passes and what they refuse, and the cost of answers [K3] [H3]', async () => {
  const token = await world.signIn('company_admin');
  const list = (first: number) => world.ask(`{ employees(first: ${first}) { totalCount } }`, {}, token);
  expect(await growth('bulwark_limits_total{limit="requests",outcome="passed"}', () => list(5))).toBe(1);
  expect(await growth('bulwark_limits_total{limit="budget",outcome="passed"}', () => list(5))).toBe(1);
  expect(await growth('bulwark_limits_cost_total', () => list(5))).toBe(11);
  const costly = () => world.ask('{ employees(first: 99999) { edges { node { id } } } }', {}, token);
  expect(await growth('bulwark_limits_total{limit="cost",outcome="refused"}', costly)).toBe(1);
  const reset = () =>
    world.ask(
      'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { email } }',
      { input: { email: 'unknown@acme.example' } },
    );
  expect(await growth('bulwark_limits_total{limit="operations",outcome="passed"}', reset)).toBe(1);
});

test('no request of a client adds a series beyond operation types and error codes [K3]', async () => {
  const token = await world.signIn('company_admin');
  const series = async () =>
    (await text())
      .split('\n')
      .filter((line) => /^bulwark_/.test(line))
      .map((line) => line.replace(/ \S+$/, ''))
      .sort();
  await world.ask(`query First { viewer { user { email } } }`, {}, token);
  await expect.poll(() => sumOf('bulwark_requests_total{operation="query",outcome="OK"}')).toBeGreaterThan(0);
  const before = await series();
  for (let round = 0; round < 20; round++)
    await world.ask(`query Name${round} { alias${round}: viewer { user { email } } }`, {}, token, {
      'user-agent': `agent ${round}`,
    });
  expect(await series()).toEqual(before);
});

const QUEUE = 'old-invitation';
const addJobs = (state: string, startAfter: string, count: number) =>
  rowsOf(
    world,
    `INSERT INTO pgboss.job (name, policy, state, start_after)
     SELECT $1, 'standard', $2::pgboss.job_state, now() + $3::interval FROM generate_series(1, $4::int)`,
    [QUEUE, state, startAfter, count],
  );

test('jobs are counted by queue and state, with the age of the first that is due [K3]', async () => {
  await jobOf((sql, values) => rowsOf(world, sql, values), '00000000-0000-7000-8000-000000000001');
  await rowsOf(world, 'DELETE FROM pgboss.job WHERE name = $1', [QUEUE]);
  const of = (state: string) => sumOf(`bulwark_jobs{queue="${QUEUE}",state="${state}"}`);
  const oldest = () => sumOf(`bulwark_jobs_oldest_seconds{queue="${QUEUE}"}`);
  await expect.poll(async () => [await of('waiting'), await oldest()]).toEqual([0, 0]);
  await addJobs('created', '1 hour', 2);
  await addJobs('active', '-1 hour', 3);
  await addJobs('failed', '-1 hour', 4);
  await addJobs('completed', '-1 hour', 5);
  await expect
    .poll(async () => [await of('waiting'), await of('running'), await of('failed')])
    .toEqual([2, 3, 4]);
  expect(await oldest()).toBe(0);
  await addJobs('retry', '-10 minutes', 1);
  await expect.poll(oldest).toBeGreaterThanOrEqual(600);
  expect(await text()).toContain('bulwark_jobs{queue="retention",state="waiting"} 0');
});

test('metrics of jobs are missing while the database does not answer, and all others are served [K3]', async () => {
  await asOwner(world.database.ownerUrl, async (db) => {
    await db.query('BEGIN; LOCK TABLE pgboss.job');
    await expect.poll(text).not.toContain('bulwark_jobs{');
    expect(await text()).toContain('bulwark_database_lost 0');
    await db.query('ROLLBACK');
  });
  await expect.poll(text).toContain('bulwark_jobs{');
  const lost = { ...world.services, watchDatabase: { ...world.services.watchDatabase, isLost: () => true } };
  expect(await jobFigures(lost)).toEqual([]);
});

test('the age of an audit subscription grows while its chain cannot be looked up, and is 0 without subscribers [K3]', async () => {
  const token = await world.signIn('company_admin');
  const stream = follow(world, token, { after: '0' });
  await expect.poll(() => stream.events.length).toBeGreaterThan(0);
  const age = 'bulwark_audit_stream_age_seconds';
  await asOwner(world.database.ownerUrl, async (db) => {
    await db.query('BEGIN; LOCK TABLE audit_head');
    await expect.poll(() => sumOf(age)).toBeGreaterThan(2);
    await db.query('ROLLBACK');
  });
  await expect.poll(() => sumOf(age)).toBeLessThan(2);
  await stream.leave();
  await expect.poll(() => sumOf(age)).toBe(0);
});

test('events that are in a followed chain and cannot be read are counted [K3]', async () => {
  let head = 5;
  const query = (async (sql: string) => {
    if (sql.includes('audit_head')) return [{ pos: String(head) }];
    throw new Error('not now');
  }) as unknown as Query;
  const unread = () => sumOf('bulwark_audit_stream_unread_events');
  const follower = followEvents(query, '00000000-0000-7000-8000-000000000009');
  await expect.poll(() => follower.since('5')).not.toBeNull();
  expect(await unread()).toBe(0);
  head = 8;
  await expect.poll(unread).toBe(3);
  follower[Symbol.dispose]();
  expect(await unread()).toBe(0);
});
