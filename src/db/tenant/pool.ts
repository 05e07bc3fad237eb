import pg from 'pg';
import { currentTenant } from './context.ts';
import { type PrecedingStatement, prepareStatement, queryWithPreceding } from './pg-protocol.ts';
import { ownConnections, type StatementRunner, sharedConnections } from './shared-connections.ts';
import { BEGIN, transactionConnection } from './transaction-connection.ts';
import { transactionScope } from './transaction-scope.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const contextStatement = (values: [company: string, user: string]): PrecedingStatement => ({
  text: "SELECT set_config('app.company_id', $1, true), set_config('app.user_id', $2, true)",
  values,
});

/** Preceding statements are prepared once a connection, in one round trip. */
const prepare = (client: pg.ClientBase) =>
  Promise.all([
    prepareStatement(client, contextStatement(['', ''])),
    prepareStatement(client, BEGIN),
    client.query('ROLLBACK'),
  ]);

/** Returns the two settings as text. Throws for anything but a UUID, before it gets near SQL. */
function contextValues(): [company: string, user: string] {
  const { companyId, userId } = currentTenant();
  for (const id of [companyId, userId]) {
    if (id !== null && !UUID.test(id)) throw new Error('tenant context: expected a UUID or null');
  }
  return [companyId ?? '', userId ?? ''];
}

/** The part of the connections that single statements share; the others are for transactions. */
const SHARED_PART = 0.5;

/** No statement and no wait for a connection may hold up other requests for longer; milliseconds. */
const TIMEOUTS = { statement_timeout: 15_000, connectionTimeoutMillis: 10_000 };

/** `shareConnections: false` gives each statement a connection of its own: for tests and bench. */
export type TenantPoolConfig = pg.PoolConfig & { shareConnections?: boolean };

/**
 * The pool under Prisma: every statement and every transaction carries the tenant of the code that called it. This file alone
 * guarantees that no context outlives its statement (T4).
 */
export class TenantPool extends pg.Pool {
  private readonly run: StatementRunner;

  constructor({ shareConnections = true, ...config }: TenantPoolConfig) {
    const fixed = { options: '-c TimeZone=UTC', pipeline: shareConnections, ...TIMEOUTS };
    super({ ...fixed, ...config, onConnect: prepare } as pg.PoolConfig);
    const connect = () => super.connect();
    this.run = shareConnections
      ? sharedConnections(connect, Math.ceil((this.options.max ?? 10) * SHARED_PART))
      : ownConnections(connect);
    this.on('error', () => {}); // an idle connection that the server closed; the pool has already dropped it
  }

  /** Runs one statement outside of a transaction. The tenant is read at the call, before anything is awaited. */
  // biome-ignore lint/suspicious/noExplicitAny: pg declares nine overloads
  override query(statement: any, values?: any): any {
    const context = contextValues();
    // without a company and a user there is nothing to set: each statement before took its own context with it
    const preceding = context[0] || context[1] ? [contextStatement(context)] : [];
    const config = typeof statement === 'string' ? { text: statement, values } : statement;
    return this.run((client) => queryWithPreceding(client, preceding, config));
  }

  /** Checks out a transaction's connection: its BEGIN carries the tenant of the caller. */
  // biome-ignore lint/suspicious/noExplicitAny: pg declares two overloads, and the pool calls the second itself
  override connect(callback?: any): any {
    if (callback) return super.connect(callback);
    const context = contextStatement(contextValues());
    const scope = transactionScope();
    return super.connect().then((client) => transactionConnection(client, context, scope));
  }
}
