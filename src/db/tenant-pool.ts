import pg from 'pg';
import { type Lanes, notIdle, openLanes } from './lanes.ts';
import { currentTenant } from './tenant-context.ts';
import { currentHold } from './transaction.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const CONTEXT = 'bulwark_context';
const CONTEXT_SQL = "SELECT set_config('app.company_id', $1, true), set_config('app.person_id', $2, true)";

/** The two settings as text. Anything but a UUID stops here, before it gets near SQL. */
function contextValues(): [company: string, person: string] {
  const { companyId, personId } = currentTenant();
  for (const id of [companyId, personId]) {
    if (id !== null && !UUID.test(id)) throw new Error('tenant context: expected a UUID or null');
  }
  return [companyId ?? '', personId ?? ''];
}

type Callback = (error: Error | null, result: unknown) => void;
// pg's own query class is public to extend but not typed that way.
// biome-ignore lint/suspicious/noExplicitAny: the protocol hooks below have no types
const Query = (pg as any).Query as new (config: unknown, values: unknown, callback: Callback) => any;

/**
 * One flush, one Sync: Bind and Execute of the context, then the statement. One Sync is one implicit transaction (PostgreSQL
 * manual, 54.2.3), so the context, set locally, is gone after it, also when the statement fails. No round trip is added.
 */
class TenantQuery extends Query {
  private readonly context: [string, string];
  private contextDone = false;

  constructor(config: object, context: [string, string], callback: Callback) {
    super({ ...config, queryMode: 'extended' }, undefined, callback);
    this.context = context;
  }
  // biome-ignore lint/suspicious/noExplicitAny: pg's connection is untyped
  prepare(connection: any) {
    connection.bind({ statement: CONTEXT, values: this.context });
    connection.execute({});
    super.prepare(connection);
  }
  handleDataRow(message: unknown) {
    if (this.contextDone) super.handleDataRow(message);
  }
  handleCommandComplete(message: unknown, connection: unknown) {
    if (this.contextDone) super.handleCommandComplete(message, connection);
    else this.contextDone = true;
  }
}

/** BEGIN and SET LOCAL in one flush. SET LOCAL takes no snapshot, so `SET TRANSACTION ISOLATION LEVEL` may still follow. */
class BeginQuery extends Query {
  private readonly context: [string, string];

  constructor(config: object, context: [string, string], callback: Callback) {
    super({ ...config, name: undefined, queryMode: 'extended' }, undefined, callback);
    this.context = context;
  }
  // biome-ignore lint/suspicious/noExplicitAny: pg's connection is untyped
  prepare(connection: any) {
    const [company, person] = this.context;
    for (const text of [
      'BEGIN',
      `SET LOCAL app.company_id = '${company}'`,
      `SET LOCAL app.person_id = '${person}'`,
    ]) {
      connection.parse({ text });
      connection.bind({});
      connection.execute({});
    }
    connection.sync();
  }
}

const submit = (client: pg.PoolClient, make: (callback: Callback) => unknown): Promise<pg.QueryResult> =>
  new Promise((resolve, reject) => {
    client.query(
      make((error, result) => (error ? reject(error) : resolve(result as pg.QueryResult))) as pg.Submittable,
    );
  });

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
    const onConnect = async (client: pg.ClientBase) => {
      await client.query({ name: CONTEXT, text: CONTEXT_SQL, values: ['', ''] });
    };
    const fixed = { options: '-c TimeZone=UTC', pipeline: true, ...PATIENCE };
    super({ ...fixed, ...config, onConnect } as pg.PoolConfig);
    this.lanes = openLanes(() => super.connect(), Math.ceil((this.options.max ?? 10) * LANES));
    this.on('error', () => {}); // an idle connection that the server closed; the pool has already dropped it
  }

  /** One statement outside a transaction. The tenant is read at the call, before anything is awaited. */
  // biome-ignore lint/suspicious/noExplicitAny: pg declares nine overloads
  override query(statement: any, values?: any): any {
    const context = contextValues();
    const config = typeof statement === 'string' ? { text: statement, values } : statement;
    return this.lanes((client) => submit(client, (done) => new TenantQuery(config, context, done)));
  }

  /** A transaction's connection: its BEGIN carries the tenant of whoever checked it out. */
  // biome-ignore lint/suspicious/noExplicitAny: pg declares two overloads, and the pool calls the second itself
  override connect(callback?: any): any {
    if (callback) return super.connect(callback);
    const context = contextValues();
    const hold = currentHold();
    return super.connect().then((client) => {
      const onError = () => {};
      client.on('error', onError);
      const connection: pg.PoolClient = new Proxy(client, {
        get(target, property) {
          if (property === 'query') return (config: { text?: string }) => beginOr(target, config, context);
          if (property === 'release')
            return (error?: Error) => {
              target.removeListener('error', onError);
              if (hold?.connection === connection) hold.connection = undefined;
              target.release(error ?? notIdle(target));
            };
          const value = Reflect.get(target, property);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      if (hold) hold.connection ??= connection;
      return connection;
    });
  }
}

function beginOr(client: pg.PoolClient, config: { text?: string }, context: [string, string]) {
  if (config?.text !== 'BEGIN') return client.query(config as pg.QueryConfig);
  return submit(client, (callback) => new BeginQuery(config, context, callback));
}
