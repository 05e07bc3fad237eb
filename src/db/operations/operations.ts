import type { Prisma } from '../generated/client.ts';
import type { ModelName } from '../guarantees.gen.ts';

/**
 * What Prisma hands to a query extension: one operation on one model, and `query`, which runs it
 * further in.
 */
export type Operation = {
  model: string;
  operation: string;
  args: unknown;
  query: (args: never) => Promise<unknown>;
};
/** One extension's part in an operation. */
export type Extension = (operation: Operation) => Promise<unknown>;

export type OperationShape = {
  /** What happens to rows. */
  action: 'read' | 'create' | 'update' | 'upsert' | 'delete';
  /** Whether the arguments concern one row or any number. */
  rows: 'one' | 'many';
  /** What comes back: columns of rows, or a summary such as a count. */
  returns: 'rows' | 'summary';
  /** The argument that holds new rows. */
  created?: 'data' | 'create';
  /** The argument that holds changes. */
  changed?: 'data' | 'update';
  /** The operation that runs in its place; the extensions never see this one. */
  runsAs?: 'findFirst' | 'findFirstOrThrow';
};

type PrismaOperation = keyof Prisma.TypeMap['model'][ModelName]['operations'];

/**
 * Every operation of Prisma's models. The extensions (tenant, capture, seal, fast path) and the
 * readers take from here what an operation does; one that is not listed is refused. `findUnique`
 * runs as `findFirst`, since Prisma batches it across tenants (db/client.ts).
 */
export const operations = {
  findUnique: { action: 'read', rows: 'one', returns: 'rows', runsAs: 'findFirst' },
  findUniqueOrThrow: { action: 'read', rows: 'one', returns: 'rows', runsAs: 'findFirstOrThrow' },
  findFirst: { action: 'read', rows: 'one', returns: 'rows' },
  findFirstOrThrow: { action: 'read', rows: 'one', returns: 'rows' },
  findMany: { action: 'read', rows: 'many', returns: 'rows' },
  count: { action: 'read', rows: 'many', returns: 'summary' },
  aggregate: { action: 'read', rows: 'many', returns: 'summary' },
  groupBy: { action: 'read', rows: 'many', returns: 'summary' },
  create: { action: 'create', rows: 'one', returns: 'rows', created: 'data' },
  createMany: { action: 'create', rows: 'many', returns: 'summary', created: 'data' },
  createManyAndReturn: { action: 'create', rows: 'many', returns: 'rows', created: 'data' },
  update: { action: 'update', rows: 'one', returns: 'rows', changed: 'data' },
  updateMany: { action: 'update', rows: 'many', returns: 'summary', changed: 'data' },
  updateManyAndReturn: { action: 'update', rows: 'many', returns: 'rows', changed: 'data' },
  upsert: { action: 'upsert', rows: 'one', returns: 'rows', created: 'create', changed: 'update' },
  delete: { action: 'delete', rows: 'one', returns: 'rows' },
  deleteMany: { action: 'delete', rows: 'many', returns: 'summary' },
} as const satisfies Record<PrismaOperation, OperationShape>;

type Table = typeof operations;
export type OperationName = keyof Table;
type NamesOf<Shape> = {
  [Name in OperationName]: Table[Name] extends Shape ? Name : never;
}[OperationName];
export type ReadOperation = NamesOf<{ action: 'read' }>;
export type WriteOperation = Exclude<OperationName, ReadOperation>;

/**
 * Returns what an operation does. Throws for one that is not listed, and for one that runs as
 * another.
 */
export function shapeOf(model: string, operation: string): OperationShape {
  const shape: OperationShape | undefined = Object.hasOwn(operations, operation)
    ? operations[operation as OperationName]
    : undefined;
  if (!shape || shape.runsAs)
    throw new Error(
      `${model}.${operation} is not supported: src/db/operations/operations.ts does not say what it does`,
    );
  return shape;
}
