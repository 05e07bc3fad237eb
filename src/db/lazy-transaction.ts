import { AsyncLocalStorage } from 'node:async_hooks';
import { delegatesOf, queryOf } from './delegates.ts';
import { knownError } from './fast-path/run-statement.ts';
import type { Prisma, PrismaClient } from './generated/client.ts';
import { type Extension, type Operation, operations } from './operations/operations.ts';
import type { TenantPool } from './tenant/pool.ts';
import { type TransactionScope, withTransactionScope } from './tenant/transaction-scope.ts';
import type { TransactionClient } from './transaction.ts';

type Run<T> = (tx: TransactionClient) => Promise<T>;
type Options = { maxWait?: number; timeout?: number; isolationLevel?: Prisma.TransactionIsolationLevel };
export type Transactions = <T>(run: Run<T>, options?: Options) => Promise<T>;

/** Prisma's transaction client without extensions, and how its transaction ends. */
type Begun = { plain: TransactionClient; commit(): Promise<void>; rollBack(error: unknown): Promise<void> };
type Lazy = { begin: () => Promise<Begun> };

/**
 * Opens transactions that begin with their first statement, as Prisma's interactive ones. One whose
 * first statement is its last write never is one of Prisma's: PostgreSQL runs and commits it in one
 * round trip.
 */
export function lazyTransactions(
  pool: TenantPool,
  extensions: Extension,
  client: PrismaClient,
): Transactions {
  const clients = delegatesOf<Lazy>(
    Object.entries(operations),
    async ({ begin }, call) => {
      const query: Operation['query'] = async (args) => queryOf((await begin()).plain, call)(args);
      return extensions({ ...call, query });
    },
    { base: raw, client },
  );
  return (run, options) =>
    withTransactionScope(async (scope) => {
      const inCaller = AsyncLocalStorage.snapshot();
      const lazy = lazyBegin(scope, () => inCaller(begun, client, options));
      scope.commitAlone = (write) =>
        lazy.commitAlone(() => inCaller(() => pool.commitWrite(scope.atCommit.splice(0), write)));
      return ended(scope, lazy, () => run(clients(lazy) as TransactionClient));
    });
}

const RAW = ['$queryRaw', '$queryRawUnsafe', '$executeRaw', '$executeRawUnsafe'] as const;
const raw = Object.fromEntries(
  RAW.map((name) => [
    name,
    async function (this: { own: Lazy }, ...given: [string]) {
      const { plain } = await this.own.begin();
      return (plain[name] as (...given: [string]) => unknown)(...given);
    },
  ]),
);

/** Runs the transaction's work, and then commits what has begun, or rolls it back. */
async function ended<T>(
  scope: TransactionScope,
  lazy: ReturnType<typeof lazyBegin>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const result = await work();
    if (scope.atCommit.length > 0) await lazy.begin();
    await (await lazy.end())?.commit();
    return result;
  } catch (error) {
    await (await lazy.end())?.rollBack(error);
    throw error;
  }
}

/** Begins once, with the first statement; not after the end. */
function lazyBegin(scope: TransactionScope, start: () => Promise<Begun>) {
  let beginning: Promise<Begun> | undefined;
  let over: Error | undefined;
  const lazy = {
    begin: (): Promise<Begun> => {
      if (over && !beginning) return Promise.reject(over);
      beginning ??= start();
      return beginning;
    },
    /** Runs the whole transaction, unless it has begun: null then. */
    commitAlone: <T>(commit: () => Promise<T>): Promise<T> | null => {
      if (beginning || over) return null;
      over = new Error('transaction: a statement after its last write');
      return commit();
    },
    /** Returns what has begun, which failed to begin where it is null. */
    end: async (): Promise<Begun | null> => {
      over ??= knownError('P2028', 'The transaction is over.');
      return (await beginning?.catch(() => null)) ?? null;
    },
  };
  scope.begin = lazy.begin;
  return lazy;
}

/** Begins one of Prisma's interactive transactions, which stays open until it is ended. */
async function begun(client: PrismaClient, options: Options | undefined): Promise<Begun> {
  const started = Promise.withResolvers<TransactionClient>();
  const outcome = Promise.withResolvers<void>();
  const done = client.$transaction((plain) => {
    started.resolve(plain as TransactionClient);
    return outcome.promise;
  }, options);
  done.catch(started.reject);
  return {
    plain: await started.promise,
    commit: () => {
      outcome.resolve();
      return done;
    },
    rollBack: (error) => {
      outcome.reject(error);
      return done.catch(() => {});
    },
  };
}
