import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWire, type Wire } from '../../bench/wire.ts';
import type { TransactionClient } from '../../src/db/transaction.ts';
import { as, type Company, connect, makeCompanies, openDb } from '../support/db/companies.ts';
import { type FreshDatabase, freshDatabase } from '../support/server/fresh-database.ts';

let database: FreshDatabase;
let owner: pg.Client;
let wire: Wire;
let [one, two] = [] as unknown as [Company, Company];
let open: ReturnType<typeof openDb>;

beforeAll(async () => {
  database = await freshDatabase();
  owner = await connect(database.ownerUrl);
  [one, two] = (await makeCompanies(owner, 2)) as [Company, Company];
  wire = await openWire(database.appUrl);
  open = openDb(wire.url, 4);
  await transaction(one, (tx) => tx.branch.count());
});
afterAll(async () => {
  await open?.end();
  await wire?.close();
  await owner?.end();
  await database?.drop();
});

const transaction = <T>(company: Company, run: (tx: TransactionClient) => Promise<T>): Promise<T> =>
  as(company, () => open.db.$transaction(run));
const names = (rows: { name: string }[]) => rows.map(({ name }) => name);

test('[P2] a transaction without a statement sends nothing', async () => {
  wire.reset();
  expect(await transaction(one, async () => 'result')).toBe('result');
  await expect(transaction(one, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(wire.traffic).toEqual({ trips: 0, statements: 0 });
});

test('[T4] a transaction that begins in another company’s context is its caller’s', async () => {
  const reads = (tx: TransactionClient) => [
    as(two, () => tx.$queryRaw<Company[]>`SELECT name FROM "Branch"`),
    as(two, () => tx.branch.findMany()),
  ];
  for (const index of [0, 1]) {
    const found = await transaction(one, (tx) => reads(tx)[index] as Promise<Company[]>);
    expect(names(found).filter((name) => name !== one.name)).toEqual([]);
  }
});

test.each<[string, (tx: TransactionClient) => Promise<unknown>]>([
  ['a read', (tx) => tx.branch.findMany()],
  ['a read that Prisma runs', (tx) => tx.branch.groupBy({ by: ['name'] })],
  ['a raw statement', (tx) => tx.$queryRaw`SELECT 1`],
])('[T4] %s after the end of a transaction that never began is refused and begins none', async (_, call) => {
  for (const fails of [false, true]) {
    const end = Promise.withResolvers<void>();
    let late: Promise<unknown> | undefined;
    const run = async (tx: TransactionClient) => {
      late = end.promise.then(() => call(tx));
      if (fails) throw new Error('refused');
    };
    await transaction(one, run).catch(() => {});
    wire.reset();
    end.resolve();
    await expect(late).rejects.toMatchObject({ code: 'P2028' });
    expect(wire.traffic.statements).toBe(0);
  }
});
