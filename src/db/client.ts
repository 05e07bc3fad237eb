import { PrismaPg } from '@prisma/adapter-pg';
import type { Keyring } from '../crypto/keys/keyring.ts';
import { type Use, useOf } from '../shortcuts.ts';
import { extensionsOf } from './extensions.ts';
import { prismaExecutor } from './fast-path/executor.ts';
import { fastPath } from './fast-path/fast-path.ts';
import { type RunStatement, replicatedRunner, statementRunner } from './fast-path/run-statement.ts';
import { Prisma, PrismaClient } from './generated/client.ts';
import type { ModelName } from './guarantees.gen.ts';
import { lazyTransactions, type Transactions } from './lazy-transaction.ts';
import { uniqueFilter } from './operations/unique-selector.ts';
import { type Reader, readerOf } from './reader.ts';
import type { Tenant } from './tenant/context.ts';
import type { TenantPool } from './tenant/pool.ts';
import type { ReplicaRead } from './tenant/required-state.ts';
import { statementNames } from './tenant/statement-names.ts';

/**
 * `fastPath: null` has Prisma run every operation: for tests and bench. Replicas answer statements
 * of the fast path's reads alone.
 */
export type ClientOptions = { fastPath?: Use<'fastPath'> | null; replica?: ReplicaRead | null };

/**
 * Opens Prisma with all extensions (db/extensions.ts). Resolvers get `reader` and commands a
 * transaction; nothing outside of db/ and domain/command.ts holds this client.
 */
export function openClient(
  pool: TenantPool,
  keyring: Keyring,
  { fastPath: use = useOf('fastPath'), replica = null }: ClientOptions = {},
): Db {
  const names = statementNames();
  const adapter = new PrismaPg(pool, { statementNameGenerator: ({ sql }) => names(sql) });
  const client = new PrismaClient({ adapter, errorFormat: 'minimal', transactionOptions: timesOf(pool) });
  const run = statementRunner(pool, names);
  const executorOf = (run: RunStatement) => (use ? fastPath(run, prismaExecutor, use) : prismaExecutor);
  const $allOperations = extensionsOf(keyring, executorOf(run));
  const extended = client
    .$extends(withoutBatching)
    // one of Prisma's extensions for all of ours: each copies the arguments once more
    .$extends(asExtension({ name: 'bulwark', query: { $allModels: { $allOperations } } })) as unknown as Db;
  const db = withTransactions(extended, lazyTransactions(pool, $allOperations, client));
  const reads = replica
    ? extensionsOf(keyring, executorOf(replicatedRunner(run, replica, names)))
    : $allOperations;
  readers.set(db, readerOf(reads, client));
  return db;
}

const readers = new WeakMap<Db, (tenant: Tenant) => Reader>();

/**
 * Returns every model's reading methods, each call as this tenant: what resolvers hold. It cannot
 * write and has no raw SQL.
 */
export function reader(db: Db, tenant: Tenant): Reader {
  const found = readers.get(db);
  if (!found) throw new Error('reader: expected a client of openClient');
  return found(tenant);
}

/** The extensions change what a query may do, not what it looks like. */
export type Db = PrismaClient;

/**
 * How long a command may wait for a connection, and hold one: Prisma's limits come after the
 * deadline's.
 */
const timesOf = ({ requestTimeout }: TenantPool) => ({
  maxWait: requestTimeout + 1_000,
  timeout: requestTimeout + 10_000,
});

/** Extensions are written as plain objects, so that only db/ imports the generated client. */
function asExtension(extension: object) {
  // biome-ignore lint/suspicious/noExplicitAny: Prisma types an extension by the generated client
  return Prisma.defineExtension(extension as any);
}

/** Replaces Prisma's transactions. */
const withTransactions = (client: Db, $transaction: Transactions): Db =>
  new Proxy(client, {
    get: (target, name) => (name === '$transaction' ? $transaction : Reflect.get(target, name)),
  });

type UniqueArgs = { where: Record<string, unknown> };
type Finder = { findFirst(args: unknown): unknown; findFirstOrThrow(args: unknown): unknown };
const self = (context: unknown): Finder => Prisma.getExtensionContext(context) as unknown as Finder;

/**
 * Prisma batches all `findUnique` of one tick into one query, which runs in the tenant context of
 * the first: possibly another company's. `findFirst` is not batched.
 * test/guarantees/tenancy/tenants.test.ts compares calls of the same tick.
 */
const withoutBatching = asExtension({
  name: 'without-batching',
  model: {
    $allModels: {
      findUnique(args: UniqueArgs) {
        return self(this).findFirst(flattened(this, args));
      },
      findUniqueOrThrow(args: UniqueArgs) {
        return self(this).findFirstOrThrow(flattened(this, args));
      },
    },
  },
});

/** { where: { key: { companyId, id } } } → { where: { companyId, id } }, as findFirst wants it. */
function flattened(context: unknown, args: UniqueArgs): UniqueArgs {
  const { $name } = Prisma.getExtensionContext(context) as unknown as { $name: ModelName };
  return { ...args, where: uniqueFilter($name, args.where) };
}
