import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MOST_SESSIONS } from '../../../src/auth/session/most-sessions.ts';
import { newcomer, openWorld, rowsOf, signInAs, type World } from '../../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.end());

const isValid = async (token: string) =>
  (await world.ask('{ viewer { user { id } } }', {}, token)).errors === undefined;
const sessionsOf = (email: string) =>
  rowsOf(
    world,
    `SELECT left(s.id, 12) AS id FROM "Session" s JOIN "User" u ON u.id = s."userId" WHERE u.email = $1 ORDER BY s."createdAt"`,
    [email],
  );
const revocations = (email: string) =>
  rowsOf(
    world,
    `SELECT e.body::jsonb #> '{data,sessions}' AS sessions FROM audit_event e JOIN "Membership" m ON m."companyId" = e.company_id
     WHERE m.email = $1 AND e.action = 'session.revoked' AND e.body::jsonb #>> '{data,reason}' = 'limit' ORDER BY e.pos`,
    [email],
  );

/** So many further sessions, each a minute older than the one before. */
const addSessions = (email: string, count: number) =>
  rowsOf(
    world,
    `INSERT INTO "Session" (id, "userId", "createdAt", "expiresAt", "absoluteExpiresAt")
     SELECT md5(id::text || n), id, now() - n * interval '1 minute', now() + interval '1 hour', now() + interval '1 hour'
     FROM "User", generate_series(1, $2::int) n WHERE email = $1`,
    [email, count],
  );

describe('a user who signs in again and again', () => {
  test('keeps 20 sessions; the next sign-in revokes the oldest one alone, and audits it [F10] [A5]', async () => {
    const { email, token: first } = await newcomer(world, ['staff']);
    await addSessions(email, MOST_SESSIONS - 2);
    const before = await sessionsOf(email);
    const second = await signInAs(world.ask, email);
    expect(await sessionsOf(email)).toHaveLength(MOST_SESSIONS);
    expect(await revocations(email)).toEqual([]);
    const third = await signInAs(world.ask, email);
    expect(await revocations(email)).toEqual([{ sessions: [before[0].id] }]);
    expect((await sessionsOf(email)).slice(0, -2)).toEqual(before.slice(1));
    expect(await Promise.all([first, second, third].map(isValid))).toEqual([true, true, true]);
  });

  test('can no longer use the session that was revoked, and other users keep theirs [F10] [A5]', async () => {
    const { email, token: first } = await newcomer(world, ['staff']);
    const other = await world.signIn('company_admin');
    await rowsOf(
      world,
      `UPDATE "Session" s SET "createdAt" = now() - interval '1 hour' FROM "User" u WHERE u.id = s."userId" AND u.email = $1`,
      [email],
    );
    await addSessions(email, MOST_SESSIONS - 1);
    await signInAs(world.ask, email);
    expect(await Promise.all([first, other].map(isValid))).toEqual([false, true]);
  });

  test('has 20 sessions after several sign-ins at once [F10] [A5]', async () => {
    const { email } = await newcomer(world, ['staff'], 'globex');
    await addSessions(email, MOST_SESSIONS - 1);
    const lock = new pg.Client({ connectionString: world.database.ownerUrl });
    await lock.connect();
    await lock.query('BEGIN; LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE');
    const signedIn = Promise.all([1, 2, 3, 4].map(() => signInAs(world.ask, email)));
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    // a company has three transactions at a time: the fourth waits for a connection
    await expect.poll(() => rowsOf(world, waiting)).toHaveLength(3);
    await lock.end();
    await signedIn;
    expect(await sessionsOf(email)).toHaveLength(MOST_SESSIONS);
    expect((await revocations(email)).flatMap(({ sessions }) => sessions)).toHaveLength(4);
  });
});
