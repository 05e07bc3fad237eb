import type { Use } from '../../shortcuts.ts';
import type { ModelName } from '../guarantees.gen.ts';
import type { Operation, OperationName } from '../operations/operations.ts';
import type { Args } from './compile.ts';
import { countStatement, type Statement, selectStatement } from './compile-read.ts';
import { createStatement, updateStatement } from './compile-write.ts';
import type { Executor } from './executor.ts';
import { rowsOf } from './rows.ts';
import { knownError, type RunStatement } from './run-statement.ts';
import { orUnsupported, unsupported } from './unsupported.ts';

type Row = Record<string, unknown>;
type Compiled = {
  /** A single statement that writes one row. */
  isWrite?: true;
  statement: (model: ModelName, args: Args) => Statement;
  result: (rows: Row[], model: ModelName) => unknown;
};

const first = (model: ModelName, args: Args) =>
  args.take === undefined ? selectStatement(model, { ...args, take: 1 }) : unsupported('page');
const found = ([row]: Row[], model: ModelName) => row ?? missing(model);

const COMPILED: Partial<Record<OperationName, Compiled>> = {
  findMany: { statement: selectStatement, result: (rows) => rows },
  findFirst: { statement: first, result: ([row]) => row ?? null },
  findFirstOrThrow: { statement: first, result: found },
  count: { statement: countStatement, result: ([row]) => row?.count },
  create: { isWrite: true, statement: createStatement, result: found },
  update: { isWrite: true, statement: updateStatement, result: found },
};

function missing(model: ModelName): never {
  throw knownError('P2025', 'No record was found for a query.', { modelName: model });
}

/**
 * The fast path for common query shapes: one named statement and no query compiler; what it does
 * not support goes to `plain`. It stands behind tenant, capture and seal, so that it can neither
 * widen a query nor decrypt a value. That it answers what Prisma answers is compared over generated
 * arguments in test/db/fast-path/differential.test.ts.
 */
export const fastPath =
  (run: RunStatement, plain: Executor, use: Use<'fastPath'>): Executor =>
  (operation) => {
    const compiled = Object.hasOwn(COMPILED, operation.operation)
      ? COMPILED[operation.operation as OperationName]
      : undefined;
    const statement = orUnsupported(use, () => compile(compiled, operation));
    if (!statement || !compiled) return plain(operation);
    const model = operation.model as ModelName;
    return run(statement, compiled.isWrite === true).then((cells) =>
      compiled.result(rowsOf(statement.shape, cells), model),
    );
  };

const compile = (compiled: Compiled | undefined, { model, args }: Operation): Statement =>
  compiled ? compiled.statement(model as ModelName, args as Args) : unsupported('operation');
