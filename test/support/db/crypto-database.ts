import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { system } from '../../../src/audit/record/body.ts';
import { declarationStatement } from '../../../src/audit/record/declaration.ts';
import { newKeyBytes } from '../../../src/crypto/aead.ts';
import { type Keyring, openKeyring } from '../../../src/crypto/keys/keyring.ts';
import { type Db, openClient } from '../../../src/db/client.ts';
import { queryAs } from '../../../src/db/sql.ts';
import { withTenant } from '../../../src/db/tenant/context.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { type TransactionClient, withTransaction } from '../../../src/db/transaction.ts';
import { type FreshDatabase, freshDatabase } from '../server/fresh-database.ts';
import { asOwner } from '../server/global-setup.ts';
import { until } from '../until.ts';

/** The database's owner with triggers off: lays out fixtures, and attacks as no other role can. */
export const ownerOf = (database: FreshDatabase): pg.Pool =>
  new pg.Pool({
    connectionString: database.ownerUrl,
    max: 2,
    options: '-c session_replication_role=replica',
  });

/**
 * pg's `end` resolves before its connections are gone; dropping the database would kill them, and
 * that error is no test's.
 */
export async function close(database: FreshDatabase, pools: pg.Pool[]): Promise<void> {
  await Promise.all(pools.map((pool) => pool.end()));
  await asOwner(database.ownerUrl, (db) =>
    until(async () => {
      const others =
        'SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
      return (await db.query(others)).rowCount === 0;
    }),
  );
  await database.drop();
}

export type Place = { companyId: string; branchId: string; departmentId: string };

export async function newCompany(owner: pg.Pool): Promise<Place> {
  const [companyId, branchId, departmentId] = [randomUUID(), randomUUID(), randomUUID()];
  await owner.query('INSERT INTO "Company" (id, name, currency) VALUES ($1, $2, $3)', [
    companyId,
    'Acme',
    'EUR',
  ]);
  await owner.query('INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, $3)', [
    companyId,
    branchId,
    'Main',
  ]);
  await owner.query('INSERT INTO "Department" ("companyId", id, "branchId", name) VALUES ($1, $2, $3, $4)', [
    companyId,
    departmentId,
    branchId,
    'Pay',
  ]);
  return { companyId, branchId, departmentId };
}

/** A row for `create`, with nothing sealed in it yet. */
export const employee = ({ branchId, departmentId, companyId }: Place) => ({
  ...{ companyId, branchId, departmentId, id: randomUUID(), name: 'Ada' },
  ...{ email: `${randomUUID()}@example.com`, startedOn: new Date('2026-01-01') },
});

/** The server's database layer, all extensions on, with a master key of its own. */
export async function sealedDatabase() {
  const database = await freshDatabase();
  const pool = new TenantPool({ connectionString: database.appUrl, max: 4 });
  const owner = ownerOf(database);
  const masterKeys = [{ id: 'test', key: newKeyBytes() }];
  const query = (companyId: string, sql: string, values: unknown[]) =>
    queryAs(pool, { companyId, userId: null })(sql, values);
  const keyring = openKeyring(query, masterKeys);
  const pools = [pool];
  /** Another server on this database. */
  const instance = (ring: Keyring): Db => {
    const own = new TenantPool({ connectionString: database.appUrl, max: 4 });
    pools.push(own);
    return openClient(own, ring);
  };
  const db = instance(keyring);
  const as = (companyId: string) => ({ companyId, userId: null, accessScope: () => 'company' as const });
  const read = <T>(companyId: string, run: (db: Db) => Promise<T>): Promise<T> =>
    withTenant(as(companyId), () => run(db));
  const write = <T>(companyId: string, run: (tx: TransactionClient) => Promise<T>): Promise<T> =>
    withTenant(as(companyId), () => db.$transaction((tx) => audited(tx, run)));
  const drop = async () => {
    await close(database, [...pools, owner]);
  };
  return { owner, instance, keyring, query, masterKeys, read, write, drop };
}

function audited<T>(tx: TransactionClient, run: (tx: TransactionClient) => Promise<T>): Promise<T> {
  return withTransaction(tx, async (transaction) => {
    const result = await run(tx);
    const origin = { requestId: 'test', ip: null, userAgent: null };
    transaction.atCommit.push(declarationStatement({ performer: system, origin }));
    return result;
  });
}
