import { globSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  corkForThisTurn,
  destroyConnection,
  namedBackend,
  onReadOnly,
  parseStatement,
  prepareStatement,
  queryWithPreceding,
  requestCancel,
} from '../../../src/db/tenant/pg-protocol.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import { until } from '../../support/until.ts';

// When one of these fails after an upgrade of pg, src/db/tenant/pg-protocol.ts has to follow pg's
// new internals.
const hint = (what: string) => `pg ${VERSION} no longer has ${what}, which src/db/tenant/pg-protocol.ts uses`;
const VERSION = (pg as unknown as { version?: string }).version ?? '';

let database: FreshDatabase;
let client: pg.Client;
// biome-ignore lint/suspicious/noExplicitAny: pg's connection has no public type
let connection: any;

beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.ownerUrl, pipeline: true });
  await client.connect();
  connection = (client as unknown as { connection: unknown }).connection;
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

describe('the parts of pg that are not public', () => {
  test.each(['prepare', 'handleDataRow', 'handleCommandComplete', 'handleReadyForQuery'])(
    'pg.Query has the protocol hook %s',
    (name) => {
      expect(typeof pg.Query.prototype[name as 'on'], hint(`Query.${name}`)).toBe('function');
    },
  );

  test.each(['parse', 'bind', 'execute', 'sync'])('a connection sends the message %s', (name) => {
    expect(typeof connection[name], hint(`connection.${name}`)).toBe('function');
  });

  test('a connection lists the statements that it has parsed, by name', async () => {
    await client.query({ name: 'contract', text: 'SELECT 1' });
    expect(connection.parsedStatements?.contract, hint('connection.parsedStatements')).toBe('SELECT 1');
  });

  test('a connection’s stream can be corked', () => {
    const { stream } = connection;
    for (const name of ['cork', 'uncork'])
      expect(typeof stream?.[name], hint(`connection.stream.${name}`)).toBe('function');
    expect(stream.writableCorked, hint('connection.stream.writableCorked')).toBe(0);
  });
});

test('the parts of pg that are not public are used in one file only', () => {
  const internals =
    /\bpg\.(Query|Connection)\b|parsedStatements|writableCorked|processID|secretKey|\.connection\.stream/;
  const users = globSync('src/**/*.ts').filter((file) => internals.test(readFileSync(file, 'utf8')));
  expect(users).toEqual(['src/db/tenant/pg-protocol.ts']);
});

test('a direct connection names the backend that answers it', async () => {
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  expect(namedBackend(client)).toBe(rows[0].pid);
});

test('a write that PostgreSQL refuses as read-only is told, and no other refusal', async () => {
  let told = 0;
  onReadOnly(client, () => {
    told += 1;
  });
  await client.query('SELECT 1 / 0').catch(() => {});
  expect(told).toBe(0);
  await client.query('BEGIN READ ONLY');
  await expect(client.query('CREATE TABLE refused ()')).rejects.toThrow('read-only transaction');
  await client.query('ROLLBACK');
  expect(told).toBe(1);
});

describe('the public parts of pg', () => {
  test('a client reports its transaction status', async () => {
    expect(client.getTransactionStatus()).toBe('I');
    await client.query('BEGIN');
    expect(client.getTransactionStatus()).toBe('T');
    await client.query('ROLLBACK');
    expect(client.getTransactionStatus()).toBe('I');
  });

  test('a client can be pipelined', () => {
    expect(client.pipeline).toBe(true);
  });
});

describe('a statement with preceding ones', () => {
  const set = (value: string) => ({ text: `SELECT set_config('app.user_id', $1, true)`, values: [value] });
  const setting = { text: `SELECT current_setting('app.user_id', true) AS value` };

  test('resolves with its own rows only', async () => {
    const { rows } = await queryWithPreceding(client, [set('a'), set('b')], setting);
    expect(rows).toEqual([{ value: 'b' }]);
  });

  test('is one implicit transaction with them, and local settings end with it', async () => {
    await queryWithPreceding(client, [set('a')], setting);
    expect((await client.query(setting)).rows).toEqual([{ value: '' }]);
  });

  test('fails with the error of a preceding one, and leaves the connection usable', async () => {
    const broken = { text: 'SELECT 1 / $1::int', values: ['0'] };
    await expect(queryWithPreceding(client, [broken], setting)).rejects.toMatchObject({ code: '22012' });
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
  });

  test('may be preceded by one that was parsed without being run', async () => {
    const divided = (by: string) => ({ text: 'SELECT 12 / $1::int', values: [by] });
    await parseStatement(client, divided('0'));
    const named = { ...setting, name: 'behind_a_parsed_one' };
    for (const value of ['1', '2'])
      expect((await queryWithPreceding(client, [divided(value), set(value)], named)).rows).toEqual([
        { value },
      ]);
    expect(connection.parsedStatements).toMatchObject({ behind_a_parsed_one: setting.text });
  });

  test('may be named when its preceding ones are prepared', async () => {
    await prepareStatement(client, set(''));
    const named = { ...setting, name: 'named_setting' };
    for (const value of ['x', 'y']) {
      corkForThisTurn(client);
      expect((await queryWithPreceding(client, [set(value)], named)).rows).toEqual([{ value }]);
    }
  });
});

describe('a connection whose statement is cancelled', () => {
  /** A cancel request before the statement began would cancel nothing. */
  const isSleeping = async (db: pg.Client) =>
    (
      await db.query(
        `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`,
      )
    ).rowCount === 1;

  test('has it cancelled by a cancel request, and stays usable [F3]', async () => {
    const running = client.query('SELECT pg_sleep(60)');
    const failed = expect(running).rejects.toMatchObject({ code: '57014' });
    await until(() => asOwner(database.ownerUrl, isSleeping));
    await requestCancel(client);
    await failed;
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  test('fails its statements when it is destroyed [F4]', async () => {
    const lost = new pg.Client({ connectionString: database.ownerUrl, pipeline: true });
    lost.on('error', () => {});
    await lost.connect();
    const failed = expect(lost.query('SELECT pg_sleep(60)')).rejects.toThrow(/terminated/);
    destroyConnection(lost);
    await failed;
  });
});
