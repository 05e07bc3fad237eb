import pg from 'pg';
import { declaring } from '../../audit/record/declaration.ts';
import { currentDeadline, Deadline, inTime } from '../../deadline.ts';
import { AppError } from '../../errors.ts';
import { currentTenant } from './context.ts';
import { deferredAuthentication, requireIdentity } from './deferred-authentication.ts';
import { type FairQueue, fairQueue } from './fair-queue.ts';
import {
  onReadOnly,
  type PrecedingStatement,
  parseStatement,
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
import { tracedStatement } from './traced-statement.ts';
import { BEGIN, type TransactionOptions, transactionConnection } from './transaction-connection.ts';
import { transactionScope } from './transaction-scope.ts';
import { wholeTransaction } from './whole-transaction.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const contextStatement = (values: [company: string, user: string]): PrecedingStatement => ({
  text: "SELECT set_config('app.company_id', $1, true), set_config('app.user_id', $2, true)",
  values,
});

/** Preceding statements are prepared once a connection, in one round trip. */
const prepare = (client: pg.ClientBase, parses: PrecedingStatement[]) =>
  Promise.all([
    prepareStatement(client, contextStatement(['', ''])),
    parseStatement(client, requireIdentity({ key: '', version: '' })).catch(ifDefined),
    ...parses.map((statement) => parseStatement(client, statement)),
    prepareStatement(client, BEGIN),
    prepareStatement(client, declaring('')),
    client.query('ROLLBACK'),
  ]);

/** A database that is not migrated yet lacks the function: `assertMigrated` tells so. */
const ifDefined = (error: pg.DatabaseError): void => {
  if (error.code !== '42883') throw error;
};

/** Returns the two settings as text. Throws for anything but a UUID, before it gets near SQL. */
function contextValues(): [company: string, user: string] {
  const { companyId, userId } = currentTenant();
  for (const id of [companyId, userId]) {
    if (id !== null && !UUID.test(id)) throw new Error('tenant context: expected a UUID or null');
  }
  return [companyId ?? '', userId ?? ''];
}

/**
 * The part of the connections that single statements share as a rule; the others are for
 * transactions.
 */
const SHARED_PART = 0.5;
/**
 * The parts that transactions leave to single statements, and single statements to transactions:
 * neither starves the other. Transactions keep a connection for several waits.
 */
const RESERVED_PART = { singles: 0.2, transactions: 0.3 };
/**
 * How many transactions of one company are open at a time. They wait for one another at the
 * company's chain of events: more cost more for each, and would keep other companies' transactions
 * waiting.
 */
const TRANSACTIONS_OF_ONE = 3;
const REQUEST_TIMEOUT_MS = 10_000;
/** Whatever PostgreSQL refuses a connection for: the request is not at fault. */
const unreachable = (cause: unknown) =>
  new AppError('UNAVAILABLE', 'The database does not answer; retry later.', { cause });
/**
 * PostgreSQL ends a statement by itself this long after its deadline, should the cancellation not
 * arrive, and a transaction whose server is paused, with its locks; milliseconds.
 */
const BACKSTOP_MS = 5_000;

/** What a connection sends at its start, unless PgBouncer is between. */
export function startupParameters({ requestTimeout, pooler }: { requestTimeout: number; pooler: Pooler }) {
  if (pooler) return {};
  const most = requestTimeout + BACKSTOP_MS;
  const options = `-c TimeZone=UTC -c idle_in_transaction_session_timeout=${most}`;
  return { options, statement_timeout: most };
}

type Pooler = 'session' | 'transaction' | undefined;
type Terms = Omit<TransactionOptions, 'scope'>;

export type TenantPoolConfig = pg.PoolConfig & {
  /**
   * How PgBouncer, if there is one, shares its connections. It refuses start-up parameters, so that
   * the database's own settings apply; in transaction mode statements have no name, since each
   * transaction may meet another backend.
   */
  pooler?: Pooler;
  /** `false` gives each statement a connection of its own: for tests and bench. */
  shareConnections?: boolean;
  /** Statements that `readBehind` is given: each connection parses them. */
  parses?: PrecedingStatement[];
  /**
   * How long a statement outside of any request may take, and how long a connection is waited for;
   * milliseconds.
   */
  requestTimeout?: number;
};

/**
 * The pool under Prisma: every statement and every transaction carries the tenant of the code that
 * called it, and ends with the deadline of the request. This file alone guarantees that no context
 * outlives its statement (T4).
 */
export class TenantPool extends pg.Pool {
  private readonly run: StatementRunner;
  private readonly transactions: FairQueue;
  /** Connections since the last `renew`. */
  private current = new WeakSet<object>();
  private suspect = () => {};
  private waitingTransactions = 0;
  readonly requestTimeout: number;

