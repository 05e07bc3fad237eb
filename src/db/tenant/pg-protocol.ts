import pg from 'pg';

type Callback = (error: Error | null, result: unknown) => void;

/**
 * A statement that goes ahead of another one, prepared under its name; its rows are not looked at. Values as PostgreSQL's text. Ahead of a
 * named statement it must be prepared already: pg would take its ParseComplete for that of the other.
 */
export type Ahead = { name: string; text: string; values: (string | null)[] };

// pg's own query class is public to extend but not typed that way.
// biome-ignore lint/suspicious/noExplicitAny: the protocol hooks below have no types
const Query = (pg as any).Query as new (config: unknown, values: unknown, callback: Callback) => any;

/**
 * Several statements in one flush with one Sync: whatever goes `ahead`, then the statement itself, whose result this is. Outside of a
 * transaction block one Sync is one implicit transaction (PostgreSQL manual, 54.2.3): what is set locally ahead is gone after it, also
 * when the statement fails. No round trip is added.
 */
class Flush extends Query {
  private readonly ahead: Ahead[];
  private left: number;

  constructor(ahead: Ahead[], config: object, callback: Callback) {
    super({ ...config, queryMode: 'extended' }, undefined, callback);
    this.ahead = ahead;
    this.left = ahead.length;
  }
  // biome-ignore lint/suspicious/noExplicitAny: pg's connection is untyped
  prepare(connection: any) {
    const parsed = new Set<string>();
    for (const { name, text, values } of this.ahead) {
      // one that goes ahead twice is prepared once: a second Parse of its name is an error
      if (connection.parsedStatements[name] === undefined && !parsed.has(name))
        connection.parse({ name, text });
      parsed.add(name);
      connection.bind({ statement: name, values });
      connection.execute({});
    }
    super.prepare(connection);
  }
  handleDataRow(message: unknown) {
    if (this.left === 0) super.handleDataRow(message);
  }
  handleCommandComplete(message: unknown, connection: unknown) {
    if (this.left === 0) super.handleCommandComplete(message, connection);
    else this.left -= 1;
  }
  // biome-ignore lint/suspicious/noExplicitAny: pg's connection is untyped
  handleReadyForQuery(connection: any) {
    for (const { name, text } of this.ahead) connection.parsedStatements[name] = text;
    super.handleReadyForQuery(connection);
  }
}

/** Runs the statement behind what goes ahead of it, on this connection. */
export const flushed = (client: pg.PoolClient, ahead: Ahead[], config: object): Promise<pg.QueryResult> =>
  new Promise((resolve, reject) => {
    const done: Callback = (error, result) => (error ? reject(error) : resolve(result as pg.QueryResult));
    client.query(new Flush(ahead, config, done) as unknown as pg.Submittable);
  });

type Corked = { connection: { stream: { cork(): void; uncork(): void; writableCorked: number } } };

/** Holds back what is written on this connection until this turn of the event loop ends: one write for all of it. */
export function gather(client: pg.PoolClient): void {
  const { stream } = (client as unknown as Corked).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}
