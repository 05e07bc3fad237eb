import { Prisma } from '../generated/client.ts';
import type { ModelName } from '../guarantees.gen.ts';
import type { TenantPool } from '../tenant/pool.ts';
import type { StatementNames } from '../tenant/statement-names.ts';
import { currentHold, heldConnection } from '../transaction.ts';
import { type Args, leave, leftToPrisma } from './compile.ts';
import { countStatement, type Statement, selectStatement } from './compile-read.ts';
import { createStatement, updateStatement } from './compile-write.ts';
import { asText, rowsOf } from './rows.ts';

/**
 * Runs one statement, prepared under its name, where the caller's transaction is, or by itself. Gives cells as text. What comes after the
 * end of its transaction, or after the time that one may take, is refused as Prisma refuses it (P2028) and runs nowhere else.
 */
export type Run = (statement: { text: string; values: unknown[] }) => Promise<unknown[][]>;

export const runner =
  (pool: TenantPool, names: StatementNames): Run =>
  async ({ text, values }) => {
    const config = { name: names(text), text, values, rowMode: 'array', types: asText };
    const connection = heldConnection();
    if (currentHold() && !connection) throw known('P2028', 'The transaction is over.');
    return (await (connection ?? pool).query(config)).rows;
  };

type Row = Record<string, unknown>;
type Answer = {
  statement: (model: ModelName, args: Args) => Statement;
  result: (rows: Row[], model: ModelName) => unknown;
};

const first = (model: ModelName, args: Args) =>
  args.take === undefined ? selectStatement(model, { ...args, take: 1 }) : leave();
const found = ([row]: Row[], model: ModelName) => row ?? missing(model);

const ANSWERS: Record<string, Answer> = {
  findMany: { statement: selectStatement, result: (rows) => rows },
  findFirst: { statement: first, result: ([row]) => row ?? null },
  findFirstOrThrow: { statement: first, result: found },
  count: { statement: countStatement, result: ([row]) => row?.count },
  create: { statement: createStatement, result: found },
  update: { statement: updateStatement, result: found },
};

function missing(model: ModelName): never {
  throw known('P2025', 'No record was found for a query.', { modelName: model });
}

const known = (code: string, message: string, meta?: Row) =>
  new Prisma.PrismaClientKnownRequestError(message, {
    code,
    clientVersion: Prisma.prismaVersion.client,
    ...(meta && { meta }),
  });

/**
 * The short way for the shapes that requests are made of: one named statement and no query compiler. Everything else is Prisma's.
 * Stands where Prisma's own query would, behind tenant, capture and seal, so that it can neither widen nor open anything; what it
 * answers is what Prisma answers, which test/db/fast-path/differential.test.ts compares over generated arguments.
 */
export function direct(
  run: Run,
  model: ModelName,
  operation: string,
  args: Args,
  byPrisma: (args: Args) => Promise<unknown>,
): Promise<unknown> {
  const answer = Object.hasOwn(ANSWERS, operation) ? ANSWERS[operation] : undefined;
  const statement = answer && written(answer.statement, model, args);
  if (!statement) return byPrisma(args);
  return run(statement).then((cells) => answer.result(rowsOf(statement.shape, cells), model));
}

/** The statement for these arguments, or null when only Prisma can answer them. */
export function written<Given extends unknown[]>(
  write: (...given: Given) => Statement,
  ...given: Given
): Statement | null {
  try {
    return write(...given);
  } catch (error) {
    if (error === leftToPrisma) return null;
    throw error;
  }
}
