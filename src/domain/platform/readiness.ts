import { verifyMasterKeys } from '../../crypto/keys/canary.ts';
import { isWritable } from '../../db/connection/watch.ts';
import { pendingMigrations } from '../../db/migrations.ts';
import { queryAs } from '../../db/sql.ts';
import { inTime, withDeadline } from '../../deadline.ts';
import type { Services } from '../../services.ts';

/**
 * A check that takes longer fails; load balancers wait some seconds for the answer. Milliseconds.
 */
const READY_MS = 1_500;

/**
 * Runs the readiness checks. `migrations` is the folder of those that the database must have.
 */
export async function readiness(
  { pool, config, clock, watchDatabase }: Services,
  migrations: string,
): Promise<Record<string, boolean>> {
  const query = queryAs(pool, { companyId: null, userId: null });
  const works = (check: () => Promise<unknown>) =>
    inTime(READY_MS, (deadline) => withDeadline(deadline, () => deadline.race(check()))).then(
      (result) => result !== false,
      () => false,
    );
  const [answers, writable, keys, migrated] = await Promise.all([
    works(clock.measure),
    works(async () => {
      const canWrite = await isWritable(query);
      if (!canWrite) pool.renew(); // a connection from before may stay read-only
      return canWrite;
    }),
    works(() => verifyMasterKeys(query, config.masterKeys)),
    works(async () => (await pendingMigrations(pool, migrations)).length === 0),
  ]);
  const database = answers && writable;
  if (!database) watchDatabase.suspect();
  return { database: database && !watchDatabase.isLost(), migrations: migrated, keys };
}