  constructor({
    shareConnections = true,
    requestTimeout = REQUEST_TIMEOUT_MS,
    pooler,
    parses = [],
    ...config
  }: TenantPoolConfig) {
    const fixed = {
      pipeline: shareConnections,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      ...startupParameters({ requestTimeout, pooler }),
      connectionTimeoutMillis: requestTimeout,
    };
    super({
      ...fixed,
      ...config,
      onConnect:
        pooler === 'transaction' ? useUnnamedStatements : (client: pg.ClientBase) => prepare(client, parses),
    } as pg.PoolConfig);
    this.requestTimeout = requestTimeout;
    const max = this.options.max ?? 10;
    const without = (part: number) => Math.max(1, max - Math.ceil(max * part));
    this.transactions = fairQueue(without(RESERVED_PART.singles), TRANSACTIONS_OF_ONE);
    const connect = () => this.checkOut();
    this.run = shareConnections
      ? sharedConnections(connect, {
          usual: Math.ceil(max * SHARED_PART),
          most: without(RESERVED_PART.transactions),
        })
      : ownConnections(connect);
    this.on('error', () => {}); // an idle connection that the server closed; the pool has already dropped it
    this.on('connect', (client) => this.current.add(client));
  }

  /** Calls back when a connection fails, is lost, or meets a PostgreSQL that is read-only. */
  onTrouble(suspect: () => void): void {
    this.suspect = suspect;
    this.on('connect', (client) => {
      client.on('error', suspect);
      onReadOnly(client, () => {
        this.current.delete(client); // it may stay read-only when the database no longer is
        suspect();
      });
    });
  }

  /** The connections of now, and how many statements and transactions wait for one. */
  figures(): { busy: number; idle: number; waiting: number; limit: number } {
    const { totalCount, idleCount, waitingCount } = this;
    const waiting = waitingCount + this.waitingTransactions;
    return { busy: totalCount - idleCount, idle: idleCount, waiting, limit: this.options.max ?? 10 };
  }

  /** Replaces each connection before its next use. */
  renew(): void {
    this.current = new WeakSet();
  }

  private async checkOut(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await super.connect().catch((error) => {
        this.suspect();
        throw unreachable(error);
      });
      if (this.current.has(client)) return client;
      client.release(true);
    }
  }

  /**
   * Runs one statement outside of a transaction. The tenant is read at the call, before anything is
   * awaited.
   */
  // biome-ignore lint/suspicious/noExplicitAny: pg declares nine overloads
  override query(statement: any, values?: any): any {
    const context = contextValues();
    // without a company and a user there is nothing to set: each statement before took its own
    // context with it
    const preceding = context[0] || context[1] ? [contextStatement(context)] : [];
    const config = typeof statement === 'string' ? { text: statement, values } : statement;
    const start = () => this.single(preceding, config);
    const authentication = deferredAuthentication();
    return authentication ? authentication.verified().then(start) : start();
  }

  /** Runs one read of the caller's tenant, unless the statement before it fails. */
  readBehind(first: PrecedingStatement, statement: object): Promise<pg.QueryResult> {
    return this.single([contextStatement(contextValues()), first], statement as { text: string });
  }

  private single(preceding: PrecedingStatement[], config: { text: string }): Promise<pg.QueryResult> {
    const submit = (client: pg.PoolClient) => queryWithPreceding(client, preceding, config);
    const run = (deadline: Deadline) => this.run({ text: config.text, deadline, submit });
    const deadline = currentDeadline();
    const send = () => (deadline ? run(deadline) : inTime(this.requestTimeout, run));
    return tracedStatement(config.text, send);
  }

  /** Checks out a transaction's connection: its BEGIN carries the tenant of the caller. */
  // biome-ignore lint/suspicious/noExplicitAny: pg declares two overloads, and the pool calls the second itself
  override connect(callback?: any): any {
    if (callback) return super.connect(callback);
    const scope = transactionScope();
    const start = () =>
      this.checkout(async (client, terms) => transactionConnection(client, { ...terms, scope }));
    const authentication = deferredAuthentication();
    return authentication ? authentication.verified().then(start) : start();
  }

  /**
   * Runs a write, behind these statements, as a whole transaction of the caller's tenant: in one
   * round trip, in which the caller's identity is verified first where that was deferred.
   */
  commitWrite(preceding: PrecedingStatement[], write: object): Promise<pg.QueryResult> {
    const commit = (first: PrecedingStatement[]) =>
      this.checkout((client, { context, ...terms }) =>
        wholeTransaction(client, { ...terms, preceding: [...first, context, ...preceding], write }),
      );
    return tracedStatement('COMMIT', () => deferredAuthentication()?.verifiedBy(commit) ?? commit([]));
  }

  /** Waits for a connection and the company's turn; `use` has both until it calls `onRelease`. */
  private checkout<T>(use: (client: pg.PoolClient, terms: Terms) => Promise<T>): Promise<T> {
    const [company, user] = contextValues();
    const context = contextStatement([company, user]);
    const deadline = currentDeadline() ?? new Deadline();
    const connect = () => this.checkOut();
    return new Promise((resolve, reject) => {
      deadline.onEnd(reject);
      this.waitingTransactions += 1;
      this.transactions(company || user, async () => {
        this.waitingTransactions -= 1;
        await connectBefore(deadline, connect).then((client) => {
          return new Promise<void>((onRelease) => {
            resolve(use(client, { context, deadline, onRelease }));
          });
        }, reject);
      });
    });
  }
}
