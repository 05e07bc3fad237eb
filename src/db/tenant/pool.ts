import pLimit, { type LimitFunction } from 'p-limit';
import pg from 'pg';
import { currentDeadline, Deadline, inTime } from '../../deadline.ts';
import { currentTenant } from './context.ts';
import {
  type PrecedingStatement,
  prepareStatement,
  queryWithPreceding,
  useUnnamedStatements,
} from './pg-protocol.ts';
import {
  connectBefore,
  ownConnections,
  type StatementRunner,
  sharedConnections,
} from './shared-connections.ts';
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

/** The part of the connections that single statements share as a rule; the others are for transactions. */
const SHARED_PART = 0.5;
/** The part that transactions never take, and the part that single statements never take: neither starves the other. */
const RESERVED_PART = 0.3;
const REQUEST_TIMEOUT_MS = 10_000;
/** PostgreSQL ends a statement by itself this long after its deadline, should the cancellation not arrive; milliseconds. */
const BACKSTOP_MS = 5_000;

const startupParameters = (requestTimeout: number) => ({
  options: '-c TimeZone=UTC',
  statement_timeout: requestTimeout + BACKSTOP_MS,
});

export type TenantPoolConfig = pg.PoolConfig & {
  /**
   * How PgBouncer, if there is one, shares its connections. It refuses start-up parameters, so that the database's own settings
   * apply; in transaction mode statements have no name, since each transaction may meet another backend.
   */
  pooler?: 'session' | 'transaction' | undefined;
  /** `false` gives each statement a connection of its own: for tests and bench. */
  shareConnections?: boolean;
  /** How long a statement outside of any request may take, and how long a connection is waited for; milliseconds. */
  requestTimeout?: number;
};

/**
 * The pool under Prisma: every statement and every transaction carries the tenant of the code that called it, and ends with the
 * deadline of the request. This file alone guarantees that no context outlives its statement (T4).
 */
export class TenantPool extends pg.Pool {
  private readonly run: StatementRunner;
  private readonly transactions: LimitFunction;
  readonly requestTimeout: number;

  constructor({
    shareConnections = true,
    requestTimeout = REQUEST_TIMEOUT_MS,
    pooler,
    ...config
  }: TenantPoolConfig) {
    const fixed = {
      pipeline: shareConnections,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      ...(pooler ? {} : startupParameters(requestTimeout)),
      connectionTimeoutMillis: requestTimeout,
    };
    super({
      ...fixed,
      ...config,
      onConnect: pooler === 'transaction' ? useUnnamedStatements : prepare,
    } as pg.PoolConfig);
    this.requestTimeout = requestTimeout;
    const max = this.options.max ?? 10;
    const rest = max - Math.floor(max * RESERVED_PART);
    this.transactions = pLimit(rest);
    const connect = () => super.connect();
    this.run = shareConnections
      ? sharedConnections(connect, { usual: Math.ceil(max * SHARED_PART), most: rest })
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
    const submit = (client: pg.PoolClient) => queryWithPreceding(client, preceding, config);
    const run = (deadline: Deadline) => this.run({ text: config.text, deadline, submit });
    const deadline = currentDeadline();
    return deadline ? run(deadline) : inTime(this.requestTimeout, run);
  }

  /** Checks out a transaction's connection: its BEGIN carries the tenant of the caller. */
  // biome-ignore lint/suspicious/noExplicitAny: pg declares two overloads, and the pool calls the second itself
  override connect(callback?: any): any {
    if (callback) return super.connect(callback);
    const context = contextStatement(contextValues());
    const scope = transactionScope();
    const deadline = currentDeadline() ?? new Deadline();
    const connect = () => super.connect();
    return new Promise((resolve, reject) => {
      deadline.onEnd(reject);
      void this.transactions(async () => {
        await connectBefore(deadline, connect).then((client) => {
          const released = new Promise<void>((onRelease) => {
            resolve(transactionConnection(client, { context, scope, deadline, onRelease }));
          });
          return released;
        }, reject);
      });
    });
  }
}
