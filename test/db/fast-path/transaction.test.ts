import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TransactionClient, withTransaction } from '../../../src/db/transaction.ts';
import { storageError } from '../../../src/graphql/errors/database-errors.ts';
import { as, type Company, connect, makeCompanies, openDb } from '../../support/db/companies.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { until } from '../../support/until.ts';

let database: FreshDatabase;
let owner: pg.Client;
let companies: Company[];
let [one, two] = [] as unknown as [Company, Company];
let open: ReturnType<typeof openDb>;

beforeAll(async () => {
  database = await freshDatabase();
  owner = await connect(database.ownerUrl);
  companies = await makeCompanies(owner, 20);
  [one, two] = companies as [Company, Company];
  open = openDb(database.appUrl, 4);
});
afterAll(async () => {
  await open?.end();
  await owner?.end();
  await database?.drop();
});

type Run<T> = (tx: TransactionClient) => Promise<T>;
const transaction = <T>(company: Company, run: Run<T>, options = {}): Promise<T> =>
  as(company, () =>
    open.db.$transaction((tx) => withTransaction(tx, () => run(tx)), options as never),
  ) as Promise<T>;
const undone = new Error('undone');
const rolledBack = async (company: Company, run: Run<unknown>) => {
  const work = async (tx: TransactionClient) => {
    await run(tx);
    throw undone;
  };
  await expect(transaction(company, work)).rejects.toBe(undone);
};
const branch = (company: Company, name: string) => ({ companyId: company.id, id: crypto.randomUUID(), name });
const names = (rows: { name: string }[]) => rows.map(({ name }) => name).sort();
const backend = async (tx: TransactionClient) =>
  (await tx.$queryRaw<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`)[0].pid;
const there = async (name: string) =>
  (await owner.query('SELECT 1 FROM "Branch" WHERE name = $1', [name])).rowCount;

describe('inside a transaction', () => {
  test('[T4] a read sees earlier writes, a read outside does not, and a failure rolls all back', async () => {
    await rolledBack(one, async (tx) => {
      const row = await tx.branch.create({ data: branch(one, 'new') });
      await tx.branch.update({
        where: { key: { companyId: one.id, id: one.branchId } },
        data: { name: 'renamed' },
      });
      expect(names(await tx.branch.findMany())).toEqual(['new', 'renamed']);
      expect(await tx.branch.count({ where: { id: row.id } })).toBe(1);
      expect(
        names((await tx.company.findFirstOrThrow({ include: { branches: true } })).branches),
      ).toHaveLength(2);
      const outside = await (await connectAs(one)).query('SELECT name FROM "Branch"');
      expect(names(outside.rows)).toEqual([one.name]);
    });
    expect(names(await as(one, () => open.db.branch.findMany()))).toEqual([one.name]);
  });

  test('[T4] an answer shows its own write, also in lists beneath a relation', async () => {
    await rolledBack(one, async (tx) => {
      const include = { company: { include: { branches: true } } };
      const made = await tx.branch.create({ data: branch(one, 'new'), include });
      expect(names(made.company.branches)).toEqual([one.name, 'new'].sort());
      const where = { key: { companyId: one.id, id: one.branchId } };
      const changed = await tx.branch.update({ where, data: { name: 'renamed' }, include });
      expect(names(changed.company.branches)).toEqual(['new', 'renamed']);
      const asked = { branches: { where: { company: { name: 'Other' } } } };
      const { branches } = await tx.company.update({
        where: { id: one.id },
        data: { name: 'Other' },
        include: asked,
      });
      expect(branches).toHaveLength(2);
    });
  });

  test('[T4] two concurrent transactions share no connection and do not see each other', async () => {
    const meeting = { here: 0, all: () => {} };
    const everybody = new Promise<void>((resolve) => {
      meeting.all = resolve;
    });
    const work = (company: Company) => async (tx: TransactionClient) => {
      const pid = await backend(tx);
      await tx.branch.create({ data: branch(company, 'mine') });
      if (++meeting.here === 3) meeting.all();
      await everybody;
      const seen = names(await tx.branch.findMany());
      const again = await backend(tx);
      expect({ seen, again }).toEqual({ seen: [company.name, 'mine'].sort(), again: pid });
      seenBy.push(pid);
    };
    const seenBy: number[] = [];
    await Promise.all(
      [one, two, companies[2] as Company].map((company) => rolledBack(company, work(company))),
    );
    expect(new Set(seenBy).size).toBe(3);
  });

  test('[T4] calls of many companies in one tick, in transactions and beside them, answer each their own', async () => {
    const LONG = { maxWait: 60_000, timeout: 60_000 };
    const asked = companies.flatMap((company) => [
      as(company, () => open.db.branch.findMany({ include: { company: true } })).then(
        ([row]) => row?.company.name,
      ),
      as(company, () => open.db.branch.findFirstOrThrow({ where: { company: { is: {} } } })).then(
        ({ name }) => name,
      ),
      transaction(company, (tx) => tx.branch.findFirstOrThrow().then(({ name }) => name), LONG),
      transaction(
        company,
        async (tx) => {
          const found = await Promise.all([1, 2, 3].map(() => tx.branch.findMany()));
          return [...new Set(found.flatMap(names))].join();
        },
        LONG,
      ),
      as(company, () => open.db.branch.count()).then((count) => (count === 1 ? company.name : count)),
    ]);
    expect(await Promise.all(asked)).toEqual(companies.flatMap(({ name }) => Array(5).fill(name)));
  });

  test('[T4] a killed backend is an error and rolled back, and the next transaction runs', async () => {
    const killed = transaction(one, async (tx) => {
      await tx.branch.create({ data: branch(one, 'killed') });
      await owner.query('SELECT pg_terminate_backend($1)', [await backend(tx)]);
      return tx.branch.findMany();
    });
    await expect(killed).rejects.toThrow();
    expect(await there('killed')).toBe(0);
    const after = await Promise.all(
      companies.map((company) => transaction(company, (tx) => tx.branch.findMany())),
    );
    expect(after.map(names)).toEqual(companies.map(({ name }) => [name]));
  });

  test('[T4] a statement after the end of its transaction is refused, and not executed', async () => {
    const late: Promise<unknown>[] = [];
    let ended = () => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    await transaction(one, async (tx) => {
      await tx.branch.count();
      late.push(end.then(() => tx.branch.create({ data: branch(one, 'late') })));
      late.push(end.then(() => tx.branch.findMany()));
    });
    ended();
    for (const { status, reason } of (await Promise.allSettled(late)) as PromiseRejectedResult[])
      expect([status, storageError(reason)?.code]).toEqual(['rejected', 'UNAVAILABLE']);
    expect(await there('late')).toBe(0);
  });

  test('[T4] a transaction past its time-out is rolled back, and later statements are refused', async () => {
    const slow = transaction(
      one,
      async (tx) => {
        await tx.branch.create({ data: branch(one, 'early') });
        await until(() =>
          tx.branch.count().then(
            () => false,
            () => true,
          ),
        );
        const outcomes = await Promise.allSettled([
          tx.branch.findMany(),
          tx.branch.create({ data: branch(one, 'late') }),
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
        return outcomes;
      },
      { timeout: 100 },
    );
    await expect(slow).rejects.toMatchObject({ code: 'P2028' });
    expect([await there('early'), await there('late')]).toEqual([0, 0]);
  });

  test('[T4] another company’s call inside of a transaction reads none of its rows', async () => {
    await rolledBack(one, async (tx) => {
      await tx.branch.create({ data: branch(one, 'new') });
      const theirs = await as(two, () => open.db.branch.findMany()).then(names, () => []);
      expect(theirs.filter((name) => name !== two.name)).toEqual([]);
      expect(names(await tx.branch.findMany())).toEqual([one.name, 'new'].sort());
    });
  });
});

async function connectAs(company: Company): Promise<{ query: (sql: string) => Promise<pg.QueryResult> }> {
  return { query: (sql) => as<pg.QueryResult>(company, () => open.pool.query(sql)) };
}
