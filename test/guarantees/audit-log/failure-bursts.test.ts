import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { appendBursts, burst } from '../../../src/auth/account/failure-bursts.ts';
import { deleteExpired } from '../../../src/domain/platform/purge-expired.ts';
import { from } from '../../support/server/dev-mailbox.ts';
import { openWorld, rowsOf, type World } from '../../support/server/world.ts';

const PLATFORM = '00000000-0000-7000-8000-000000000000';
const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }';

let world: World;
beforeAll(async () => {
  world = await openWorld({ trustedProxies: ['127.0.0.1'] });
});
afterAll(() => world.end());
afterEach(() => rowsOf(world, 'DELETE FROM failure_burst; DELETE FROM "Throttle"'));
afterEach(() => vi.restoreAllMocks());

/** A wrong password from an address that was not used before. */
const fail = (email: string) =>
  world.ask(SIGN_IN, { input: { email, password: 'wrong-Password-1' } }, undefined, from());
/** Ten at a time: each takes its turn at the password hash. */
const failMany = async (emails: string[]): Promise<void> => {
  const answers = await Promise.all(emails.slice(0, 10).map(fail));
  for (const answer of answers) expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  if (emails.length > 10) await failMany(emails.slice(10));
};
const strangers = (count: number) =>
  Array.from({ length: count }, () => `${crypto.randomUUID()}@unknown.example`);
const endSpan = () =>
  rowsOf(world, `UPDATE failure_burst SET started_at = started_at - $1 * interval '1 second'`, [
    burst.seconds,
  ]);
const headOf = async (): Promise<string> =>
  (await rowsOf(world, 'SELECT COALESCE(max(at_us), 0) AS at FROM audit_event'))[0].at;
/** Failed sign-ins on a company's log after this event. */
const failures = async (after: string, companyId = PLATFORM) =>
  (
    await rowsOf(
      world,
      `SELECT body::jsonb AS body FROM audit_event
       WHERE at_us > $1 AND company_id = $2 AND action = 'session.signInFailed' ORDER BY pos`,
      [after, companyId],
    )
  ).map(({ body }) => body);

describe('a burst of failed sign-ins', () => {
  test('of 30 addresses and unknown accounts is 20 events, and one with the count of the other 10 [F10] [L2]', async () => {
    const before = await headOf();
    await failMany(strangers(30));
    expect(await failures(before)).toHaveLength(burst.single);
    await endSpan();
    await appendBursts(world.services.pool);
    const events = await failures(before);
    expect(events).toHaveLength(burst.single + 1);
    const { data, actor } = events.at(-1);
    expect(data).toMatchObject({ count: 10, users: {} });
    expect(Object.keys(data.addresses)).toHaveLength(10);
    expect(Date.parse(data.since)).toBeLessThanOrEqual(Date.parse(data.until));
    expect(actor).toEqual({ kind: 'anonymous' });
  });

  test('against a company’s members is on its log and counts each user, without their e-mails [F10] [L2]', async () => {
    const before = await headOf();
    const members = await rowsOf(
      world,
      `SELECT m.email, m."userId", m."companyId" FROM "Membership" m JOIN "Company" c ON c.id = m."companyId"
       JOIN "Credential" k ON k."userId" = m."userId" WHERE c.name = 'Acme' AND m.status = 'active' ORDER BY 1 LIMIT 8`,
    );
    for (let round = 0; round < 4; round++) await failMany(members.map(({ email }) => email));
    await endSpan();
    await appendBursts(world.services.pool);
    const events = await failures(before, members[0].companyId);
    expect(events).toHaveLength(burst.single + 1);
    const { count, users } = events.at(-1).data;
    expect(count).toBe(4 * 8 - burst.single);
    expect(Object.values(users as Record<string, number>).reduce((sum, n) => sum + n)).toBe(count);
    const ids = members.map(({ userId }) => userId);
    expect(Object.keys(users).filter((id) => !ids.includes(id))).toEqual([]);
    expect(JSON.stringify(events)).not.toContain('@acme.example');
  });

  test.each([
    [burst.single, 0],
    [burst.single + 1, 1],
  ])('of %i failures has %i events with a count [F10]', async (failed, counted) => {
    const before = await headOf();
    await failMany(strangers(failed));
    await endSpan();
    await appendBursts(world.services.pool);
    const events = await failures(before);
    expect(events.filter(({ data }) => data.count !== undefined)).toHaveLength(counted);
    expect(events).toHaveLength(failed);
    expect(await rowsOf(world, 'SELECT 1 FROM failure_burst')).toEqual([]);
  });

  test('is one event when several servers append it at once, and none before its time is over [F10]', async () => {
    const before = await headOf();
    await failMany(strangers(burst.single + 5));
    await appendBursts(world.services.pool);
    expect(await failures(before)).toHaveLength(burst.single);
    await endSpan();
    await Promise.all(Array.from({ length: 4 }, () => appendBursts(world.services.pool)));
    const events = await failures(before);
    expect(events.slice(burst.single).map(({ data }) => data.count)).toEqual([5]);
  });
});

