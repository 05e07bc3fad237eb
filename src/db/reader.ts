import type { PrismaClient } from './generated/client.ts';
import { guarantees, type ModelName } from './guarantees.gen.ts';
import {
  type Extension,
  type OperationShape,
  operations,
  type ReadOperation,
} from './operations/operations.ts';
import { uniqueFilter } from './operations/unique-selector.ts';
import { type Tenant, withTenant } from './tenant/context.ts';

/** Every model's reading methods. */
export type Reader = { [Model in Uncapitalize<ModelName>]: Pick<PrismaClient[Model], ReadOperation> };

type Args = Record<string, unknown>;
type Delegate = Record<string, (args: Args) => Promise<unknown>>;

const reads = Object.entries<OperationShape>(operations).filter(([, { action }]) => action === 'read');

/**
 * Makes readers: each method goes through all extensions as its tenant, and to Prisma's own client only where the fast path does
 * not support it. Models and methods are made once; a request adds only its tenant.
 */
export function readerOf(extensions: Extension, client: PrismaClient): (tenant: Tenant) => Reader {
  const prototype = {};
  for (const name of Object.keys(guarantees) as ModelName[]) {
    const model = name[0]?.toLowerCase() + name.slice(1);
    const delegate = client[model as 'employee'] as unknown as Delegate;
    const methods = methodsOf(extensions, name, delegate);
    Object.defineProperty(prototype, model, {
      get(this: { tenant: Tenant }) {
        return Object.create(methods, { tenant: { value: this.tenant } });
      },
    });
  }
  return (tenant) => Object.create(prototype, { tenant: { value: tenant } });
}

function methodsOf(extensions: Extension, model: ModelName, delegate: Delegate): object {
  const methods = reads.map(([method, { runsAs }]) => {
    const operation = runsAs ?? method;
    const query = (args: Args) => (delegate[operation] as Delegate[string])(args);
    const run = (args: Args) => extensions({ model, operation, args, query: query as never });
    const read = runsAs
      ? (args: Args) => run({ ...args, where: uniqueFilter(model, args.where as Args) })
      : run;
    return [
      method,
      function (this: { tenant: Tenant }, args: Args = {}) {
        return withTenant(this.tenant, () => read(args));
      },
    ];
  });
  return Object.fromEntries(methods);
}
