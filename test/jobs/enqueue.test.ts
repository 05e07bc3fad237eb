import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { queryAs } from '../../src/db/sql.ts';
import { removeOldInvitation } from '../../src/domain/access/old-invitation.ts';
import { type Command, command } from '../../src/domain/command.ts';
import { asSystem } from '../../src/domain/platform/system.ts';
import { enqueueIn } from '../../src/jobs/queue/enqueue.ts';
import type { IdsOf } from '../../src/jobs/queue/queues.ts';
import { runJob } from '../../src/jobs/run/run-job.ts';
import { unaudited } from '../support/jobs.ts';
import { openWorld, rowsOf, type World } from '../support/server/world.ts';

let world: World;
const company: Record<string, string> = {};
beforeAll(async () => {
  world = await openWorld();
  for (const { id, name } of await rowsOf(world, 'SELECT id, name FROM "Company"')) company[name] = id;
  await world.services.jobs.declare('old-invitation', 'parallel');
});
afterAll(() => world.end());

const jobs = () =>
  rowsOf(
    world,
    `SELECT id, data, state, output FROM pgboss.job WHERE name = 'old-invitation' ORDER BY created_on`,
  );
const empty = () => rowsOf(world, `DELETE FROM pgboss.job WHERE name = 'old-invitation'`);

/** Renames a branch and adds a job, and then fails if it is told to. */
const rename = command({
  event: 'branch.updated',
  entity: 'Branch',
  permission: 'structure.write',
  input: z.object({
    branchId: z.uuid(),
    name: z.string(),
    ids: z.record(z.string(), z.string()),
    fails: z.boolean(),
  }),
  run: async ({ tx, key, input, enqueue }) => {
    await tx.branch.update({ where: key(input.branchId), data: { name: input.name } });
    await enqueue('old-invitation', input.ids as IdsOf<'old-invitation'>);
    if (input.fails) throw new Error('the command fails');
  },
});

const renamed = async (name: string, fails: boolean, ids: object = { memberId: crypto.randomUUID() }) => {
  const [branch] = await rowsOf(world, 'SELECT id FROM "Branch" WHERE "companyId" = $1', [company.Acme]);
  const input = { branchId: branch.id, name, fails, ids };
  return asSystem(world.services, company.Acme as string)(rename, input);
};
const names = async () => (await rowsOf(world, 'SELECT name FROM "Branch"')).map(({ name }) => name);

test('a command that commits adds its job, which holds ids alone [K1]', async () => {
  await empty();
  const memberId = crypto.randomUUID();
  await renamed('Committed', false, { memberId });
  expect(await jobs()).toMatchObject([{ state: 'created', data: { companyId: company.Acme, memberId } }]);
  expect(await names()).toContain('Committed');
});

test('a command that is rolled back adds no job and changes no row [K1]', async () => {
  await empty();
  await expect(renamed('Rolled back', true)).rejects.toThrow('the command fails');
  expect(await jobs()).toEqual([]);
  expect(await names()).not.toContain('Rolled back');
});

test.each([
  ['data beside its ids', { memberId: crypto.randomUUID(), email: 'ada@acme.example' }],
  ['text as an id', { memberId: 'ada@acme.example' }],
  ['no id', {}],
])('a job with %s is refused, and so is its command [K1]', async (_what, ids) => {
  await empty();
  await expect(renamed('Refused', false, ids)).rejects.toThrow('expected an id as');
  expect([await jobs(), (await names()).includes('Refused')]).toEqual([[], false]);
});

test('a statement of a company adds, sees and changes the jobs of this company alone [T2]', async () => {
  await empty();
  await renamed('Own', false);
  const { pool, jobs: queue } = world.services;
  const globex = queryAs(pool, { companyId: company.Globex as string, userId: null });
  expect(await globex('SELECT id FROM pgboss.job')).toEqual([]);
  expect(await globex('SELECT id FROM pgboss.job_common')).toEqual([]);
  const [job] = await jobs();
  expect(await queue.cancel('old-invitation', job.id, globex)).toBe(false);
  const foreign = enqueueIn(queue, globex, company.Acme as string);
  await expect(foreign('old-invitation', { memberId: crypto.randomUUID() })).rejects.toThrow(
    'row-level security',
  );
  expect(await jobs()).toMatchObject([{ id: job.id, state: 'created' }]);
});

