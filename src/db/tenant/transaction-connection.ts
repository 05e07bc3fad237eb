import type pg from 'pg';
import type { Deadline } from '../../deadline.ts';
import { isDefinite } from './connection-state.ts';
import { commit, heldConnection } from './held-connection.ts';
import { asSent, corkForThisTurn, type PrecedingStatement, queryWithPreceding } from './pg-protocol.ts';
import { tracedStatement } from './traced-statement.ts';
import type { TransactionScope } from './transaction-scope.ts';

export const BEGIN: PrecedingStatement = { text: 'BEGIN', values: [] };
const NO_RESULT = { rows: [], rowCount: 0, fields: [] };

type Config = { text: string };
export type TransactionOptions = {
  context: PrecedingStatement;
  scope: TransactionScope | undefined;
  deadline: Deadline;
  /** Called once, when the connection is back in the pool. */
  onRelease: () => void;
};

/**
 * A transaction's connection, from BEGIN to COMMIT. BEGIN and the tenant context are sent with the
 * first statement; COMMIT is sent with the statements of `scope.atCommit`: a transaction of one
 * statement takes two round trips. At the deadline the statement that runs is cancelled; only
 * ROLLBACK is sent after it.
 */
export function transactionConnection(
  client: pg.PoolClient,
  { context, scope, deadline, onRelease }: TransactionOptions,
): pg.PoolClient {
  const held = heldConnection(client, onRelease);
  const { statements } = held;
  let pending: PrecedingStatement[] = [];

  async function query(config: Config): Promise<unknown> {
    const { text } = config;
    if (text === 'BEGIN') {
      pending = [BEGIN, context];
      return NO_RESULT;
    }
    const last = text === 'COMMIT' && scope?.connection === connection ? scope.atCommit.splice(0) : [];
    // BEGIN was not sent: there is nothing to end
    if ((text === 'COMMIT' || text === 'ROLLBACK') && pending.length > 0 && last.length === 0) {
      pending = [];
      return NO_RESULT;
    }
    const preceding = [...pending, ...last];
    pending = [];
    // the context reads a setting, after which PostgreSQL takes no isolation level any more
    if (text.startsWith('SET TRANSACTION')) pending = preceding.splice(1);
    return tracedStatement(text, () => send(preceding, config));
  }

  function send(preceding: PrecedingStatement[], config: Config): Promise<unknown> {
    const submit = () => {
      corkForThisTurn(client);
      return preceding.length === 0
        ? client.query(asSent(client, config) as pg.QueryConfig)
        : queryWithPreceding(client, preceding, config);
    };
    if (config.text === 'ROLLBACK') return statements.run(submit, {});
    if (deadline.reason) return Promise.reject(deadline.reason);
    if (config.text !== 'COMMIT') return statements.run(submit, { deadline });
    return commit(statements, submit, deadline).catch(async (error) => {
      if (isDefinite(error)) await client.query('ROLLBACK').catch(() => {});
      throw error;
    });
  }

  const release = (error?: Error) => {
    if (scope?.connection === connection) scope.connection = undefined;
    held.release(error);
  };
  const connection: pg.PoolClient = new Proxy(client, {
    get(target, property) {
      if (property === 'query') return query;
      if (property === 'release') return release;
      const value = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  if (scope) scope.connection ??= connection;
  return connection;
}
