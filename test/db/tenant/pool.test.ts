import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryAs, transactionAs } from '../../../src/db/sql.ts';
import { withTenant } from '../../../src/db/tenant/context.ts';
import { startupParameters, TenantPool } from '../../../src/db/tenant/pool.ts';
import { as, type Company, connect, makeCompanies, tenantOf } from '../../support/db/companies.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { until } from '../../support/until.ts';

const CONTEXT = `SELECT current_setting('app.company_id', true) AS company, current_setting('app.user_id', true) AS user`;

let database: FreshDatabase;
let owner: pg.Client;
let [one, two] = [] as unknown as [Company, Company];

beforeAll(async () => {
  database = await freshDatabase();
  owner = await connect(database.ownerUrl);
  [one, two] = (await makeCompanies(owner, 2)) as [Company, Company];
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

/** A pool of one connection, so that whatever a statement leaves behind meets the next one. */
async function onOne(run: (pool: TenantPool) => Promise<void>, url = database.appUrl): Promise<void> {
  const pool = new TenantPool({ connectionString: url, max: 1 });
  try {
    await run(pool);
  } finally {
    await pool.end();
  }
}
const companies = async (pool: TenantPool) =>
  (await pool.query('SELECT id FROM "Company"')).rows.map((row: { id: string }) => row.id);
const pid = async (pool: TenantPool) =>
  (await pool.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number;
/** The connection as a next query without context sees it. */
const leftBehind = async (pool: TenantPool) => {
  const client = await pool.connect();
  try {
    const [context] = (await client.query({ text: CONTEXT })).rows;
    const { rows } = await client.query({ text: 'SELECT id FROM "Company"' });
    return { ...context, rows: rows.length };
  } finally {
    client.release();
  }
};
const NOTHING = { company: '', user: '', rows: 0 };

describe('the context of a statement', () => {
  test("[T4] a statement without a context sees no row, and with a context only its company's", () =>
    onOne(async (pool) => {
      expect(await companies(pool)).toEqual([]);
      expect(await as(one, () => companies(pool))).toEqual([one.id]);
      expect(await as(two, () => companies(pool))).toEqual([two.id]);
      expect((await owner.query('SELECT id FROM "Company"')).rowCount).toBe(2);
    }));

  test('[T4] both settings arrive as they were given, and are gone from the connection afterwards', () =>
    onOne(async (pool) => {
      const user = crypto.randomUUID();
      const { rows } = await withTenant<pg.QueryResult>({ companyId: one.id, userId: user }, () =>
        pool.query(CONTEXT),
      );
      expect(rows).toEqual([{ company: one.id, user }]);
      expect(await leftBehind(pool)).toEqual(NOTHING);
    }));

  test('[T4] the context is that of the call, whatever the caller has become by the time a connection is free', () =>
    onOne(async (pool) => {
      const slow = as(one, () => pool.query('SELECT pg_sleep(0.05)'));
      const waiting = as(two, () => companies(pool));
      const third = as(one, () => companies(pool));
      await slow;
      expect(await Promise.all([waiting, third])).toEqual([[two.id], [one.id]]);
    }));

  test('[T4] a COMMIT inside a statement leaves no context', () =>
    onOne(async (pool) => {
      await as(one, () => pool.query('COMMIT'));
      expect(await leftBehind(pool)).toEqual(NOTHING);
      await as(one, () => pool.query('BEGIN')); // the connection is closed: it came back inside a transaction
      expect(await leftBehind(pool)).toEqual(NOTHING);
    }));

  for (const [what, sql] of [
    ['in the middle', 'SELECT 1 / (id IS NULL)::int FROM "Company"'],
    ['in its syntax', 'SELEKT 1'],
    ['on a constraint', `INSERT INTO "Branch" ("companyId", id, name) SELECT id, id, NULL FROM "Company"`],
    ['on a policy', `INSERT INTO "Company" (id, name, currency) VALUES (gen_random_uuid(), 'x', 'EUR')`],
  ] as const) {
    test(`[T4] a statement that fails ${what} leaves no context, and its connection is reused`, () =>
      onOne(async (pool) => {
        const before = await pid(pool);
        await expect(as(one, () => pool.query(sql))).rejects.toMatchObject({ severity: 'ERROR' });
        expect(await leftBehind(pool)).toEqual(NOTHING);
        expect(await as(two, () => companies(pool))).toEqual([two.id]);
        expect(await pid(pool)).toBe(before);
      }));
  }

  test('[T4] a context that is not a UUID is never sent to PostgreSQL', () =>
    onOne(async (pool) => {
      for (const id of ["' OR true --", '', `${one.id}'`, `${one.id}\n`, '*']) {
        await expect(async () =>
          withTenant({ companyId: id, userId: null }, () => pool.query('SELECT 1')),
        ).rejects.toThrow(/expected a UUID/);
        await expect(async () =>
          withTenant({ companyId: null, userId: id }, () => pool.connect()),
        ).rejects.toThrow(/expected a UUID/);
      }
    }));
});

describe('the context of a transaction', () => {
  test('[T4] applies to every statement from BEGIN to COMMIT, and is gone afterwards', () =>
    onOne(async (pool) => {
      await transactionAs(pool, tenantOf(one), async (query) => {
        expect(await query('SELECT id FROM "Company"')).toEqual([{ id: one.id }]);
        await query('SAVEPOINT here');
        await expect(query('SELECT 1/0')).rejects.toThrow();
        await query('ROLLBACK TO SAVEPOINT here');
        expect(await query(CONTEXT)).toEqual([{ company: one.id, user: '' }]);
      });
      expect(await leftBehind(pool)).toEqual(NOTHING);
    }));

  test('[T4] is gone after ROLLBACK and after an error', () =>
    onOne(async (pool) => {
      await expect(
        transactionAs(pool, tenantOf(one), () => Promise.reject(new Error('changed my mind'))),
      ).rejects.toThrow('changed my mind');
      expect(await leftBehind(pool)).toEqual(NOTHING);
      await expect(transactionAs(pool, tenantOf(one), (query) => query('SELECT 1/0'))).rejects.toThrow(
        /division/,
      );
      expect(await leftBehind(pool)).toEqual(NOTHING);
    }));

  test('[T4] the isolation level may still be set after BEGIN', () =>
    onOne(async (pool) => {
      const level = await transactionAs(pool, tenantOf(one), async (query) => {
        await query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
        return query('SELECT current_setting($1) AS level, (SELECT count(*)::int FROM "Company") AS n', [
          'transaction_isolation',
        ]);
      });
      expect(level).toEqual([{ level: 'serializable', n: 1 }]);
    }));

  test('[T4] a connection that comes back inside a transaction is closed and never used again', () =>
    onOne(async (pool) => {
      const before = await pid(pool);
      const client = await as<pg.PoolClient>(one, () => pool.connect());
      await client.query({ text: 'BEGIN' });
      expect((await client.query({ text: CONTEXT })).rows[0].company).toBe(one.id);
      client.release();
      expect(await leftBehind(pool)).toEqual(NOTHING);
      expect(await pid(pool)).not.toBe(before);
    }));
});

describe('a killed backend', () => {
  const kill = (id: number) => owner.query('SELECT pg_terminate_backend($1)', [id]);
  const isRunning = async (id: number) => {
    const sql = `SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND query LIKE '%pg_sleep%'`;
    return (await owner.query(sql, [id])).rowCount === 1;
  };

  test('[T4] between statements: the next one runs on a new connection with its own context', () =>
    onOne(async (pool) => {
      const before = await as(one, () => pid(pool));
      await kill(before);
      await until(() => pool.totalCount === 0);
      expect(await leftBehind(pool)).toEqual(NOTHING);
      expect(await as(two, () => companies(pool))).toEqual([two.id]);
      expect(await pid(pool)).not.toBe(before);
    }));

  test('[T4] during a statement: it fails, and the next caller sees their own company', () =>
    onOne(async (pool) => {
      const before = await pid(pool);
      const running = as(one, () => pool.query('SELECT pg_sleep(10)'));
      const failed = expect(running).rejects.toThrow();
      await until(() => isRunning(before));
      await kill(before);
      await failed;
      expect(await leftBehind(pool)).toEqual(NOTHING);
      expect(await as(two, () => companies(pool))).toEqual([two.id]);
    }));

  test('[T4] during a transaction: it fails, nothing of it stays, and the next caller sees their own company', () =>
    onOne(async (pool) => {
      await expect(
        transactionAs(pool, tenantOf(one), async (query) => {
          const [backend] = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
          await kill(backend?.pid as number);
          await query('SELECT 1');
        }),
      ).rejects.toThrow();
      expect(await leftBehind(pool)).toEqual(NOTHING);
      expect(await as(two, () => companies(pool))).toEqual([two.id]);
    }));
});

describe('on the wire', () => {
  let wire: { url: string; turns: () => number; server: Server };
  beforeAll(async () => {
    wire = await listenIn(database.appUrl);
  });
  afterAll(() => void wire.server.close());

  const statements = [
    { text: 'SELECT 1' },
    { text: 'SELECT $1::int AS n', values: [1] },
    { name: 'named', text: 'SELECT $1::int + 1 AS n', values: [1] },
    { name: 'named', text: 'SELECT $1::int + 1 AS n', values: [2] },
  ];
  const turnsOf = async (run: () => Promise<unknown>) => {
    const before = wire.turns();
    await run();
    return wire.turns() - before;
  };

  test('[T4] a statement with its context takes one round trip, as a statement without one does', async () => {
    const plain = new pg.Pool({ connectionString: wire.url, max: 1 });
    const ours = new TenantPool({ connectionString: wire.url, max: 1 });
    await Promise.all([plain.query('SELECT 1'), ours.query('SELECT 1')]);
    for (const statement of statements) {
      expect(await turnsOf(() => plain.query(statement))).toBe(1);
      expect(await turnsOf(() => queryAs(ours, tenantOf(one))(statement.text, statement.values))).toBe(1);
      expect(await turnsOf(() => as(one, () => ours.query(statement)))).toBe(1);
    }
    await Promise.all([plain.end(), ours.end()]);
  });

  test('[T4] a transaction sends BEGIN and context with its first statement, in one round trip', async () => {
    const plain = new pg.Pool({ connectionString: wire.url, max: 1 });
    const ours = new TenantPool({ connectionString: wire.url, max: 1 });
    await Promise.all([plain.query('SELECT 1'), ours.query('SELECT 1')]);
    const work = async (client: pg.PoolClient) => {
      for (const text of ['BEGIN', 'SELECT 1', 'COMMIT']) await client.query({ text });
      client.release();
    };
    expect(await turnsOf(async () => work(await plain.connect()))).toBe(3);
    expect(await turnsOf(async () => work(await as(one, () => ours.connect())))).toBe(2);
    await Promise.all([plain.end(), ours.end()]);
  });
});

/**
 * Between the pool and PostgreSQL: counts how often the client speaks after the server did, which
 * is a round trip.
 */
async function listenIn(target: string): Promise<{ url: string; turns: () => number; server: Server }> {
  const { hostname, port } = new URL(target);
  let turns = 0;
  const server = createServer((client: Socket) => {
    const upstream = dial(Number(port || 5432), hostname);
    let serverSpoke = true;
    client.on('data', (bytes) => {
      if (serverSpoke) turns += 1;
      serverSpoke = false;
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      serverSpoke = true;
      client.write(bytes);
    });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as { port: number }).port);
  return { url: url.href, turns: () => turns, server };
}

test('[F4] PostgreSQL ends a transaction of a server that is paused for longer than a request may take', async () => {
  const paused = new pg.Client({
    connectionString: database.appUrl,
    ...startupParameters({ requestTimeout: 0, pooler: undefined }),
  });
  const ended = new Promise<Error & { code?: string }>((resolve) => paused.on('error', resolve));
  await paused.connect();
  await paused.query('BEGIN');
  await paused.query('SELECT pg_advisory_xact_lock(4)');
  expect((await ended).code).toBe('25P03');
  await owner.query('SELECT pg_advisory_lock(4)'); // waits until the session has ended
  await owner.query('SELECT pg_advisory_unlock(4)');
});
