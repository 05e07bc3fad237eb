import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RecordedChange, recordChanges } from '../../../src/audit/record/declaration.ts';
import { openKeyring } from '../../../src/crypto/keys/keyring.ts';
import { type Db, openClient } from '../../../src/db/client.ts';
import { type Query, queryAs } from '../../../src/db/sql.ts';
import { withTenant } from '../../../src/db/tenant/context.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { type TransactionClient, withTransaction } from '../../../src/db/transaction.ts';
import { connectAs, eventOf, newCompany } from '../../support/audit-scene.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { until } from '../../support/until.ts';

let database: FreshDatabase;
let pool: TenantPool;
let db: Db;
let companyId: string;
let branchId: string;
let departmentId: string;

beforeAll(async () => {
  database = await freshDatabase();
  pool = new TenantPool({ connectionString: database.appUrl, max: 6 });
  const query = (company: string, sql: string, values: unknown[]) =>
    queryAs(pool, { companyId: company, userId: null })(sql, values);
  db = openClient(pool, openKeyring(query, [{ id: 'm1', key: randomBytes(32) }]));
});
beforeEach(async () => {
  const company = await newCompany(database.appUrl);
  await company.db.end();
  [companyId, branchId, departmentId] = [company.id, company.branchId, uuidv7()];
  await write((tx) =>
    tx.department.create({ data: { companyId, id: departmentId, branchId, name: 'Harbour' } }),
  );
});
afterAll(async () => {
  await db.$disconnect();
  await pool.end();
  await database.drop();
});

const tenant = <T>(run: () => Promise<T>) =>
  withTenant({ companyId, userId: null, accessScope: () => 'company' }, run);

const sql: Query = (text, values) => queryAs(pool, { companyId, userId: null })(text, values);

/**
 * Runs, then has the events written, as a command does; `declared` is false for a transaction that
 * says nothing.
 */
async function write(
  run: (tx: TransactionClient) => Promise<unknown>,
  declared = true,
): Promise<RecordedChange[]> {
  const { performer, origin } = eventOf({ action: 'audit.exported' });
  return tenant(() =>
    db.$transaction((tx) =>
      withTransaction(tx, async () => {
        await run(tx);
        if (!declared) return [];
        return recordChanges((text, values) => tx.$queryRawUnsafe(text, ...values), { performer, origin });
      }),
    ),
  );
}

const newEmployee = (name: string) => ({
  companyId,
  id: uuidv7(),
  branchId,
  departmentId,
  name,
  email: `${name}@example.org`,
  startedOn: new Date('2026-01-05'),
  salary: '4711.50',
  iban: 'DE89370400440532013000',
});
const key = (id: string) => ({ key: { companyId, id } });
const branch = (name: string) => ({ companyId, id: uuidv7(), name });

