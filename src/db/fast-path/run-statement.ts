import { Prisma } from '../generated/client.ts';
import type { TenantPool } from '../tenant/pool.ts';
import type { StatementNames } from '../tenant/statement-names.ts';
import { transactionScope } from '../tenant/transaction-scope.ts';
import { asText } from './rows.ts';

/**
 * Runs one statement, prepared under its name, in the caller's transaction or by itself; resolves
 * with cells as text. Rejects with P2028, as Prisma does, after the end or the time-out of its
 * transaction: the statement then runs nowhere else.
 */
export type RunStatement = (
  statement: { text: string; values: unknown[] },
  isWrite: boolean,
) => Promise<unknown[][]>;

export const statementRunner =
  (pool: TenantPool, names: StatementNames): RunStatement =>
  async ({ text, values }, isWrite) => {
    const config = { name: names(text), text, values, rowMode: 'array', types: asText };
    const scope = transactionScope();
    if (!scope) return (await pool.query(config)).rows;
    const alone = isWrite && scope.commitsNext ? scope.commitAlone?.(config) : null;
    if (alone) return (await alone).rows;
    await scope.begin?.();
    if (!scope.connection) throw knownError('P2028', 'The transaction is over.');
    return (await scope.connection.query(config)).rows;
  };

/** Returns an error as Prisma throws it, with Prisma's code. */
export const knownError = (code: string, message: string, meta?: Record<string, unknown>) =>
  new Prisma.PrismaClientKnownRequestError(message, {
    code,
    clientVersion: Prisma.prismaVersion.client,
    ...(meta && { meta }),
  });
