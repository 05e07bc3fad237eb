import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import {
  type Attempt,
  type AttemptStore,
  limits,
  longestLock,
  subjectsOf,
} from '../../../src/auth/lockout/limits.ts';
import { openPostgresAttempts } from '../../../src/auth/lockout/postgres-store.ts';
import { openRedisAttempts } from '../../../src/auth/lockout/redis-store.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import { startRedis } from '../../support/server/redis.ts';
import { until } from '../../support/until.ts';

/**
 * Two instances of one kind of store, and a way to let its clock run: seconds are taken off
 * everything that it remembers.
 */
type Store = {
  two: [AttemptStore, AttemptStore];
  later: (seconds: number) => Promise<void>;
  end: () => Promise<void>;
};

const stores: [string, () => Promise<Store | null>][] = [
  ['PostgreSQL', inPostgres],
  ['Redis', inRedis],
];

async function inPostgres(): Promise<Store> {
  const database: FreshDatabase = await freshDatabase();
  const pools = [1, 2].map(() => new TenantPool({ connectionString: database.appUrl, max: 10 }));
  return {
    two: pools.map(openPostgresAttempts) as [AttemptStore, AttemptStore],
    later: (seconds) =>
      asOwner(database.ownerUrl, async (db) => {
        await db.query(
          `UPDATE "Throttle" SET "failedAt" = "failedAt" - $1 * interval '1 second', "lockedUntil" = "lockedUntil" - $1 * interval '1 second'`,
          [seconds],
        );
      }),
    end: async () => {
      await Promise.all(pools.map((pool) => pool.end()));
      await database.drop();
    },
  };
}

async function inRedis(): Promise<Store | null> {
  const server = await startRedis();
  if (!server) return null;
  const silent = () => {};
  const two = await Promise.all([
    openRedisAttempts(server.url, silent),
    openRedisAttempts(server.url, silent),
  ]);
  const { createClient } = await import('redis');
  const client = createClient({ url: server.url });
  await client.connect();
  const later = async (seconds: number) => {
    for (const key of await client.keys('bulwark:try:*')) {
      for (const field of ['failedAt', 'lockedUntil']) {
        const value = Number(await client.hGet(key, field));
        if (value > 0) await client.hSet(key, field, (value - seconds).toFixed(6));
      }
    }
  };
  return {
    two,
    later,
    end: async () => {
      await Promise.all([...two, client].map((one) => one.close()));
      await server.stop();
    },
  };
}

