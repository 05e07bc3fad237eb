import { captureExtension } from '../audit/record/capture.ts';
import type { Lock, Locking } from '../audit/record/locked-rows.ts';
import { sealExtension } from '../crypto/fields/extension.ts';
import type { Keyring } from '../crypto/keys/keyring.ts';
import { tableOf } from './fast-path/compile.ts';
import { lockStatement } from './fast-path/compile-write.ts';
import { direct, type Run, written } from './fast-path/fast-path.ts';
import { rowsOf } from './fast-path/rows.ts';
import type { ModelName } from './guarantees.gen.ts';
import { type Operation, tenantExtension } from './tenant/extension.ts';
import { currentTransaction } from './transaction.ts';

/** One operation on one model; `query` is what answers it in the end where `direct` leaves it. */
export type Steps = (operation: Operation) => Promise<unknown>;

/** Tenant (whose rows), capture (the record), seal (ciphertext), direct (the short way to PostgreSQL): outermost first, in this order. */
export function steps(keyring: Keyring, run: Run): Steps {
  const tenant = tenantExtension.query.$allModels.$allOperations;
  const lock = lockBy(run);
  const capture = captureExtension(lock).query.$allModels.$allOperations;
  const seal = sealExtension(keyring).query.$allModels.$allOperations;
  return ({ model, operation, args, query }) => {
    const then = (step: Steps, next: Operation['query']) => (inner: never) =>
      step({ model, operation, args: inner, query: next });
    const last = (inner: never) => direct(run, model as ModelName, operation, inner, query as never);
    return tenant({ model, operation, args, query: then(capture, then(seal, last)) });
  };
}

/** Columns of types that only Prisma reads (decimals, JSON, …) are read by its raw query, which it may send later. */
const lockBy =
  (run: Run): Lock =>
  (model, columns, ids, strength) => {
    const statement = written(lockStatement, model, columns, ids, strength);
    if (statement) {
      const rows = run(statement).then((cells) => rowsOf(statement.shape, cells) as Rows);
      return { rows, sent: true };
    }
    const list = columns.map((name) => `"${name}"`).join(', ');
    const sql = `SELECT ${list} FROM ${tableOf(model)} WHERE id = ANY($1::uuid[]) ORDER BY id FOR ${strength}`;
    return { rows: byPrisma(sql, ids), sent: false };
  };
type Rows = Awaited<Locking['rows']>;
const byPrisma = async (sql: string, ids: string[]): Promise<Rows> =>
  (await currentTransaction()?.tx.$queryRawUnsafe<Rows>(sql, ids)) ?? [];
