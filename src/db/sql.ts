import type pg from 'pg';
import { type Tenant, withTenant } from './tenant/context.ts';
import type { Ahead } from './tenant/pg-protocol.ts';
import type { TenantPool } from './tenant/pool.ts';
import { statementNames } from './tenant/statement-names.ts';
import { holding } from './transaction.ts';

/** Runs one statement in a tenant's context; values are bound, rows come back as pg gives them. */
export type Query = <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;

/** A query inside a transaction. What `atCommit` holds is sent together with its COMMIT, in one round trip. */
export type TransactionalQuery = Query & { atCommit: Ahead[] };

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
  run: (query: TransactionalQuery) => Promise<T>,
): Promise<T> {
  const { client, atCommit } = await held(pool, tenant);
  const query: Query = async (sql, values = []) => (await client.query(prepared(sql, values))).rows;
  try {
    await client.query({ text: 'BEGIN' });
    const result = await run(Object.assign(query, { atCommit }));
    await client.query({ text: 'COMMIT' }); // without a name, as what goes ahead of it may have to be prepared yet (flush.ts)
    return result;
  } catch (error) {
    await client.query({ text: 'ROLLBACK' }).catch(() => {}); // the connection is checked when it is released
    throw error;
  } finally {
    client.release();
  }
}

const held = (pool: TenantPool, tenant: Tenant): Promise<{ client: pg.PoolClient; atCommit: Ahead[] }> =>
  holding(async ({ atCommit }) => ({
    client: await withTenant(tenant, () => pool.connect()),
    atCommit,
  }));
