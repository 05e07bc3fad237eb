import { PrismaPg } from '@prisma/adapter-pg';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Sealed } from '../../../src/crypto/fields/sealed.ts';
import { openClient } from '../../../src/db/client.ts';
import { prismaExecutor } from '../../../src/db/fast-path/executor.ts';
import { fastPath } from '../../../src/db/fast-path/fast-path.ts';
import { statementRunner } from '../../../src/db/fast-path/run-statement.ts';
import { Prisma, PrismaClient } from '../../../src/db/generated/client.ts';
import { guarantees, type ModelName } from '../../../src/db/guarantees.gen.ts';
import { type Tenant, withTenant } from '../../../src/db/tenant/context.ts';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { statementNames } from '../../../src/db/tenant/statement-names.ts';
import { withTransactionScope } from '../../../src/db/tenant/transaction-scope.ts';
import { withTransaction } from '../../../src/db/transaction.ts';
import { storageError } from '../../../src/graphql/errors/database-errors.ts';
import { useOf } from '../../../src/shortcuts.ts';
import { argumentsFor, type Rows } from '../../support/db/arguments.ts';
import { connect } from '../../support/db/companies.ts';
import { populate } from '../../support/db/population.ts';
import { openWorld, type World } from '../../support/server/world.ts';

type Args = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: models and operations are picked at run time
type Client = any;
/** Two clients that differ in their executor alone. */
type Pair = { fastPath: Client; prisma: Client };

const MODELS = (Object.keys(guarantees) as ModelName[]).filter((name) => name !== 'MasterKeyCheck');
const delegate = (model: ModelName) => `${model[0]?.toLowerCase()}${model.slice(1)}`;

const use = useOf('fastPath');
let world: World;
let pool: TenantPool;
/** Without other extensions: `where` and data arrive as the caller wrote them. */
let bare: Pair;
/** As the server opens them: tenant, capture and seal stand before the executor. */
let whole: Pair;
let tenant: Tenant;
let rows: Rows;

beforeAll(async () => {
  world = await openWorld();
  const owner = await connect(world.database.ownerUrl);
  const me = (await owner.query(`SELECT * FROM "Employee" WHERE email = 'company_member@acme.example'`))
    .rows[0];
  await populate(owner, me.companyId);
  await owner.end();
  tenant = { companyId: me.companyId, userId: me.userId, accessScope: () => 'company' };
  pool = new TenantPool({ connectionString: world.database.appUrl, max: 2 });
  bare = bareClients(pool);
  const { keyring } = world.services;
  whole = {
    fastPath: openClient(pool, keyring, { fastPath: use }),
    prisma: openClient(pool, keyring, { fastPath: null }),
  };
  const readable = (model: ModelName) =>
    withTenant(tenant, () => bare.prisma[delegate(model)].findMany()).catch(() => []); // not the server's to read: so are its errors
  const all = MODELS.map(async (model) => [model, await readable(model)]);
  rows = Object.fromEntries(await Promise.all(all)) as Rows;
});
afterAll(async () => {
  const pairs = [bare, whole].filter((pair) => pair);
  await Promise.all(pairs.flatMap((pair) => Object.values(pair).map((client) => client.$disconnect())));
  await pool?.end();
  await world?.end();
});

function bareClients(on: TenantPool): Pair {
  const client = () => new PrismaClient({ adapter: new PrismaPg(on), errorFormat: 'minimal' });
  const run = fastPath(statementRunner(on, statementNames()), prismaExecutor, use);
  const extension = { query: { $allModels: { $allOperations: run as never } } };
  return { fastPath: client().$extends(extension), prisma: client() };
}

/** What came out, so that no two different things look the same. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return `Date ${Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()}`;
  if (value instanceof Sealed) return `Sealed ${value.ciphertext}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value === undefined ? 'undefined' : value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

/** An error as a client sees it; Prisma reports invalid arguments in both. */
function failure(error: unknown): unknown {
  const refused = error instanceof Prisma.PrismaClientValidationError;
  return { failed: storageError(error)?.code ?? (refused ? 'refused' : 'INTERNAL') };
}

const isFailure = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && 'failed' in answer;

type Call = (client: Client) => Promise<unknown>;
const outcome = (client: Client, call: Call): Promise<unknown> =>
  withTenant(tenant, () => call(client)).then(plain, failure);

async function sameInBoth({ fastPath, prisma }: Pair, call: Call): Promise<unknown> {
  const byPrisma = await outcome(prisma, call);
  expect(await outcome(fastPath, call)).toEqual(byPrisma);
  return byPrisma;
}

const undone = new Error('undone');
/** A write's answer and the table after it; nothing of it stays. */
async function tried(client: Client, model: ModelName, operation: string, args: Args): Promise<unknown> {
  let answer: unknown;
  const run = async (tx: Client) => {
    answer = await tx[delegate(model)][operation](args);
    const table = await tx.$queryRawUnsafe(`SELECT * FROM "${guarantees[model].table}" ORDER BY id`);
    answer = { answer: plain(answer), table: plain(table) };
    throw undone;
  };
  const transaction = (tx: Client) => withTransaction(tx, () => run(tx));
  await withTransactionScope(() => client.$transaction(transaction)).catch((error) => {
    if (error !== undone) throw error;
  });
  return answer;
}

type Case = { model: ModelName; operation: string; args: Args };

