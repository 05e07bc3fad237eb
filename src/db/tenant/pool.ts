import pg from 'pg';
import { currentHold } from '../transaction.ts';
import { currentTenant } from './context.ts';
import { type Ahead, flushed } from './pg-protocol.ts';
import { type Lanes, openLanes } from './shared-connections.ts';
import { BEGIN, transactionOn } from './transaction-connection.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const contextAhead = (values: [company: string, user: string]): Ahead => ({
  name: 'bulwark_context',
  text: "SELECT set_config('app.company_id', $1, true), set_config('app.user_id', $2, true)",
  values,
});

/** What goes ahead of other statements is prepared once a connection, in one round trip. */
const prepare = (client: pg.ClientBase) =>
  Promise.all([
    client.query(contextAhead(['', ''])),
    client.query({ name: BEGIN.name, text: BEGIN.text }),
    client.query('ROLLBACK'),
  ]);

/** The two settings as text. Anything but a UUID stops here, before it gets near SQL. */
function contextValues(): [company: string, user: string] {
  const { companyId, userId } = currentTenant();
  for (const id of [companyId, userId]) {
    if (id !== null && !UUID.test(id)) throw new Error('tenant context: expected a UUID or null');
  }
  return [companyId ?? '', userId ?? ''];
}

/** The part of the connections that single statements share; the others are for transactions. */
const LANES = 0.5;

/** No statement and no wait for a connection may hold up everybody else; milliseconds. */
const PATIENCE = { statement_timeout: 15_000, connectionTimeoutMillis: 10_000 };

/**
 * The pool under Prisma: every statement and every transaction carries the tenant of the code that asked for it. This file alone
 * keeps the promise that no context outlives its statement (T4).
 */
export class TenantPool extends pg.Pool {
  private readonly lanes: Lanes;

  constructor(config: pg.PoolConfig) {
    const fixed = { options: '-c TimeZone=UTC', pipeline: true, ...PATIENCE };
    super({ ...fixed, ...config, onConnect: prepare } as pg.PoolConfig);
    this.lanes = openLanes(() => super.connect(), Math.ceil((this.options.max ?? 10) * LANES));
    this.on('error', () => {}); // an idle connection that the server closed; the pool has already dropped it
  }

  /** One statement outside a transaction. The tenant is read at the call, before anything is awaited. */
  // biome-ignore lint/suspicious/noExplicitAny: pg declares nine overloads
  override query(statement: any, values?: any): any {
    const context = contextValues();
    // nobody's: every statement before it has taken its own context with it, so that there is none to clear
    const ahead = context[0] || context[1] ? [contextAhead(context)] : [];
    const config = typeof statement === 'string' ? { text: statement, values } : statement;
    return this.lanes((client) => flushed(client, ahead, config));
  }

  /** A transaction's connection: its BEGIN carries the tenant of whoever checked it out. */
  // biome-ignore lint/suspicious/noExplicitAny: pg declares two overloads, and the pool calls the second itself
  override connect(callback?: any): any {
    if (callback) return super.connect(callback);
    const context = contextValues();
    const hold = currentHold();
    return super.connect().then((client) => transactionOn(client, contextAhead(context), hold));
  }
}