describe.each(stores)('attempts counted in %s', (name, open) => {
  let store: Store | null;
  let one: AttemptStore;
  let other: AttemptStore;
  beforeAll(async () => {
    store = await open();
    if (store) [one, other] = store.two;
  });
  afterAll(() => store?.end());

  const test = (title: string, run: (given: Store) => Promise<void>) =>
    it(title, async (context) => {
      if (!store) {
        console.warn(`not run, for no redis-server is installed: ${name}: ${title}`);
        context.skip();
      } else await run(store);
    });
  const tried = (parts: Partial<Attempt> = {}): Attempt => ({
    kind: 'password',
    account: `${crypto.randomUUID()}@acme.example`,
    ip: null,
    ...parts,
  });
  const settle = (given: Attempt, succeeded = false, tries = one) =>
    tries.count(given.kind, subjectsOf(given), succeeded);
  const wait = (given: Attempt) => other.wait(given.kind, subjectsOf(given));
  const fail = async (given: Attempt, times: number) => {
    for (let i = 0; i < times; i++) await settle(given);
  };

  test('[A2] of 100 concurrent wrong attempts over two instances, five count and ninety-five reveal nothing', async () => {
    const given = tried();
    const settled = await Promise.all(
      Array.from({ length: 100 }, (_, index) => settle(given, false, index % 2 ? one : other)),
    );
    expect(settled.filter(({ accepted }) => accepted)).toHaveLength(5);
    expect(settled.filter(({ locked }) => locked.length > 0)).toHaveLength(1);
    expect(await wait(given)).toBeGreaterThan(14 * 60);
  });

  test('[A2] a right password after the fifth failure is refused as a wrong one is', async () => {
    const given = tried();
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => settle(given, false, index % 2 ? one : other)),
    );
    for (const instance of [one, other])
      expect(await settle(given, true, instance)).toMatchObject({ accepted: false });
  });

  test('[A2] concurrent successes lock nothing and clear earlier failures', async () => {
    const given = tried();
    await fail(given, 4);
    const settled = await Promise.all(Array.from({ length: 40 }, () => settle(given, true)));
    expect(settled.every(({ accepted }) => accepted)).toBe(true);
    await fail(given, 4);
    expect(await wait(given)).toBe(0);
  });

  test('[A2] the lock lasts 15 minutes, then doubles each time, up to a day', async ({ later }) => {
    const given = tried();
    for (const minutes of [15, 30, 60, 120, 240, 480, 960, 1440, 1440]) {
      await fail(given, 5);
      const seconds = await wait(given);
      expect(Math.round(seconds / 60)).toBe(minutes);
      await later(seconds - 30);
      expect(await settle(given)).toMatchObject({ accepted: false });
      await later(31);
      expect(await wait(given)).toBe(0);
    }
  });

  test('[A2] a day without a lock forgets the earlier ones, and an hour a failure', async ({ later }) => {
    const given = tried();
    await fail(given, 5);
    await later(15 * 60 + 24 * 3600 + 1);
    await fail(given, 5);
    expect(Math.round((await wait(given)) / 60)).toBe(15);
    const slow = tried();
    await fail(slow, 4);
    await later(3601);
    await fail(slow, 4);
    expect(await wait(slow)).toBe(0);
  });

  test('[A2] attempts counted by windows restart with the next window after any number of locks', async () => {
    const ip = '203.0.113.9';
    const { address: most, windowSeconds } = limits.challenge;
    const given = tried({ kind: 'challenge', account: null, ip });
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      for (let span = 0; span < 3; span++) {
        // half a second from the full one: PostgreSQL's clock may be ahead or behind
        vi.setSystemTime((1_000_000 + span) * windowSeconds * 1000 + 1500);
        const settled = await Promise.all(Array.from({ length: most + 20 }, () => settle(given)));
        expect(settled.filter(({ accepted }) => accepted)).toHaveLength(most);
        expect(longestLock('challenge')).toBe(windowSeconds - 1);
      }
    } finally {
      vi.useRealTimers();
    }
  });

  test('[A2] each kind of attempt is counted separately', async () => {
    const given = tried();
    await fail(given, 5);
    expect(await wait({ ...given, kind: 'totp' })).toBe(0);
    expect(await settle({ ...given, kind: 'backupCode' }, true)).toMatchObject({ accepted: true });
  });

  test('[A2] a network is locked after its own number of failures, whomever they were for, and no success of another account clears it', async () => {
    const ip = '203.0.113.7';
    const most = limits.password.address;
    for (let i = 0; i < most - 1; i++) await settle(tried({ ip }));
    expect(await settle(tried({ ip }), true)).toMatchObject({ accepted: true });
    expect(await settle(tried({ ip }))).toMatchObject({ accepted: true, locked: ['address:203.0.113.7'] });
    expect(await settle(tried({ ip }), true)).toMatchObject({ accepted: false });
    expect(await settle(tried({ ip: '203.0.113.8' }), true)).toMatchObject({ accepted: true });
  });

  test('[A2] a trusted device is not locked with the account, and has its own lock', async () => {
    const given = tried();
    await fail(given, 5);
    const trusted = { ...given, device: crypto.randomUUID() };
    expect(await settle(trusted, true)).toMatchObject({ accepted: true });
    expect(await settle(given, true)).toMatchObject({ accepted: false });
    await fail(trusted, 5);
    expect(await settle(trusted, true)).toMatchObject({ accepted: false });
  });

  test('[A2] clearing unlocks the subject for that kind only', async () => {
    const given = tried();
    await fail(given, 5);
    await one.clear(
      ['totp'],
      subjectsOf(given).map(({ name }) => name),
    );
    expect(await wait(given)).toBeGreaterThan(0);
    await one.clear(
      ['password'],
      subjectsOf(given).map(({ name }) => name),
    );
    expect(await wait(given)).toBe(0);
    expect(await settle(given, true)).toMatchObject({ accepted: true });
  });
});

test('[F4] a Redis that is frozen makes attempts UNAVAILABLE, and does not hold them', async ({ skip }) => {
  const server = await startRedis();
  if (!server) return skip('redis-server is not installed');
  const store = await openRedisAttempts(server.url, () => {});
  server.freeze();
  const subjects = subjectsOf({ kind: 'password', account: 'frozen@acme.example', ip: '::1' });
  const names = subjects.map(({ name }) => name);
  for (const work of [
    store.wait('password', subjects),
    store.count('password', subjects, false),
    store.clear(['password'], names),
  ])
    await expect(work).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await server.stop();
});

test('[A2] a closed store leaves no connection to Redis, and counts no further attempt', async ({ skip }) => {
  const server = await startRedis();
  if (!server) return skip('redis-server is not installed');
  const { createClient } = await import('redis');
  const client = await createClient({ url: server.url }).connect();
  const clients = async () => (await client.clientList()).length;
  const store = await openRedisAttempts(server.url, () => {});
  expect(await clients()).toBe(2);
  await store.close();
  await until(async () => (await clients()) === 1);
  const subjects = subjectsOf({ kind: 'password', account: 'closed@acme.example', ip: null });
  await expect(store.count('password', subjects, false)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await client.close();
  await server.stop();
});

describe('the subjects of a try', () => {
  it('[A2] contain no e-mail address', () => {
    const subjects = subjectsOf({ kind: 'password', account: 'nora@acme.example', ip: '::1' });
    expect(JSON.stringify(subjects)).not.toContain('nora');
  });

  it('[B7] are the same for every spelling of an IPv4 address', () => {
    const of = (ip: string) => subjectsOf({ kind: 'password', account: null, ip });
    for (const spelling of ['::ffff:203.0.113.7', '::FFFF:cb00:7107', '0:0:0:0:0:ffff:cb00:7107'])
      expect(of(spelling)).toEqual(of('203.0.113.7'));
    expect(of('::ffff:203.0.113.8')).not.toEqual(of('203.0.113.7'));
  });
});