const invite = async (email: string, until: string) => {
  const answer = await world.ask(
    'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { member { id } } }',
    { input: { email, name: 'Ada', roles: ['staff'] } },
    await world.signIn('company_admin'),
  );
  expect(answer.errors).toBeUndefined();
  const [row] = await unaudited(
    world,
    `UPDATE "Membership" SET "invitedUntil" = now() + $2::interval WHERE email = $1 RETURNING id`,
    [email, until],
  );
  return row?.id as string;
};
const members = async (email: string) =>
  (await rowsOf(world, 'SELECT id FROM "Membership" WHERE email = $1', [email])).length;
const events = (memberId: string) =>
  rowsOf(
    world,
    `SELECT action, actor ->> 'kind' AS kind FROM (SELECT action, body::jsonb -> 'actor' AS actor, body::jsonb ->> 'entityId' AS entity
       FROM audit_event) e WHERE entity = $1 AND action = 'member.invitationExpired'`,
    [memberId],
  );

/** Takes the job as a worker does. */
const taken = async (memberId: string) => {
  const [row] = await rowsOf(
    world,
    `UPDATE pgboss.job SET state = 'active', started_on = now(), retry_count = retry_count + 1 WHERE data ->> 'memberId' = $1
     RETURNING id, name AS queue, retry_count AS attempt, data`,
    [memberId],
  );
  return row;
};
const added = (memberId: string) =>
  world.services.jobs.send('old-invitation', { companyId: company.Acme as string, memberId });

test('a job runs its command as the system in its company, and is settled in the transaction of it [K1]', async () => {
  const memberId = await invite('once@acme.example', '-40 days');
  await added(memberId);
  const job = await taken(memberId);
  await runJob(world.services, job);
  expect(await members('once@acme.example')).toBe(0);
  expect(await events(memberId)).toEqual([{ action: 'member.invitationExpired', kind: 'system' }]);
  expect((await jobs()).find(({ id }) => id === job.id)?.state).toBe('completed');
});

test('a worker whose job was given to another one changes nothing [K1]', async () => {
  const memberId = await invite('late@acme.example', '-40 days');
  await added(memberId);
  const paused = await taken(memberId);
  const other = await taken(memberId);
  await expect(runJob(world.services, paused)).rejects.toThrow('Another worker has this job.');
  expect([await members('late@acme.example'), await events(memberId)]).toEqual([1, []]);
  await runJob(world.services, other);
  expect(await members('late@acme.example')).toBe(0);
});

test('a job of which the command fails is not settled [K1]', async () => {
  const memberId = await invite('fails@acme.example', '-40 days');
  await added(memberId);
  const job = await taken(memberId);
  const failing = { ...removeOldInvitation, run: () => Promise.reject(new Error('no')) } as Command;
  await expect(runJob(world.services, job, { command: failing, input: (ids) => ids })).rejects.toThrow('no');
  expect((await jobs()).find(({ id }) => id === job.id)?.state).toBe('active');
});

test('a job of another company cannot be settled by its command [T2]', async () => {
  const memberId = await invite('foreign@acme.example', '-40 days');
  await added(memberId);
  const job = await taken(memberId);
  const data = { ...job.data, companyId: company.Globex };
  await expect(runJob(world.services, { ...job, data })).rejects.toThrow('Another worker has this job.');
  expect(await members('foreign@acme.example')).toBe(1);
});

test('an invitation that was sent again meanwhile stays, and its job is done [D3]', async () => {
  const memberId = await invite('again@acme.example', '1 day');
  await added(memberId);
  await runJob(world.services, await taken(memberId));
  expect([await members('again@acme.example'), await events(memberId)]).toEqual([1, []]);
});
