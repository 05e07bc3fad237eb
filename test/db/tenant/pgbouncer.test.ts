import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryAs, transactionAs } from '../../../src/db/sql.ts';
import { verifyDatabase } from '../../../src/db/startup/checks.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { as, type Company, connect, makeCompanies, openDb, tenantOf } from '../../support/db/companies.ts';
import { pgbouncerInstalled, startPgbouncer } from '../../support/db/pgbouncer.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';

let database: FreshDatabase;
let owner: pg.Client;
let companies: Company[];

beforeAll(async () => {
  database = await freshDatabase();
  owner = await connect(database.ownerUrl);
  companies = await makeCompanies(owner, 6);
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

describe.skipIf(!pgbouncerInstalled).each(['session', 'transaction'] as const)(
  'behind PgBouncer in %s mode',
  (mode) => {
    let pgbouncer: Awaited<ReturnType<typeof startPgbouncer>>;
    /** Of two servers, which share the backends of PgBouncer. */
    let pools: TenantPool[];

    beforeAll(async () => {
      pgbouncer = await startPgbouncer(database.appUrl, mode);
      pools = [1, 2].map(() => new TenantPool({ connectionString: pgbouncer.url, max: 10, pooler: mode }));
    });
    afterAll(async () => {
      await Promise.all(pools.map((pool) => pool.end()));
      await pgbouncer.stop();
    });

    test('[F8] the start-up checks succeed', async () => {
      await verifyDatabase(queryAs(pools[0] as TenantPool, { companyId: null, userId: null }));
    });

    test('[F8][T4] a thousand statements and transactions of two servers each see their own company', async () => {
      const one = async (index: number): Promise<boolean> => {
        const company = companies[index % companies.length] as Company;
        const pool = pools[index % 2] as TenantPool;
        const sql = 'SELECT id FROM "Branch"';
        const found =
          index % 3 === 0
            ? await transactionAs(pool, tenantOf(company), async (query) => {
                const first = await query<{ id: string }>(sql);
                const [second] = await query<{ name: string }>('SELECT name FROM "Company" WHERE id = $1', [
                  company.id,
                ]);
                return second?.name === company.name ? first : [];
              })
            : await queryAs(pool, tenantOf(company))<{ id: string }>(sql);
        return found.length === 1 && found[0]?.id === company.branchId;
      };
      const right = await Promise.all(Array.from({ length: 1000 }, (_, index) => one(index)));
      expect(right.filter((seen) => !seen)).toEqual([]);
    });

    test('[F8][T4] a statement without a company sees no row after those', async () => {
      const query = queryAs(pools[1] as TenantPool, { companyId: null, userId: null });
      const seen = await Promise.all(Array.from({ length: 40 }, () => query('SELECT id FROM "Branch"')));
      expect(seen.flat()).toEqual([]);
    });

    test('[F8][T4] Prisma and the fast path read their own company, alone and in transactions', async () => {
      const { db, end } = openDb(pgbouncer.url, 6, { pooler: mode });
      const one = (company: Company, index: number) =>
        as(company, () =>
          index % 2
            ? db.branch.findMany({ select: { id: true } })
            : db.$transaction((tx) =>
                tx.branch.findMany({ where: { name: { contains: '' } }, select: { id: true } }),
              ),
        );
      const asked = Array.from({ length: 120 }, (_, index) => companies[index % 6] as Company);
      const found = await Promise.all(asked.map(one));
      await end();
      expect(found).toEqual(asked.map(({ branchId }) => [{ id: branchId }]));
    });

    test('[F8] a statement that fails does not affect its neighbours', async () => {
      const query = queryAs(pools[0] as TenantPool, tenantOf(companies[0] as Company));
      const outcomes = await Promise.allSettled(
        Array.from({ length: 40 }, (_, index) =>
          query(index % 2 ? 'SELECT 1 / 0' : 'SELECT id FROM "Branch"'),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    });
  },
);
