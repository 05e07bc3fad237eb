import type { Db } from './client.ts';
import type { Steps } from './extensions.ts';
import { guarantees, type ModelName } from './guarantees.gen.ts';
import { type Tenant, withTenant } from './tenant/context.ts';

/** How each reading method is asked of the steps: `findUnique` would be collected across tenants (client.ts). */
const READS = {
  findFirst: 'findFirst',
  findFirstOrThrow: 'findFirstOrThrow',
  findUnique: 'findFirst',
  findUniqueOrThrow: 'findFirstOrThrow',
  findMany: 'findMany',
  count: 'count',
  aggregate: 'aggregate',
  groupBy: 'groupBy',
} as const;
type Read = keyof typeof READS;

/** Every model's reading methods. */
export type Reader = { [Model in Uncapitalize<ModelName>]: Pick<Db[Model], Read> };

type Args = Record<string, unknown>;
type Delegate = Record<string, (args: Args) => Promise<unknown>>;

/**
 * Makes readers: each method goes through all steps as its tenant, and to Prisma's own client only with what `direct` leaves. Models and
 * methods are made once; what a request makes of them is only the tenant.
 */
export function readerOf(step: Steps, client: Db): (tenant: Tenant) => Reader {
  const prototype = {};
  for (const name of Object.keys(guarantees) as ModelName[]) {
    const model = name[0]?.toLowerCase() + name.slice(1);
    const delegate = client[model as 'employee'] as unknown as Delegate;
    const methods = methodsOf(step, name, delegate);
    Object.defineProperty(prototype, model, {
      get(this: { tenant: Tenant }) {
        return Object.create(methods, { tenant: { value: this.tenant } });
      },
    });
  }
  return (tenant) => Object.create(prototype, { tenant: { value: tenant } });
}

function methodsOf(step: Steps, model: ModelName, delegate: Delegate): object {
  const methods = Object.entries(READS).map(([method, operation]) => {
    const query = (args: Args) => (delegate[operation] as Delegate[string])(args);
    const ask = (args: Args) => step({ model, operation, args, query: query as never });
    const flat =
      method === operation
        ? ask
        : (args: Args) => ask({ ...args, where: flatWhere(model, args.where as Args) });
    return [
      method,
      function (this: { tenant: Tenant }, args: Args = {}) {
        return withTenant(this.tenant, () => flat(args));
      },
    ];
  });
  return Object.fromEntries(methods);
}

/**
 * { key: { companyId, id } } → { companyId, id }, as findFirst wants it. A key with a part missing is refused: findFirst would leave the part
 * out and find somebody else's row.
 */
export function flatWhere(model: ModelName, where: Args = {}): Args {
  const flat: Args = {};
  for (const [name, value] of Object.entries(where)) {
    const columns = guarantees[model].uniques[name];
    // a sealed column may stand in a key under its own name (crypto/fields/where.ts), so the parts are counted
    if (columns && Object.keys(value ?? {}).length !== columns.length) throw incomplete(model, name);
    Object.assign(flat, columns ? value : { [name]: value });
  }
  const names = Object.keys(flat);
  if (names.length === 0) throw incomplete(model, 'a key');
  for (const name of names) if (flat[name] === undefined) throw incomplete(model, name);
  return flat;
}

const incomplete = (model: ModelName, name: string): Error =>
  new Error(`${model}: expected a whole unique key; ${name} is missing or not whole`);
