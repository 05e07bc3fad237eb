import { lockoutSeconds } from '../../auth/lockout/limits.ts';
import { queryAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';

/**
 * Rows of one table in one statement: a backlog takes many statements, each well within its time
 * limit.
 */
const BATCH = 10_000;

/**
 * Deletes expired rows (sessions, tokens, challenges, codes, devices, keys, attempt counts).
 * Returns their number by table.
 */
export async function deleteExpired({ pool }: Pick<Services, 'pool'>): Promise<Record<string, number>> {
  const query = queryAs(pool, { companyId: null, userId: null });
  const sum: Record<string, number> = {};
  for (let more = true; more; ) {
    const [row] = await query<{ gone: Record<string, number> }>('SELECT purge_expired($1, $2, $3) AS gone', [
      ...[lockoutSeconds.failure, lockoutSeconds.memory, BATCH],
    ]);
    const gone = Object.entries(row?.gone ?? {});
    for (const [table, count] of gone) sum[table] = (sum[table] ?? 0) + count;
    more = gone.some(([, count]) => count >= BATCH);
  }
  return sum;
}
