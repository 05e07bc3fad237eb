import type pg from 'pg';
import { type Tenant, withTenant } from './tenant/context.ts';
import type { PrecedingStatement } from './tenant/pg-protocol.ts';
import type { TenantPool } from './tenant/pool.ts';
import { statementNames } from './tenant/statement-names.ts';
import { withTransactionScope } from './tenant/transaction-scope.ts';

/** Runs one statement in a tenant's context; values are bound, rows come back as pg gives them. */
export type Query = <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;

/**
 * A query inside a transaction. What `atCommit` holds is sent together with its COMMIT, in one
 * round trip.
 */
export type TransactionalQuery = Query & { atCommit: PrecedingStatement[] };

const names = statementNames();
/** Prepared once a connection: parsing and planning a look-up takes as long as running it. */
const prepared = (text: string, values: unknown[]) => ({ name: names(text), text, values });

/**
 * Returns a query for statements outside of Prisma (sessions, keys, audit log), each as this
 * tenant.
 */
export const queryAs =
  (pool: TenantPool, tenant: Tenant): Query =>
  (sql, values = []) =>
    withTenant(tenant, async () => (await pool.query(prepared(sql, values))).rows);

/** Runs `run` in one transaction as this tenant: all of its statements commit, or none does. */
export async function transactionAs<T>(
  pool: TenantPool,
  tenant: Tenant,
  run: (query: TransactionalQuery) => Promise<T>,
): Promise<T> {
  const { client, atCommit } = await checkout(pool, tenant);
  const query: Query = async (sql, values = []) => (await client.query(prepared(sql, values))).rows;
  try {
    await client.query({ text: 'BEGIN' });
    const result = await run(Object.assign(query, { atCommit }));
    await client.query({ text: 'COMMIT' }); // without a name, since a preceding statement may have to be prepared yet (pg-protocol.ts)
    return result;
  } catch (error) {
    await client.query({ text: 'ROLLBACK' }).catch(() => {}); // the connection is checked when it is released
    throw error;
  } finally {
    client.release();
  }
}

const checkout = (pool: TenantPool, tenant: Tenant) =>
  withTransactionScope(async ({ atCommit }) => ({
    client: (await withTenant(tenant, () => pool.connect())) as pg.PoolClient,
    atCommit,
  }));
