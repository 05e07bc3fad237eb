import type pg from 'pg';
import { statementNames } from './statement-names.ts';
import { type Tenant, withTenant } from './tenant-context.ts';
import type { TenantPool } from './tenant-pool.ts';

/** One statement in a tenant's context; values are bound, rows come back as pg gives them. */
export type Query = <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;

const names = statementNames('q');
/** Prepared once a connection: to parse and plan a look-up takes as long as to run it. */
const prepared = (text: string, values: unknown[]) => ({ name: names(text), text, values });

/** Statements outside of Prisma (sessions, keys, the record), each as this tenant. */
export const queryAs =
  (pool: TenantPool, tenant: Tenant): Query =>
  (sql, values = []) =>
    withTenant(tenant, async () => (await pool.query(prepared(sql, values))).rows);

/** All of `run`'s statements commit together, as this tenant, or none does. */
export async function transactionAs<T>(
  pool: TenantPool,
  tenant: Tenant,
  run: (query: Query) => Promise<T>,
): Promise<T> {
  const client: pg.PoolClient = await withTenant(tenant, () => pool.connect());
  const query: Query = async (sql, values = []) => (await client.query(prepared(sql, values))).rows;
  try {
    await query('BEGIN');
    const result = await run(query);
    await query('COMMIT');
    return result;
  } catch (error) {
    await query('ROLLBACK').catch(() => {}); // the connection is checked when it is released
    throw error;
  } finally {
    client.release();
  }
}

/** The record takes Prisma's raw interface; this is the same over one connection of the pool. */
export const through = (query: Query) => ({
  $executeRawUnsafe: async (sql: string, ...values: unknown[]) => (await query(sql, values)).length,
});
