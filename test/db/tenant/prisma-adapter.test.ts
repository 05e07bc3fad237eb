import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Prisma, PrismaClient } from '../../../src/db/generated/client.ts';
import { type FreshDatabase, freshDatabase } from '../../support/server/fresh-database.ts';

// When one of these fails after an upgrade of Prisma, src/db/tenant/transaction-connection.ts has
// to follow its new behaviour.
const hint = `Prisma ${Prisma.prismaVersion.client} no longer runs a transaction as src/db/tenant/transaction-connection.ts expects`;

let database: FreshDatabase;
let pool: pg.Pool;
let client: PrismaClient;
/**
 * What the adapter sent on connections that it checked out, and the callers' contexts in which it
 * checked them out.
 */
let sent: string[];
let contexts: unknown[];
let released: number;
const context = new AsyncLocalStorage<string>();

/** The pool as Prisma sees it, with what it is called with on record. */
class RecordingPool extends pg.Pool {
  // biome-ignore lint/suspicious/noExplicitAny: pg declares two overloads
  override connect(callback?: any): any {
    if (callback) return super.connect(callback);
    contexts.push(context.getStore());
    return super.connect().then((connection) => {
      const query = (config: { text: string }) => {
        sent.push(config.text);
        return connection.query(config);
      };
      const release = (error?: Error) => {
        released += 1;
        connection.release(error);
      };
      return new Proxy(connection, {
        get: (target, name) =>
          name === 'query' ? query : name === 'release' ? release : Reflect.get(target, name),
      });
    });
  }
}

beforeAll(async () => {
  database = await freshDatabase();
  pool = new RecordingPool({ connectionString: database.ownerUrl, max: 1 });
  client = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' });
  await client.$queryRaw`SELECT 1`;
});
beforeEach(() => {
  sent = [];
  contexts = [];
  released = 0;
});
afterAll(async () => {
  await client?.$disconnect();
  await pool?.end();
  await database?.drop();
});

describe('an interactive transaction of Prisma', () => {
  test('checks a connection out in the caller’s context, sends BEGIN and COMMIT as texts, and releases it', async () => {
    await context.run('caller', () => client.$transaction((tx) => tx.$queryRaw`SELECT 2`));
    expect(sent, hint).toEqual(['BEGIN', 'SELECT 2', 'COMMIT']);
    expect(contexts, hint).toEqual(['caller']);
    expect(released, hint).toBe(1);
  });

  test('sends ROLLBACK after an error of its caller', async () => {
    const failed = client.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 2`;
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(sent, hint).toEqual(['BEGIN', 'SELECT 2', 'ROLLBACK']);
    expect(released, hint).toBe(1);
  });

  test('sets an isolation level by a statement of its own after BEGIN', async () => {
    await client.$transaction((tx) => tx.$queryRaw`SELECT 2`, { isolationLevel: 'Serializable' });
    expect(sent, hint).toEqual([
      'BEGIN',
      'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE',
      'SELECT 2',
      'COMMIT',
    ]);
  });
});