test('a burst that cannot be appended stays due, and delays no other [F10]', async () => {
  const before = await headOf();
  await failMany(strangers(burst.single + 2));
  await rowsOf(
    world,
    `INSERT INTO failure_burst SELECT (jsonb_populate_record(b, '{"action":"no.event","count":99}')).* FROM failure_burst b`,
  );
  await endSpan();
  await expect(appendBursts(world.services.pool)).rejects.toThrow();
  expect((await failures(before)).at(-1).data.count).toBe(2);
  expect(await rowsOf(world, 'SELECT action FROM failure_burst')).toEqual([{ action: 'no.event' }]);
});

describe('the counts of failed attempts', () => {
  const age = (minutes: number) =>
    rowsOf(
      world,
      `UPDATE "Throttle" SET "failedAt" = now() - $1 * interval '1 minute', "lockedUntil" = "lockedUntil" - $1 * interval '1 minute'`,
      [minutes],
    );
  const kept = () => rowsOf(world, 'SELECT subject FROM "Throttle"');

  test('stay while they count, and are purged an hour after the last failure [F10] [A2]', async () => {
    await failMany(strangers(3));
    await age(59);
    await deleteExpired(world.services);
    expect(await kept()).toHaveLength(6);
    await age(61);
    expect((await deleteExpired(world.services)).Throttle).toBe(6);
  });

  test('of an account that was locked stay for a day, since its next lock lasts twice as long [F10] [A2]', async () => {
    const [email] = strangers(1) as [string];
    for (let i = 0; i < 5; i++) await fail(email);
    await age(23 * 60);
    await deleteExpired(world.services);
    expect(await kept()).toHaveLength(1);
    await age(25 * 60);
    await deleteExpired(world.services);
    expect(await kept()).toEqual([]);
  });
});

describe('denials of one actor', () => {
  const deny = async (token: string | undefined) => {
    const { errors } = await world.ask('{ payrollRuns { totalCount } }', {}, token);
    return errors?.[0]?.extensions.code;
  };
  const denials = async (after: string, companyId: string) =>
    (
      await rowsOf(
        world,
        `SELECT body::jsonb AS body FROM audit_event
         WHERE at_us > $1 AND company_id = $2 AND action = 'access.denied' ORDER BY pos`,
        [after, companyId],
      )
    ).map(({ body }) => body);
  const memberOf = async (role: string) =>
    (
      await rowsOf(world, `SELECT "userId", "companyId" FROM "Membership" WHERE email = $1`, [
        `${role}@acme.example`,
      ])
    )[0] as { userId: string; companyId: string };

  test('are 20 events, and one with the count of the others; another member’s denial is an event still [F10] [L2]', async () => {
    const [staff, client] = [await world.signIn('staff'), await world.signIn('client')];
    const { userId, companyId } = await memberOf('staff');
    const before = await headOf();
    vi.spyOn(Date, 'now').mockReturnValue(Date.now()); // no window ends meanwhile
    const codes = await Promise.all(Array.from({ length: burst.single + 3 }, () => deny(staff)));
    expect(new Set(codes)).toEqual(new Set(['FORBIDDEN']));
    expect(await denials(before, companyId)).toHaveLength(burst.single);
    await deny(client);
    const last = (await denials(before, companyId)).at(-1);
    expect(last.actor.userId).toBe((await memberOf('client')).userId);
    await endSpan();
    await appendBursts(world.services.pool);
    const { data } = (await denials(before, companyId)).at(-1);
    expect(data).toMatchObject({ count: 3, users: { [userId]: 3 } });
    expect(Object.values(data.addresses)).toEqual([3]);
  });

  test('without a credential are no event: they are UNAUTHENTICATED [F10] [L2]', async () => {
    const before = await headOf();
    expect(await deny(undefined)).toBe('UNAUTHENTICATED');
    expect(await denials(before, PLATFORM)).toEqual([]);
  });
});
