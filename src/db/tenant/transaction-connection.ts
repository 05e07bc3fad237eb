import type pg from 'pg';
import { notIdle } from './connection-state.ts';
import { corkForThisTurn, type PrecedingStatement, queryWithPreceding } from './pg-protocol.ts';
import type { TransactionScope } from './transaction-scope.ts';

export const BEGIN: PrecedingStatement = { text: 'BEGIN', values: [] };
const NO_RESULT = { rows: [], rowCount: 0, fields: [] };

/**
 * A transaction's connection, from BEGIN to COMMIT. BEGIN and the tenant context are sent with the first statement; COMMIT is sent
 * with the statements of `scope.atCommit`: a transaction of one statement takes two round trips.
 */
export function transactionConnection(
  client: pg.PoolClient,
  context: PrecedingStatement,
  scope: TransactionScope | undefined,
): pg.PoolClient {
  const onError = () => {}; // without a listener a killed backend would end the process
  client.on('error', onError);
  let pending: PrecedingStatement[] = [];

  async function query(config: { text: string }): Promise<unknown> {
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
    corkForThisTurn(client);
    if (preceding.length === 0) return client.query(config as pg.QueryConfig);
    return queryWithPreceding(client, preceding, config).catch(async (error) => {
      if (text === 'COMMIT') await client.query('ROLLBACK').catch(() => {});
      throw error;
    });
  }

  const release = (error?: Error) => {
    client.removeListener('error', onError);
    if (scope?.connection === connection) scope.connection = undefined;
    client.release(error ?? notIdle(client));
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
