import { delegatesOf, queryOf } from './delegates.ts';
import type { PrismaClient } from './generated/client.ts';
import type { ModelName } from './guarantees.gen.ts';
import {
  type Extension,
  type OperationShape,
  operations,
  type ReadOperation,
} from './operations/operations.ts';
import { type Tenant, withTenant } from './tenant/context.ts';

/** Every model's reading methods. */
export type Reader = { [Model in Uncapitalize<ModelName>]: Pick<PrismaClient[Model], ReadOperation> };

const reads = Object.entries<OperationShape>(operations).filter(([, { action }]) => action === 'read');

/**
 * Makes readers: each method goes through all extensions as its tenant, and to Prisma's own client
 * only where the fast path does not support it.
 */
export function readerOf(extensions: Extension, client: PrismaClient): (tenant: Tenant) => Reader {
  const readers = delegatesOf<Tenant>(reads, (tenant, call) =>
    withTenant(tenant, () => extensions({ ...call, query: queryOf(client, call) })),
  );
  return (tenant) => readers(tenant) as Reader;
}
