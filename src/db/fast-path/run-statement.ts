import { Prisma } from '../generated/client.ts';
import { currentTenant } from '../tenant/context.ts';
import type { TenantPool } from '../tenant/pool.ts';
import type { ReplicaRead } from '../tenant/required-state.ts';
import type { StatementNames } from '../tenant/statement-names.ts';
import { transactionScope } from '../tenant/transaction-scope.ts';
import { asText } from './rows.ts';

/**
 * Runs one statement, prepared under its name, in the caller's transaction or by itself; resolves
 * with cells as text. Rejects with P2028, as Prisma does, after the end or the time-out of its
 * transaction: the statement then runs nowhere else.
 */
export type RunStatement = (
  statement: { text: string; values: unknown[]; audited: boolean },
  isWrite: boolean,
) => Promise<unknown[][]>;

export const statementRunner =
  (pool: TenantPool, names: StatementNames): RunStatement =>
  async ({ text, values }, isWrite) => {
    const config = configOf(names, text, values);
    const scope = transactionScope();
    if (!scope) return (await pool.query(config)).rows;
    const alone = isWrite && scope.commitsNext ? scope.commitAlone?.(config) : null;
    if (alone) return (await alone).rows;
    await scope.begin?.();
    if (!scope.connection) throw knownError('P2028', 'The transaction is over.');
    return (await scope.connection.query(config)).rows;
  };

const configOf = (names: StatementNames, text: string, values: unknown[]) => ({
  ...{ name: names(text), text, values },
  ...{ rowMode: 'array', types: asText },
});

/**
 * The same for the reads of queries: replicas answer those that they may, as far as they have
 * replayed what the tenant requires. Of tables that are not audited, no event tells that a replica
 * has their changes.
 */
export const replicatedRunner =
  (primary: RunStatement, replica: ReplicaRead, names: StatementNames): RunStatement =>
  async (statement, isWrite) => {
    const { required } = currentTenant();
    if (!required || isWrite || !statement.audited || transactionScope()) return primary(statement, isWrite);
    const { text, values } = statement;
    const found = await replica(required, configOf(names, text, values));
    return (found?.rows as unknown[][] | undefined) ?? primary(statement, isWrite);
  };

/** Returns an error as Prisma throws it, with Prisma's code. */
export const knownError = (code: string, message: string, meta?: Record<string, unknown>) =>
  new Prisma.PrismaClientKnownRequestError(message, {
    code,
    clientVersion: Prisma.prismaVersion.client,
    ...(meta && { meta }),
  });
