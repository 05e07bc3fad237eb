import { PrismaPg } from '@prisma/adapter-pg';
import type { Keyring } from '../crypto/keys/keyring.ts';
import { steps } from './extensions.ts';
import { runner } from './fast-path/fast-path.ts';
import { Prisma, PrismaClient } from './generated/client.ts';
import type { ModelName } from './guarantees.gen.ts';
import { flatWhere, type Reader, readerOf } from './reader.ts';
import type { Tenant } from './tenant/context.ts';
import type { TenantPool } from './tenant/pool.ts';
import { statementNames } from './tenant/statement-names.ts';
import { holding } from './transaction.ts';

/**
 * Prisma with Bulwark's steps in their one order, outermost first: tenant (whose rows), capture (the record), seal (ciphertext), direct
 * (the short way to PostgreSQL). Nobody outside db/ and domain/command.ts holds this client: resolvers get `reader`, commands a
 * transaction.
 */
export function openClient(pool: TenantPool, keyring: Keyring): Db {
  const names = statementNames();
  const adapter = new PrismaPg(pool, { statementNameGenerator: ({ sql }) => names(sql) });
  const client = new PrismaClient({ adapter, errorFormat: 'minimal', transactionOptions: TRANSACTION });
  const $allOperations = steps(keyring, runner(pool, names));
  const extended = client
    .$extends(withoutBatching)
    // one extension for all steps: each one of Prisma's own would copy the arguments once more
    .$extends(asExtension({ name: 'bulwark', query: { $allModels: { $allOperations } } })) as unknown as Db;
  const db = withHeldConnection(extended);
  readers.set(db, readerOf($allOperations, client));
  return db;
}

const readers = new WeakMap<Db, (tenant: Tenant) => Reader>();

/** What resolvers hold: every model's reading methods, each call as this tenant. It cannot write and has no raw SQL. */
export function reader(db: Db, tenant: Tenant): Reader {
  const found = readers.get(db);
  if (!found) throw new Error('reader: expected a client of openClient');
  return found(tenant);
}

/** The extensions change what a query may do, not what it looks like. */
export type Db = PrismaClient;

/** How long a command may wait for a connection, and hold one; milliseconds. */
const TRANSACTION = { maxWait: 10_000, timeout: 20_000 };

/** Extensions are written as plain objects, so that only db/ imports the generated client. */
function asExtension(extension: object) {
  // biome-ignore lint/suspicious/noExplicitAny: Prisma types an extension by the generated client
  return Prisma.defineExtension(extension as any);
}

/** Statements of a transaction find its connection (`heldConnection`), however deep in an extension they are. */
function withHeldConnection(client: Db): Db {
  const $transaction = (run: never, options?: never) => holding(() => client.$transaction(run, options));
  return new Proxy(client, {
    get: (target, name) => (name === '$transaction' ? $transaction : Reflect.get(target, name)),
  });
}

type UniqueArgs = { where: Record<string, unknown> };
type Finder = { findFirst(args: unknown): unknown; findFirstOrThrow(args: unknown): unknown };
const self = (context: unknown): Finder => Prisma.getExtensionContext(context) as unknown as Finder;

/**
 * Prisma collects all `findUnique` of one tick into one query that runs in the context of whoever came first: another company's.
 * `findFirst` is not collected. The same-tick test in test/guarantees/tenants.test.ts keeps this.
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
  return { ...args, where: flatWhere($name, args.where) };
}
