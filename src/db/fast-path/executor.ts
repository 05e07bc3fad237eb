import type { Lock } from '../../audit/record/locked-rows.ts';
import { currentTransaction } from '../../audit/record/transaction.ts';
import type { Extension } from '../operations/operations.ts';
import { tableOf } from './compile.ts';

/** Runs what has passed all extensions: operations on models, and the locks that capture takes before a change. */
export type Executor = { run: Extension; lock: Lock };

type Rows = Awaited<ReturnType<Lock>['rows']>;

/** The plain implementation: Prisma runs every operation. Its raw queries are sent when they are awaited. */
export const prismaExecutor: Executor = {
  run: ({ args, query }) => query(args as never),
  lock: (model, columns, ids, strength) => {
    const list = columns.map((name) => `"${name}"`).join(', ');
    const sql = `SELECT ${list} FROM ${tableOf(model)} WHERE id = ANY($1::uuid[]) ORDER BY id FOR ${strength}`;
    const rows = async () => (await currentTransaction()?.tx.$queryRawUnsafe<Rows>(sql, ids)) ?? [];
    return { rows: rows(), sent: false };
  },
};
