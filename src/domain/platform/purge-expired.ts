import { lockoutSeconds } from '../../auth/lockout/limits.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';

/**
 * Rows of one table in one statement: a backlog takes many statements, each well within its time
 * limit.
 */
const BATCH = 10_000;

type Batch = <T>(run: (query: Query) => Promise<T>) => Promise<T>;
type Gone = { gone: Record<string, number> };

const PURGE = 'SELECT purge_expired($1, $2, $3) AS gone';
const values = [lockoutSeconds.failure, lockoutSeconds.memory, BATCH];

/**
 * Deletes expired rows (sessions, tokens, challenges, codes, devices, keys, attempt counts).
 * Returns their number by table. `batch` runs each statement, at once by default.
 */
export async function deleteExpired(
  { pool }: Pick<Services, 'pool'>,
  batch: Batch = (run) => run(queryAs(pool, { companyId: null, userId: null })),
): Promise<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (let more = true; more; ) {
    const [row] = await batch((query) => query<Gone>(PURGE, values));
    const gone = Object.entries(row?.gone ?? {});
    for (const [table, count] of gone) sum[table] = (sum[table] ?? 0) + count;
    more = gone.some(([, count]) => count >= BATCH);
  }
  return sum;
}
