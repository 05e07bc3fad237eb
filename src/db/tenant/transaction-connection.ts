import type pg from 'pg';
import type { Held } from '../transaction.ts';
import { type Ahead, flushed, gather } from './pg-protocol.ts';
import { notIdle } from './shared-connections.ts';

export const BEGIN: Ahead = { name: 'bulwark_begin', text: 'BEGIN', values: [] };
const NOTHING = { rows: [], rowCount: 0, fields: [] };

/**
 * A transaction's connection, from BEGIN to COMMIT. BEGIN and the context wait for the first statement and go in its flush; COMMIT takes
 * along what was to be written last (`Held.atCommit`): a transaction of one statement is two round trips.
 */
export function transactionOn(client: pg.PoolClient, context: Ahead, hold: Held | undefined): pg.PoolClient {
  const onError = () => {}; // without a listener a killed backend would end the process
  client.on('error', onError);
  let waiting: Ahead[] = [];

  async function query(config: { text: string }): Promise<unknown> {
    const { text } = config;
    if (text === 'BEGIN') {
      waiting = [BEGIN, context];
      return NOTHING;
    }
    const last = text === 'COMMIT' && hold?.connection === connection ? hold.atCommit.splice(0) : [];
    // nothing has happened: there is nothing to end
    if ((text === 'COMMIT' || text === 'ROLLBACK') && waiting.length > 0 && last.length === 0) {
      waiting = [];
      return NOTHING;
    }
    const ahead = [...waiting, ...last];
    waiting = [];
    // the context reads a setting, after which PostgreSQL takes no isolation level any more
    if (text.startsWith('SET TRANSACTION')) waiting = ahead.splice(1);
    gather(client);
    if (ahead.length === 0) return client.query(config as pg.QueryConfig);
    return flushed(client, ahead, config).catch(async (error) => {
      if (text === 'COMMIT') await client.query('ROLLBACK').catch(() => {});
      throw error;
    });
  }

  const release = (error?: Error) => {
    client.removeListener('error', onError);
    if (hold?.connection === connection) hold.connection = undefined;
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
  if (hold) hold.connection ??= connection;
  return connection;
}