describe('every write of an audited model captures its events', () => {
  test('[L1] create: the whole row, sealed columns as ciphertext', async () => {
    const row = newEmployee('ada');
    const [event] = await write((tx) => tx.employee.create({ data: row, select: { name: true } }));
    expect(event).toMatchObject({ action: 'employee.created', entity: 'Employee', entityId: row.id });
    expect(event?.before).toBeUndefined();
    expect(event?.after).toMatchObject({
      name: 'ada',
      startedOn: '2026-01-05T00:00:00.000Z',
      passport: null,
    });
    for (const column of ['salary', 'iban'])
      expect(event?.after?.[column]).toMatch(/^b1\.[\w-]+\.[\w-]{38,}$/);
    expect(JSON.stringify(event)).not.toMatch(/4711|3704|3000/);
  });

  test('[L1] update: only changed columns, before and after, both encrypted', async () => {
    const row = newEmployee('grace');
    await write((tx) => tx.employee.create({ data: row }));
    const [event] = await write((tx) =>
      tx.employee.update({
        where: key(row.id),
        data: { salary: '5000.00', name: 'Grace' },
        select: { id: true },
      }),
    );
    expect(Object.keys(event?.before ?? {}).sort()).toEqual(['id', 'name', 'salary']);
    expect(event).toMatchObject({
      action: 'employee.updated',
      before: { name: 'grace' },
      after: { name: 'Grace' },
    });
    const [stored] = await sql<{ salary: string }>('SELECT salary FROM "Employee" WHERE id = $1', [row.id]);
    expect(event?.after?.salary).toBe(stored?.salary);
    expect(event?.before?.salary).not.toBe(event?.after?.salary);
  });

  test('[L1] delete: the row as it was', async () => {
    const row = branch('Husum');
    await write((tx) => tx.branch.create({ data: row }));
    const [event] = await write((tx) => tx.branch.delete({ where: key(row.id) }));
    expect(event).toMatchObject({ action: 'branch.deleted', entityId: row.id, before: { name: 'Husum' } });
    expect(event?.after).toBeUndefined();
  });

  test('[L1] createMany and createManyAndReturn: an event for each row', async () => {
    const rows = ['a', 'b', 'c'].map(branch);
    const events = await write(async (tx) => {
      expect(await tx.branch.createMany({ data: rows.slice(0, 2) })).toEqual({ count: 2 });
      expect(await tx.branch.createManyAndReturn({ data: rows.slice(2) })).toHaveLength(1);
    });
    expect(events.map((event) => event.entityId)).toEqual(rows.map((row) => row.id));
  });

  test('[L1] updateMany, updateManyAndReturn and deleteMany: an event for each row that they hit, and no other', async () => {
    const rows = ['Amrum', 'Föhr', 'Sylt'].map(branch);
    const some = { where: { name: { in: ['Amrum', 'Sylt'] } } };
    await write((tx) => tx.branch.createMany({ data: rows }));
    const touched = await write(async (tx) => {
      expect(await tx.branch.updateMany({ ...some, data: { createdAt: new Date(0) } })).toEqual({ count: 2 });
    });
    expect(touched.map((event) => event.entityId)).toEqual([rows[0]?.id, rows[2]?.id]);
    expect(touched[0]?.after).toEqual({ id: rows[0]?.id, createdAt: '1970-01-01T00:00:00.000Z' });
    const renamed = await write((tx) =>
      tx.branch.updateManyAndReturn({ where: { id: rows[0]?.id }, data: { name: 'Pellworm' } }),
    );
    expect(renamed).toEqual([
      expect.objectContaining({
        before: { id: rows[0]?.id, name: 'Amrum' },
        after: { id: rows[0]?.id, name: 'Pellworm' },
      }),
    ]);
    const gone = await write(async (tx) => {
      expect(await tx.branch.deleteMany(some)).toEqual({ count: 1 });
    });
    expect(gone).toEqual([expect.objectContaining({ action: 'branch.deleted', entityId: rows[2]?.id })]);
  });

  test('[L1] upsert: a creation or a change', async () => {
    const row = branch('Tönning');
    const upsert = (name: string) => (tx: TransactionClient) =>
      tx.branch.upsert({ where: key(row.id), create: row, update: { name } });
    const actions = [await write(upsert('x')), await write(upsert('Heide'))].map((events) =>
      events.map((event) => event.action),
    );
    expect(actions).toEqual([['branch.created'], ['branch.updated']]);
  });

  test('[L1] lists, enums, dates and numbers look the same before and after', async () => {
    const id = uuidv7();
    const data = {
      companyId,
      id,
      slug: 'x',
      name: 'X',
      level: 2,
      accessScope: 'team' as const,
      permissions: ['a.b', 'c'],
    };
    await write((tx) => tx.role.create({ data }));
    const [event] = await write((tx) => tx.role.update({ where: key(id), data: { level: 3 } }));
    expect(event).toMatchObject({ before: { id, level: 2 }, after: { id, level: 3 } });
    expect(Object.keys(event?.after ?? {})).toHaveLength(2);
  });
});

describe('the snapshot before a change', () => {
  test('[L1] is exact when others change the same row at the same time', async () => {
    const id = uuidv7();
    await write((tx) =>
      tx.role.create({ data: { companyId, id, slug: 'n', name: 'N', level: 0, accessScope: 'self' } }),
    );
    await Promise.all(
      Array.from({ length: 12 }, () =>
        write((tx) => tx.role.update({ where: key(id), data: { level: { increment: 1 } } })),
      ),
    );
    const rows = await sql<{ body: string }>(
      'SELECT body FROM audit_event WHERE entity_id = $1 ORDER BY pos',
      [id],
    );
    const steps = rows
      .slice(1)
      .map((row) => JSON.parse(row.body))
      .map(({ before, after }) => [before.level, after.level]);
    expect(steps).toEqual(Array.from({ length: 12 }, (_, level) => [level, level + 1]));
  });
});

