import { afterAll, beforeAll, expect, test } from 'vitest';
import { leadIn } from '../../src/domain/platform/lead.ts';
import { applyRetention } from '../../src/domain/platform/retention.ts';
import { runJob } from '../../src/jobs/run/run-job.ts';
import { addInvitations } from '../support/jobs.ts';
import { openWorld, rowsOf, type World } from '../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.services.jobs.declare('old-invitation', 'parallel');
  await rowsOf(world, `UPDATE leader SET epoch = 3 WHERE name = 'schedules'`);
});
afterAll(() => world.end());

/** Invitations of both companies that ended so long ago. */
const add = (name: string, ago: string, count = 1) =>
  addInvitations(world, { name, ago, count, companies: ['Acme', 'Globex'] });
const left = async (name: string) =>
  (await rowsOf(world, 'SELECT count(*)::int AS n FROM "Membership" WHERE name = $1', [name]))[0].n;
/** Runs the jobs as a worker does. */
const runJobs = async () => {
  const jobs = await rowsOf(
    world,
    `UPDATE pgboss.job SET state = 'active', started_on = now() WHERE name = 'old-invitation' AND state = 'created'
     RETURNING id, name AS queue, retry_count AS attempt, data`,
  );
  for (const job of jobs) await runJob(world.services, job);
  return jobs.length;
};
const apply = (epoch = '3') => applyRetention(world.services, leadIn(world.services, epoch));

test('an invitation is kept for the days that are set, and removed in its own company afterwards [D3]', async () => {
  await add('Young', '29 days 23 hours 59 minutes');
  await add('Old', '30 days 1 minute');
  await apply();
  expect(await runJobs()).toBe(2);
  expect([await left('Young'), await left('Old')]).toEqual([2, 0]);
  const events = await rowsOf(
    world,
    `SELECT count(DISTINCT company_id)::int AS companies, count(*)::int AS n FROM audit_event WHERE action = 'member.invitationExpired'`,
  );
  expect(events).toEqual([{ companies: 2, n: 2 }]);
});

test('more rows than a page has are all removed, each once [D3]', async () => {
  await add('Many', '31 days', 251);
  await apply();
  expect(await runJobs()).toBe(502);
  expect(await left('Many')).toBe(0);
});

test('a leader of an earlier epoch removes nothing and adds no job [D3] [K1]', async () => {
  await add('Kept', '31 days');
  await expect(apply('2')).rejects.toThrow('Another instance leads');
  expect([await runJobs(), await left('Kept')]).toEqual([0, 2]);
});

test('settled jobs are deleted after the days that are set [D3]', async () => {
  const [queue] = await rowsOf(
    world,
    `SELECT deletion_seconds AS seconds FROM pgboss.queue WHERE name = 'old-invitation'`,
  );
  expect(queue.seconds).toBe(world.config.retention.jobs * 86_400);
  expect(await rowsOf(world, 'SELECT DISTINCT deletion_seconds AS seconds FROM pgboss.job')).toEqual([queue]);
});
