import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from '../../../src/audit/read/query.ts';
import { auditStream, type Subscription } from '../../../src/audit/read/stream.ts';
import { type Query, queryAs } from '../../../src/db/sql.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { connectAs, insertEvent, newCompany } from '../../support/audit-scene.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { until } from '../../support/until.ts';

let database: FreshDatabase;
let company: { id: string; branchId: string; db: pg.Client };
let pool: TenantPool;
let query: Query;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new TenantPool({ connectionString: database.appUrl, max: 4 });
});
beforeEach(async () => {
  await company?.db.end();
  company = await newCompany(database.appUrl);
  query = queryAs(pool, { companyId: company.id, userId: null });
});
afterAll(async () => {
  await company.db.end();
  await pool.end();
  await database.drop();
});

const add = (action: 'audit.exported' | 'policy.exported' | 'seal.broken' = 'audit.exported') =>
  insertEvent(company.db, company.id, { action });
const subscribe = (more: Partial<Subscription> = {}) =>
  auditStream({ query, companyId: company.id, authorise: async () => true, ...more });
const take = async (stream: ReturnType<typeof subscribe>, count: number): Promise<string[]> => {
  const positions: string[] = [];
  while (positions.length < count) {
    const { value, done } = await stream.next();
    if (done) break;
    positions.push(value.position);
  }
  await stream.return(undefined);
  return positions;
};

describe('a subscriber', () => {
  test('[L7] gets a replay from the cursor, then live events', async () => {
    const stream = subscribe({ after: '1' });
    expect((await stream.next()).value?.position).toBe('2');
    const live = take(stream, 1);
    await add();
    expect(await live).toEqual(['3']);
  });

  test('[L7] without a cursor gets only new events', async () => {
    const begun = Promise.withResolvers<void>();
    const seen = ((sql, values) => query(sql, values).finally(begun.resolve)) as Query;
    const taken = take(subscribe({ query: seen }), 1);
    await begun.promise;
    await add();
    expect(await taken).toEqual(['3']);
  });

  test('[L7] misses nothing that a transaction held open commits after later ones', async () => {
    const slow = await connectAs(database.appUrl, company.id);
    await slow.query('BEGIN');
    await insertEvent(slow, company.id, { action: 'seal.broken' });
    const stream = subscribe({ after: '2' });
    await add();
    await add();
    const first = [(await stream.next()).value?.action, (await stream.next()).value?.action];
    await slow.query('COMMIT');
    expect([...first, (await stream.next()).value?.action]).toEqual([
      'audit.exported',
      'audit.exported',
      'seal.broken',
    ]);
    await stream.return(undefined);
    await slow.end();
  });

  test('[L7] gets each event exactly once over 200 reconnects while 8 writers commit', {
    timeout: 60_000,
  }, async () => {
    const total = 400;
    const writers = Array.from({ length: 8 }, async () => {
      const db = await connectAs(database.appUrl, company.id);
      for (let n = 0; n < total / 8; n++) await insertEvent(db, company.id, { action: 'audit.exported' });
      await db.end();
    });
    const got: string[] = [];
    for (let connection = 0; connection < 200; connection++)
      got.push(...(await take(subscribe({ after: got.at(-1) ?? '2' }), 2)));
    await Promise.all(writers);
    expect(got).toEqual(Array.from({ length: total }, (_, index) => String(index + 3)));
  });

  test('[L7] ends after losing the permission, busy or idle', async () => {
    for (const busy of [false, true]) {
      let may = true;
      let asked = 0;
      const authorise = async () => {
        asked += 1;
        return may;
      };
      const stream = subscribe({ authorise });
      const written: Promise<unknown>[] = [];
      const writing = busy ? setInterval(() => void written.push(add()), 20) : undefined;
      const ended = (async () => {
        for await (const _ of stream);
        return may;
      })();
      await until(() => asked > 1);
      may = false;
      expect(await ended).toBe(false);
      clearInterval(writing);
      await Promise.all(written);
    }
  });

  test('[L7] [M5] whose permission is lost between two events of one batch gets no further one', async () => {
    for (let n = 0; n < 6; n++) await add();
    let allowed = true;
    const clock = vi.spyOn(performance, 'now');
    const stream = subscribe({ after: '2', authorise: async () => allowed });
    const positions: string[] = [];
    for await (const event of stream) {
      positions.push(event.position);
      if (positions.length === 3) allowed = false;
      const later = performance.now() + 1_000;
      clock.mockImplementation(() => later);
    }
    clock.mockRestore();
    expect(positions).toEqual(['3', '4', '5']);
  });

  test('[F5] among many reads live events once for all of them', async () => {
    let reads = 0;
    const counting: Query = (sql, values) => {
      if (/FROM audit_event/.test(sql)) reads += 1;
      return query(sql, values);
    };
    const streams = Array.from({ length: 20 }, () => subscribe({ query: counting, after: '2' }));
    const next = () => Promise.all(streams.map(async (stream) => (await stream.next()).value?.position));
    const first = next();
    await add();
    expect(await first).toEqual(Array(20).fill('3'));
    const before = reads;
    const second = next();
    await add();
    expect(await second).toEqual(Array(20).fill('4'));
    expect(reads - before).toBe(1);
    await Promise.all(streams.map((stream) => stream.return(undefined)));
  });

  test('[F5] that replays little does not wait for one that replays much', async () => {
    for (let n = 0; n < 8; n++) {
      const actions = Array.from({ length: 50 }, () => ({ action: 'audit.exported' as const }));
      await Promise.all(actions.map((facts) => insertEvent(company.db, company.id, facts)));
    }
    const long = take(subscribe({ after: '2' }), 400);
    const finished: string[] = [];
    void long.then(() => finished.push('long'));
    await take(subscribe({ after: '400' }), 2);
    finished.push('short');
    await long;
    expect(finished).toEqual(['short', 'long']);
  });

  test('[L7] without the permission gets no event', async () => {
    expect(await take(subscribe({ after: '0', authorise: async () => false }), 1)).toEqual([]);
  });

  test('[L7] ends when the client disconnects', async () => {
    const gone = new AbortController();
    const next = subscribe({ signal: gone.signal }).next();
    gone.abort();
    expect((await next).done).toBe(true);
  });

  test('[L7] with a filter gets matching events, also after many others', async () => {
    for (let n = 0; n < 120; n++) await add();
    await add('seal.broken');
    expect(await take(subscribe({ after: '0', filter: { severity: ['CRITICAL'] } }), 1)).toEqual(['123']);
  });

  for (const after of ['x', '-1', '1.5', '9999', '']) {
    test(`[L7] is refused with the malformed cursor ${JSON.stringify(after)}`, async () => {
      await expect(subscribe({ after }).next()).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    });
  }

  test('[L7] of another company gets no event of this one', async () => {
    const other = await newCompany(database.appUrl);
    const foreign = queryAs(pool, { companyId: other.id, userId: null });
    const { events } = await page(foreign, company.id, {}, { first: 10 });
    expect(events).toEqual([]);
    await other.db.end();
  });
});