describe('a bulk write beside a concurrent change', () => {
  /**
   * Starts `write` while another transaction has run `change`, commits that once `write` waits for
   * it, and returns its events.
   */
  async function beside(change: string, bulk: (tx: TransactionClient) => Promise<unknown>) {
    const other = await connectAs(database.ownerUrl, companyId);
    try {
      await other.query('BEGIN; SET LOCAL session_replication_role = replica');
      await other.query(change);
      const running = write(bulk);
      await untilAnotherWaitsFor(other);
      await other.query('COMMIT');
      return await running;
    } finally {
      await other.end();
    }
  }

  const untilAnotherWaitsFor = (blocker: pg.Client) =>
    until(async () => {
      // a transaction sees pg_stat_activity as it was at its first look
      await blocker.query('SELECT pg_stat_clear_snapshot()');
      const { rowCount } = await blocker.query(
        'SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))',
      );
      return rowCount === 1;
    });

  test('[M10] deleteMany spares a row that stopped matching, and captures no event for it', async () => {
    const rows = ['Juist', 'Norderney'].map(branch);
    await write((tx) => tx.branch.createMany({ data: rows }));
    const events = await beside(`UPDATE "Branch" SET name = 'Baltrum' WHERE id = '${rows[0]?.id}'`, (tx) =>
      tx.branch.deleteMany({ where: { name: { in: ['Juist', 'Norderney'] } } }),
    );
    expect(events.map((event) => event.entityId)).toEqual([rows[1]?.id]);
    const kept = await sql('SELECT name FROM "Branch" WHERE id IN ($1, $2)', [rows[0]?.id, rows[1]?.id]);
    expect(kept).toEqual([{ name: 'Baltrum' }]);
  });

  test('[M10] updateManyAndReturn leaves a row that began to match only after the lock', async () => {
    const rows = ['Amrum', 'Helgoland'].map(branch);
    await write((tx) => tx.branch.createMany({ data: rows }));
    const change = `UPDATE "Branch" SET "createdAt" = 'epoch', name = 'Amrum ' || id WHERE id IN ('${rows[0]?.id}', '${rows[1]?.id}')`;
    const events = await beside(change, (tx) =>
      tx.branch.updateManyAndReturn({
        where: { name: { startsWith: 'Amrum' } },
        data: { createdAt: new Date(1000) },
      }),
    );
    expect(events).toEqual([
      expect.objectContaining({
        before: { id: rows[0]?.id, createdAt: '1970-01-01T00:00:00.000Z' },
        after: { id: rows[0]?.id, createdAt: '1970-01-01T00:00:01.000Z' },
      }),
    ]);
    const [other] = await sql('SELECT "createdAt" FROM "Branch" WHERE id = $1', [rows[1]?.id]);
    expect(other).toEqual({ createdAt: new Date(0) });
  });
});

describe('changes that cannot be audited', () => {
  test('[L1] a write outside of a transaction is refused', async () => {
    await expect(tenant(async () => db.branch.create({ data: branch('lost') }))).rejects.toThrow(
      /outside of a transaction/,
    );
  });

  test('[L1] a change without its event is refused by PostgreSQL and rolled back', async () => {
    await expect(write((tx) => tx.branch.create({ data: branch('unseen') }), false)).rejects.toThrow(
      /without its audit event/,
    );
    expect(await sql(`SELECT name FROM "Branch" WHERE name = 'unseen'`)).toEqual([]);
  });

  test('[L1] more than 1,000 rows in one call are refused', async () => {
    const rows = Array.from({ length: 1001 }, (_, n) => branch(`b${n}`));
    await expect(write((tx) => tx.branch.createMany({ data: rows }))).rejects.toThrow(/at most 1000 rows/);
  });

  test('[L1] a row of another company is not found', async () => {
    const other = await newCompany(database.appUrl);
    await other.db.end();
    await expect(
      write((tx) => tx.branch.update({ where: key(other.branchId), data: { name: 'x' } })),
    ).rejects.toThrow();
    expect(
      await write((tx) => tx.branch.updateMany({ where: { id: other.branchId }, data: { name: 'x' } })),
    ).toEqual([]);
  });
});

test('[L1] 1,000 rows are written in one transaction, each with its event', async () => {
  const rows = Array.from({ length: 1000 }, (_, n) => branch(`b${n}`));
  expect(await write((tx) => tx.branch.createMany({ data: rows }))).toHaveLength(1000);
});
