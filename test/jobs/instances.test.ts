import { afterAll, beforeAll, expect, test } from 'vitest';
import { addInvitations } from '../support/jobs.ts';
import { type ServerProcess, startServer } from '../support/server/server-process.ts';
import { openWorld, rowsOf, type World } from '../support/server/world.ts';
import { until } from '../support/until.ts';

let world: World;
let servers: ServerProcess[] = [];
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  await world.end();
});

const LEADS = 'this server runs the schedules';
const started = async (count: number) => {
  servers = await Promise.all(Array.from({ length: count }, () => startServer(world)));
  await until(() => servers.some((server) => server.output().includes(LEADS)));
  return servers.toSorted((a, b) => Number(b.output().includes(LEADS)) - Number(a.output().includes(LEADS)));
};
const ended = async () => {
  await Promise.all(servers.map((server) => server.kill()));
  servers = [];
};

/** Adds invitations that have ended, and a job for each. */
async function addJobs(count: number): Promise<void> {
  const ids = await addInvitations(world, { name: 'Old', ago: '40 days', count });
  await rowsOf(
    world,
    `INSERT INTO pgboss.job (name, data, policy, retry_limit, retry_delay, heartbeat_seconds)
     SELECT 'old-invitation', jsonb_build_object('companyId', m."companyId", 'memberId', m.id), 'standard', 5, 1, 10
     FROM "Membership" m WHERE m.id = ANY ($1)`,
    [ids],
  );
}
const left = async () =>
  (await rowsOf(world, `SELECT count(*)::int AS n FROM "Membership" WHERE name = 'Old'`))[0].n;
const outcomes = async () =>
  (
    await rowsOf(
      world,
      `SELECT (SELECT count(*)::int FROM pgboss.job WHERE name = 'old-invitation' AND state = 'completed') AS completed,
         (SELECT count(*)::int FROM pgboss.job WHERE name = 'old-invitation' AND state <> 'completed') AS others,
         (SELECT count(*)::int FROM audit_event WHERE action = 'member.invitationExpired') AS events,
         (SELECT count(DISTINCT body::jsonb ->> 'entityId')::int FROM audit_event WHERE action = 'member.invitationExpired') AS removed`,
    )
  )[0];
const running = async () =>
  (
    await rowsOf(
      world,
      `SELECT count(*)::int AS n FROM pgboss.job WHERE name = 'old-invitation' AND state = 'active'`,
    )
  )[0].n;
const epoch = async () => Number((await rowsOf(world, 'SELECT epoch FROM leader'))[0].epoch);

test('of three servers the leader is paused and another one killed: each job takes effect once, and one server leads at a time [K1]', async () => {
  const [leader, killed, other] = (await started(3)) as [ServerProcess, ServerProcess, ServerProcess];
  const before = await epoch();
  const total = 200;
  await addJobs(total);
  await until(async () => (await running()) > 0 && (await left()) < total);
  leader.signal('SIGSTOP');
  await killed.kill();
  // its session ends by the lease, and its jobs are given to others
  await until(async () => (await epoch()) > before && other.output().includes(LEADS));
  await until(async () => (await left()) === 0);
  leader.signal('SIGCONT');
  await until(() => leader.output().includes('this server no longer runs the schedules'));
  await until(async () => (await outcomes()).others === 0);
  expect(await outcomes()).toEqual({ completed: total, others: 0, events: total, removed: total });
  expect(await epoch()).toBe(before + 1);
  await ended();
});

test('a server that gets SIGTERM hands its jobs back within ten seconds, and another server runs them [K1] [K8]', async () => {
  const [first, second] = (await started(2)) as [ServerProcess, ServerProcess];
  const before = (await outcomes()).completed;
  const total = 100;
  await addJobs(total);
  await until(async () => (await running()) > 0 && (await left()) < total);
  expect(await first.stop()).toEqual({ code: 0 });
  // the other server leads at once: the lock was given up and not awaited
  await until(() => second.output().includes(LEADS));
  await until(async () => (await outcomes()).others === 0);
  expect(await outcomes()).toMatchObject({
    completed: before + total,
    events: before + total,
    removed: before + total,
  });
  expect(await second.stop()).toEqual({ code: 0 });
});