describe('a page', () => {
  const positions = async (...args: [Parameters<typeof page>[2], Parameters<typeof page>[3]]) => {
    const { events, hasNextPage, hasPreviousPage } = await page(query, company.id, ...args);
    return [events.map((event) => event.position).join(), hasNextPage, hasPreviousPage];
  };

  test('[L5] follows the chain in both directions', async () => {
    for (let n = 0; n < 3; n++) await add();
    expect(await positions({}, { first: 2 })).toEqual(['1,2', true, false]);
    expect(await positions({}, { first: 2, after: '3' })).toEqual(['4,5', false, true]);
    expect(await positions({}, { last: 2 })).toEqual(['4,5', false, true]);
    expect(await positions({}, { last: 2, before: '3' })).toEqual(['1,2', true, false]);
  });

  test('[L5] contains the events that match the filter', async () => {
    await add('seal.broken');
    await add('policy.exported');
    const { events } = await page(query, company.id, {}, { first: 10 });
    const at = events[2]?.at as Date;
    expect(await positions({ action: ['seal.broken', 'policy.exported'] }, { first: 9 })).toEqual([
      '3,4',
      false,
      false,
    ]);
    expect(await positions({ severity: ['CRITICAL'] }, { first: 9 })).toEqual(['3', false, false]);
    expect(await positions({ entity: 'Branch', entityId: company.branchId }, { first: 9 })).toEqual([
      '2',
      false,
      false,
    ]);
    expect(await positions({ actor: company.id }, { first: 9 })).toEqual(['', false, false]);
    expect(await positions({ to: new Date(0) }, { first: 9 })).toEqual(['', false, false]);
    expect((await positions({ from: at }, { first: 9 }))[0]).toMatch(/3,4$/);
  });
});
