import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { openKeyring } from '../../../src/crypto/keys/keyring.ts';
import { type Db, openClient } from '../../../src/db/client.ts';
import { queryAs } from '../../../src/db/sql.ts';
import { type AccessScope, type Tenant, withTenant } from '../../../src/db/tenant/context.ts';
import { TenantPool, type TenantPoolConfig } from '../../../src/db/tenant/pool.ts';

/** A company with one branch; the branch bears the company's number. */
export type Company = { id: string; branchId: string; name: string };

const everything = (): AccessScope => 'company';
export const tenantOf = ({ id }: Pick<Company, 'id'>): Tenant => ({
  companyId: id,
  userId: null,
  accessScope: everything,
});

/** Companies as rows alone, past the record: these tests are about whose rows a statement sees. */
export async function makeCompanies(owner: pg.Client, count: number): Promise<Company[]> {
  const companies = Array.from({ length: count }, (_, index) => ({
    id: uuidv7(),
    branchId: uuidv7(),
    name: `Company ${index}`,
  }));
  await owner.query('SET session_replication_role = replica');
  for (const { id, branchId, name } of companies) {
    await owner.query(`INSERT INTO "Company" (id, name, currency) VALUES ($1, $2, 'EUR')`, [id, name]);
    await owner.query(`INSERT INTO "Branch" ("companyId", id, name) VALUES ($1, $2, $3)`, [
      id,
      branchId,
      name,
    ]);
  }
  await owner.query('SET session_replication_role = origin');
  return companies;
}

/** Prisma as the server opens it, on a pool of this size. */
export function openDb(
  url: string,
  max: number,
  options: TenantPoolConfig = {},
): { pool: TenantPool; db: Db; end: () => Promise<void> } {
  const pool = new TenantPool({ connectionString: url, max, ...options });
  const keyring = openKeyring(
    (companyId, sql, values) => queryAs(pool, { companyId, userId: null })(sql, values),
    [{ id: 'test', key: randomBytes(32) }],
  );
  const db = openClient(pool, keyring);
  return { pool, db, end: () => db.$disconnect().then(() => pool.end()) };
}

export const as = <T>(company: Pick<Company, 'id'>, run: () => PromiseLike<T>): Promise<T> =>
  withTenant(tenantOf(company), async () => await run());

export async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  return client;
}
