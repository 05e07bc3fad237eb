import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { queryAs } from '../../src/db/sql.ts';
import { enqueueIn } from '../../src/jobs/queue/enqueue.ts';
import { globalId, openWorld, rowsOf, type World } from '../support/server/world.ts';

let world: World;
let acme: string;
beforeAll(async () => {
  world = await openWorld();
  acme = (await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Acme'`))[0].id;
  await world.services.jobs.declare('old-invitation', 'parallel');
});
beforeEach(() => rowsOf(world, 'DELETE FROM pgboss.job'));
afterAll(() => world.end());

const add = async (set = `state = 'created'`) => {
  const query = queryAs(world.services.pool, { companyId: acme, userId: null });
  await enqueueIn(world.services.jobs, query, acme)('old-invitation', { memberId: crypto.randomUUID() });
  const newest = '(SELECT id FROM pgboss.job ORDER BY created_on DESC LIMIT 1)';
  const [{ id }] = await rowsOf(world, `UPDATE pgboss.job SET ${set} WHERE id = ${newest} RETURNING id`);
  return id as string;
};
const FAILED = `state = 'failed', started_on = now(), completed_on = now(), retry_count = 5, output = '{"code": "CONFLICT"}'`;
const stateOf = async (id: string) =>
  (await rowsOf(world, 'SELECT state FROM pgboss.job WHERE id = $1', [id]))[0].state;

const LIST = `query ($state: JobState, $after: String, $first: Int) { jobs(state: $state, after: $after, first: $first) {
  totalCount pageInfo { hasNextPage endCursor } nodes: edges { node { id queueName state attemptCount companyId failureCode } } } }`;
const list = async (variables: object, role = 'super_admin') =>
  world.ask(LIST, variables, await world.signIn(role));
const change = async (name: 'retryJob' | 'cancelJob', id: string, role = 'super_admin') =>
  world.ask(
    `mutation ($id: ID!) { ${name}(input: { jobId: $id }) { job { state } } }`,
    { id: globalId('Job', id) },
    await world.signIn(role),
  );

test('platform administrators see the failed jobs of all companies, with their code and no data of a company [K1]', async () => {
  await add();
  const id = await add(FAILED);
  const { data, errors } = await list({ state: 'FAILED' });
  expect(errors).toBeUndefined();
  expect(data.jobs.totalCount).toBe(1);
  expect(data.jobs.nodes).toEqual([
    {
      node: {
        ...{ id: globalId('Job', id), queueName: 'old-invitation', state: 'FAILED', attemptCount: 6 },
        ...{ companyId: globalId('ManagedCompany', acme), failureCode: 'CONFLICT' },
      },
    },
  ]);
});

test('pages of jobs hold each job once, newest first [K1]', async () => {
  const ids = [];
  for (let count = 0; count < 5; count++) ids.unshift(await add());
  const seen: string[] = [];
  for (let after = null; ; ) {
    const { data } = await list({ first: 2, after });
    seen.push(...data.jobs.nodes.map(({ node }: { node: { id: string } }) => node.id));
    if (!data.jobs.pageInfo.hasNextPage) break;
    after = data.jobs.pageInfo.endCursor;
  }
  expect(seen).toEqual(ids.map((id) => globalId('Job', id)));
});

test('a cursor of another list is refused [K1]', async () => {
  const after = Buffer.from(JSON.stringify(['createdAt desc,id desc', 'yesterday', 'x'])).toString(
    'base64url',
  );
  expect((await list({ after })).errors?.[0]?.extensions.code).toBe('INVALID_INPUT');
});

test('the queues say what they do, when they run and how many jobs wait, run and have failed [K1]', async () => {
  await add();
  await add(FAILED);
  const { data } = await world.ask(
    '{ jobQueues { edges { node { name description cron waitingCount runningCount failedCount } } } }',
    {},
    await world.signIn('super_admin'),
  );
  const queues = data.jobQueues.edges.map(({ node }: { node: { name: string } }) => node);
  expect(queues).toContainEqual({
    ...{ name: 'old-invitation', cron: null, waitingCount: 1, runningCount: 0, failedCount: 1 },
    description: expect.stringContaining('invitation'),
  });
  expect(queues).toContainEqual(expect.objectContaining({ name: 'retention', cron: '20 3 * * *' }));
});

test.each([
  ['retryJob', FAILED, 'WAITING', 'retry', 'job.retried'],
  ['cancelJob', `state = 'created'`, 'CANCELLED', 'cancelled', 'job.cancelled'],
] as const)(
  '%s changes the job and appends an event of the platform [K1]',
  async (name, set, answered, state, action) => {
    const id = await add(set);
    const { data, errors } = await change(name, id);
    expect(errors).toBeUndefined();
    expect(data[name].job.state).toBe(answered);
    expect(await stateOf(id)).toBe(state);
    const events = await rowsOf(
      world,
      `SELECT company_id, body::jsonb -> 'data' AS data FROM audit_event WHERE action = $1`,
      [action],
    );
    expect(events).toEqual([
      {
        company_id: '00000000-0000-7000-8000-000000000000',
        data: { jobId: id, queue: 'old-invitation', companyId: acme },
      },
    ]);
  },
);

test('a job in another state is not retried or cancelled, and one that is unknown is not found [K1]', async () => {
  const [waiting, done] = [await add(), await add(`state = 'completed', completed_on = now()`)];
  const codes = [
    await change('retryJob', waiting),
    await change('cancelJob', done),
    await change('cancelJob', crypto.randomUUID()),
  ].map(({ errors }) => errors?.[0]?.extensions.code);
  expect(codes).toEqual(['CONFLICT', 'CONFLICT', 'NOT_FOUND']);
  expect([await stateOf(waiting), await stateOf(done)]).toEqual(['created', 'completed']);
});

test('no role of a company sees, retries or cancels a job [K1] [R1]', async () => {
  const id = await add(FAILED);
  for (const role of ['company_admin', 'external_auditor', 'staff']) {
    const answers = [
      await list({}, role),
      await change('retryJob', id, role),
      await world.ask('{ jobQueues { totalCount } }', {}, await world.signIn(role)),
      await world.ask(`{ node(id: "${globalId('Job', id)}") { id } }`, {}, await world.signIn(role)),
    ];
    for (const { errors, data } of answers)
      expect([errors?.[0]?.extensions.code ?? 'null', data?.node ?? null]).toEqual([
        expect.stringMatching(/^(FORBIDDEN|null)$/),
        null,
      ]);
  }
  expect(await stateOf(id)).toBe('failed');
});
