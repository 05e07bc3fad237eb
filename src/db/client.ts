import { PrismaPg } from '@prisma/adapter-pg';
import { captureExtension } from '../audit/extension.ts';
import { sealExtension } from '../crypto/extension.ts';
import type { Keyring } from '../crypto/keyring.ts';
import { direct, type Run, runner } from './direct.ts';
import { Prisma, PrismaClient } from './generated/client.ts';
import { guarantees, type ModelName } from './guarantees.gen.ts';
import { statementNames } from './statement-names.ts';
import { type Operation, tenantExtension } from './tenant.ts';
import { type Tenant, withTenant } from './tenant-context.ts';
import type { TenantPool } from './tenant-pool.ts';
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
  const extended = client
    .$extends(withoutBatching)
    .$extends(asExtension(steps(keyring, runner(pool, names)))) as unknown as Db;
  return withHeldConnection(extended);
}

/** The extensions change what a query may do, not what it looks like. */
export type Db = PrismaClient;

/** How long a command may wait for a connection, and hold one; milliseconds. */
const TRANSACTION = { maxWait: 10_000, timeout: 20_000 };

/** One extension for all steps: each one of Prisma's own would copy the arguments once more. */
function steps(keyring: Keyring, run: Run) {
  const tenant = tenantExtension.query.$allModels.$allOperations;
  const capture = captureExtension().query.$allModels.$allOperations;
  const seal = sealExtension(keyring).query.$allModels.$allOperations;
  const $allOperations = ({ model, operation, args, query }: Operation) => {
    const then = (step: (of: Operation) => Promise<unknown>, next: Operation['query']) => (inner: never) =>
      step({ model, operation, args: inner, query: next });
    const last = (inner: never) => direct(run, model as ModelName, operation, inner, query as never);
    return tenant({ model, operation, args, query: then(capture, then(seal, last)) });
  };
  return { name: 'bulwark', query: { $allModels: { $allOperations } } };
}

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

export function flatWhere(model: ModelName, where: Record<string, unknown>): Record<string, unknown> {
  const parts = Object.entries(where).map(([name, value]) =>
    guarantees[model].uniques[name] ? value : { [name]: value },
  );
  return Object.assign({}, ...parts);
}

const READS = [
  'findFirst',
  'findFirstOrThrow',
  'findUnique',
  'findUniqueOrThrow',
  'findMany',
  'count',
  'aggregate',
  'groupBy',
] as const;
type Read = (typeof READS)[number];
type Delegate = Record<Read, (args: unknown) => PromiseLike<unknown>>;

/** What resolvers hold: every model's reading methods, each call as this tenant. It cannot write and has no raw SQL. */
export type Reader = { [Model in Uncapitalize<ModelName>]: Pick<Db[Model], Read> };

export function reader(db: Db, tenant: Tenant): Reader {
  const models = Object.keys(guarantees).map((name) => name[0]?.toLowerCase() + name.slice(1));
  const delegates = models.map((model) => [
    model,
    readsOnly(db[model as 'employee'] as unknown as Delegate, tenant),
  ]);
  return Object.fromEntries(delegates) as Reader;
}

const readsOnly = (delegate: Delegate, tenant: Tenant) =>
  Object.fromEntries(
    READS.map((method) => [
      method,
      (args: unknown) => withTenant(tenant, async () => await delegate[method](args)),
    ]),
  );
