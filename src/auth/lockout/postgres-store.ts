import { queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { withoutDeadline } from '../../deadline.ts';
import { type AttemptResult, type AttemptStore, lockoutSeconds } from './limits.ts';

/**
 * Counts in the table Throttle; `record_attempt` of prisma/migrations/0013_attempts puts attempts
 * of the same time in one order.
 */
export function openPostgresAttempts(pool: TenantPool): AttemptStore {
  const ask = queryAs(pool, { companyId: null, userId: null });
  // an attempt counts, whatever becomes of its request
  const query: typeof ask = (sql, values) => withoutDeadline(() => ask(sql, values));
  return {
    async wait(kind, subjects) {
      const [row] = await query<{ seconds: number | null }>(
        `SELECT ceil(extract(epoch FROM max("lockedUntil") - clock_timestamp()))::int AS seconds FROM "Throttle"
         WHERE kind = $1 AND subject = ANY ($2) AND "lockedUntil" > clock_timestamp()`,
        [kind, subjects.map(({ name }) => name)],
      );
      return row?.seconds ?? 0;
    },
    async count(kind, subjects, succeeded) {
      const [row] = await query<AttemptResult>(
        `SELECT accepted, wait_seconds AS "waitSeconds", locked FROM record_attempt($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          kind,
          subjects.map(({ name }) => name),
          subjects.map(({ allowed }) => allowed),
          subjects.map(({ clears }) => clears),
          succeeded,
          lockoutSeconds.first,
          lockoutSeconds.longest,
          lockoutSeconds.failure,
          lockoutSeconds.memory,
        ],
      );
      return row as AttemptResult;
    },
    async clear(kinds, names) {
      // Emptied and not deleted: a try that waits for the row would find none, and not be counted.
      await query(
        'UPDATE "Throttle" SET failures = 0, lockouts = 0, "lockedUntil" = NULL WHERE kind = ANY ($1) AND subject = ANY ($2)',
        [kinds, names],
      );
    },
    close: async () => {},
  };
}
