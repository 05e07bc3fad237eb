/**
 * The only file that uses parts of pg that its documentation does not cover: `pg.Query`'s protocol
 * hooks, the statements that a connection has parsed, its stream, its errors and cancel requests.
 * test/db/tenant/pg-protocol.test.ts fails when an upgrade changes one of them.
 */
import type { EventEmitter } from 'node:events';
import pg from 'pg';
import { statementNames } from './statement-names.ts';

type Callback = (error: Error | null, result: unknown) => void;

/**
 * A statement sent in front of another one, prepared under a name; its rows are dropped. Values as
 * PostgreSQL's text. In front of a named statement it must be prepared already: pg would take its
 * ParseComplete for that of the other.
 */
export type PrecedingStatement = { text: string; values: (string | null)[] };

/** Names of the preceding statements, which are a handful of constant texts. */
const names = statementNames();

/**
 * Connections behind a pooler that may send each transaction to another backend, where no name is
 * known.
 */
const unnamed = new WeakSet<object>();

/** Sends all statements of this connection without a name from now on. */
export const useUnnamedStatements = (client: pg.ClientBase): void => void unnamed.add(client);

/** Returns the statement as it is sent on this connection. */
export const asSent = <Config extends object>(client: pg.ClientBase, config: Config): Config =>
  unnamed.has(client) ? { ...config, name: undefined } : config;

type Connection = {
  parsedStatements: Record<string, string>;
  parse(statement: { name: string; text: string }): void;
  bind(portal: { statement: string; values: (string | null)[] }): void;
  execute(portal: object): void;
  sync(): void;
  stream: { cork(): void; uncork(): void; writableCorked: number };
};
type ProtocolQuery = {
  name: string;
  text: string;
  prepare(connection: Connection): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
};

const Query = pg.Query as unknown as new (
  config: object,
  values: undefined,
  callback: Callback,
) => ProtocolQuery;

/**
 * Several statements with one Sync: the preceding ones, then the statement itself, whose result
 * this is. Outside of a transaction block one Sync is one implicit transaction (PostgreSQL manual,
 * 54.2.3): what is set locally before is gone after it, also when the statement fails. No round
 * trip is added.
 */
class StatementGroup extends Query {
  private readonly preceding: PrecedingStatement[];
  private readonly nameOf: (text: string) => string;
  private left: number;

  constructor(client: pg.ClientBase, preceding: PrecedingStatement[], config: object, callback: Callback) {
    super({ ...config, queryMode: 'extended' }, undefined, callback);
    this.preceding = preceding;
    this.nameOf = unnamed.has(client) ? () => '' : names;
    this.left = preceding.length;
  }
  override prepare(connection: Connection) {
    const parsed = new Set<string>();
    for (const { text, values } of this.preceding) {
      const name = this.nameOf(text);
      // one that stands here twice is prepared once: a second Parse of its name is an error
      if (name === '' || (connection.parsedStatements[name] === undefined && !parsed.has(name)))
        connection.parse({ name, text });
      parsed.add(name);
      connection.bind({ statement: name, values });
      connection.execute({});
    }
    super.prepare(connection);
  }
  override handleDataRow(message: unknown) {
    if (this.left === 0) super.handleDataRow(message);
  }
  override handleCommandComplete(message: unknown, connection: Connection) {
    if (this.left === 0) super.handleCommandComplete(message, connection);
    else this.left -= 1;
  }
  override handleReadyForQuery(connection: Connection) {
    for (const { text } of this.preceding) {
      const name = this.nameOf(text);
      if (name !== '') connection.parsedStatements[name] = text;
    }
    super.handleReadyForQuery(connection);
  }
}

/**
 * Runs a statement behind its preceding ones on this connection, in one round trip; resolves with
 * the statement's result.
 */
export const queryWithPreceding = (
  client: pg.ClientBase,
  preceding: PrecedingStatement[],
  config: object,
): Promise<pg.QueryResult> =>
  new Promise((resolve, reject) => {
    const done: Callback = (error, result) => (error ? reject(error) : resolve(result as pg.QueryResult));
    client.query(
      new StatementGroup(client, preceding, asSent(client, config), done) as unknown as pg.Submittable,
    );
  });

/** Prepares preceding statements on a new connection. Values stand for those that come later. */
export const prepareStatement = (client: pg.ClientBase, { text, values }: PrecedingStatement) =>
  client.query({ name: names(text), text, values });

/** Parses a statement under its name, and runs nothing. */
class Preparation extends Query {
  override prepare(connection: Connection) {
    const { name, text } = this;
    if (connection.parsedStatements[name] === undefined) connection.parse({ name, text });
    connection.sync();
  }
}

/** The same of a statement that fails with any values but those that come later. */
export const parseStatement = (
  client: pg.ClientBase,
  { text }: Pick<PrecedingStatement, 'text'>,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const config = { name: names(text), text, queryMode: 'extended' };
    const done: Callback = (error, result) => (error ? reject(error) : resolve(result));
    client.query(new Preparation(config, undefined, done) as unknown as pg.Submittable);
  });

/**
 * Corks this connection until the current turn of the event loop ends: one write for all that is
 * sent in it.
 */
export function corkForThisTurn(client: pg.ClientBase): void {
  const { stream } = (client as unknown as { connection: Connection }).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

type Backend = { processID: number; secretKey: number; connectionParameters: ConnectionParameters };
type ConnectionParameters = { host: string; port: number; ssl: unknown; sslnegotiation?: string };
type CancelConnection = {
  on(event: 'connect' | 'sslconnect' | 'error' | 'end', listener: () => void): void;
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
  stream: { destroy(): void };
};

/** How long a cancel request may take; milliseconds. */
const CANCEL_REQUEST_MS = 2_000;

/**
 * Asks PostgreSQL to cancel what this connection's backend runs, by a connection of its own
 * (PostgreSQL manual, 54.2.7). Resolves when the request has been delivered or has failed: whether
 * it had an effect shows in the statement.
 */
export function requestCancel(client: pg.ClientBase): Promise<void> {
  const { processID, secretKey, connectionParameters } = client as unknown as Backend;
  const { host, port, ssl, sslnegotiation } = connectionParameters;
  const PgConnection = pg.Connection as unknown as new (config: object) => CancelConnection;
  const connection = new PgConnection({ ssl, sslNegotiation: sslnegotiation });
  const send = () => connection.cancel(processID, secretKey);
  return new Promise<void>((resolve) => {
    const timer = setTimeout(() => connection.stream.destroy(), CANCEL_REQUEST_MS);
    connection.on('connect', () => {
      if (!ssl) send();
      else if (sslnegotiation !== 'direct') connection.requestSsl();
    });
    connection.on('sslconnect', send);
    connection.on('error', () => connection.stream.destroy());
    connection.on('end', () => {
      clearTimeout(timer);
      resolve();
    });
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
}

/** The process that the other side names as this connection's; a pooler names one of its own. */
export const namedBackend = (client: pg.ClientBase): number => (client as unknown as Backend).processID;

const READ_ONLY_TRANSACTION = '25006';

/** Calls back when PostgreSQL refuses a write on this connection because it is read-only. */
export function onReadOnly(client: pg.ClientBase, callback: () => void): void {
  const { connection } = client as unknown as { connection: EventEmitter };
  connection.on('errorMessage', ({ code }: { code?: string }) => {
    if (code === READ_ONLY_TRANSACTION) callback();
  });
}

/** Closes a connection whose backend does not answer; its statements fail. */
export const destroyConnection = (client: pg.ClientBase): void =>
  void (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