/** The case generators need the rows, which are there only after beforeAll. */
function reads(): fc.Arbitrary<Case> {
  const { where, selection, unique, listing } = argumentsFor(rows);
  const filled = MODELS.filter((model) => rows[model].length > 0);
  return fc.constantFrom(...filled).chain((model) => {
    const one = () =>
      fc.tuple(selection(model, 2), unique(model)).map(([selected, key]) => ({ ...selected, where: key }));
    const of = (operation: string, args: fc.Arbitrary<Args>) =>
      args.map((given) => ({ model, operation, args: given }));
    const first = fc
      .tuple(listing(model), fc.constantFrom({}, {}, {}, {}, {}, {}, { take: 2 }, { take: -1 }))
      .map(([{ take: _, ...args }, taken]) => ({ ...args, ...taken }));
    return fc.oneof(
      { weight: 5, arbitrary: of('findMany', listing(model)) },
      of('findFirst', first),
      of('findFirstOrThrow', first),
      of('count', fc.record({ where: where(model, 2) })),
      of('findUnique', one()),
      of('findUniqueOrThrow', one()),
    );
  });
}

/** Models whose rows a command may make and change. */
const WRITTEN = [
  'Membership',
  'Role',
  'Branch',
  'Department',
  'Team',
  'TeamMember',
  'Employee',
  'Attendance',
  'PayrollRun',
] as const;
function writes(): fc.Arbitrary<Case> {
  const { selection, unique, data } = argumentsFor(rows);
  return fc.constantFrom(...WRITTEN).chain((model) => {
    const create = fc
      .tuple(selection(model, 2), data(model, true))
      .map(([selected, row]) => ({ ...selected, data: row }));
    const missing = fc.uuid().map((id) => ({ key: { companyId: tenant.companyId, id } }));
    const update = fc
      .tuple(
        selection(model, 2),
        data(model, false),
        fc.oneof({ weight: 9, arbitrary: unique(model) }, missing),
      )
      .map(([selected, changes, where]) => ({ ...selected, data: changes, where }));
    return fc.oneof(
      create.map((args): Case => ({ model, operation: 'create', args })),
      update.map((args): Case => ({ model, operation: 'update', args })),
    );
  });
}

// The same cases each time; another number here makes others.
const seed = 20260701;
const counts = () => ({
  answered: use.used,
  fallbacks: Object.values(use.fallbacks).reduce((sum, count) => sum + count, 0),
});
let before = counts();
beforeEach(() => {
  before = counts();
});
const share = () => {
  const answered = counts().answered - before.answered;
  return answered / (answered + counts().fallbacks - before.fallbacks);
};

describe('the fast path equals Prisma', () => {
  test('[E1] for any read: rows, order, types and errors', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(reads(), fc.boolean(), async ({ model, operation, args }, alone) => {
        const pair = alone ? bare : whole;
        const answer = await sameInBoth(pair, (client) => client[delegate(model)][operation](args));
        if (Array.isArray(answer) ? answer.length > 0 : answer && !isFailure(answer)) found += 1;
      }),
      { numRuns: 1000, seed },
    );
    expect(share()).toBeGreaterThan(0.5);
    expect(found).toBeGreaterThan(500);
  });

  test.each([
    [
      'a NOT around a relation whose column is null',
      'attendance',
      { NOT: { employee: { jobTitle: 'Manager' } } },
    ],
    [
      'the same beneath AND and OR',
      'attendance',
      { AND: [{ NOT: [{ OR: [{ employee: { is: { jobTitle: { lt: 'M' } } } }] }] }] },
    ],
    ['a NOT around a relation that is not there', 'employee', { NOT: { team: { name: { not: '' } } } }],
    ['a NOT around a column that is null', 'employee', { NOT: { jobTitle: { contains: 'a' } } }],
    ['an empty NOT', 'employee', { NOT: {} }],
    ['a NOT of nothing', 'employee', { NOT: [{}, { name: 'x' }] }],
    ['an OR of nothing', 'employee', { OR: [] }],
    ['an OR with something empty', 'employee', { OR: [{}, { name: 'x' }] }],
    ['a relation that asks nothing', 'employee', { team: {} }],
    ['a relation that is there', 'employee', { team: { is: {} } }],
    ['a relation that is undefined', 'employee', { team: { is: undefined } }],
    ['null in a column that has none', 'employee', { name: null }],
    ['not null in a column that has none', 'employee', { name: { not: null } }],
    ['equals null in a column that has none', 'employee', { OR: [{ name: { equals: null } }] }],
    ['a part in another case', 'employee', { name: { contains: 'MANAGER' } }],
    ['a part in any case', 'employee', { name: { contains: 'MANAGER', mode: 'insensitive' } }],
    ['a beginning in any case', 'employee', { email: { startsWith: 'ManaGer@', mode: 'insensitive' } }],
    ['an end in its case', 'employee', { email: { endsWith: '.EXAMPLE' } }],
    ['a list that is empty', 'employee', { OR: [{ jobTitle: { in: [] } }, { jobTitle: { notIn: [] } }] }],
    ['a boolean in a list', 'role', { readOnly: { in: [true] } }],
  ])('[E1] %s', async (_, model, where) => {
    for (const pair of [bare, whole]) {
      const args = { where, orderBy: { id: 'asc' } };
      await sameInBoth(pair, (client) => client[model].findMany(args));
      await sameInBoth(pair, (client) => client[model].count({ where }));
    }
  });

  test('[E1] for any write of one row: the answer, the table afterwards and errors', async () => {
    let written = 0;
    await fc.assert(
      fc.asyncProperty(writes(), fc.boolean(), async ({ model, operation, args }, alone) => {
        const answer = await sameInBoth(alone ? bare : whole, (client) =>
          tried(client, model, operation, args),
        );
        if (!isFailure(answer)) written += 1;
      }),
      { numRuns: 200, seed },
    );
    expect(share()).toBeGreaterThan(0.4);
    expect(written).toBeGreaterThan(60);
  });
});
