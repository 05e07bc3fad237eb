import type { Query } from '../sql.ts';

/** Takes a lock on this name until the transaction ends, and waits for it (K2). */
export async function lockUntilCommit(query: Query, name: string): Promise<void> {
  await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text', [name]);
}

/** Takes the same lock unless another transaction has it. Returns whether this one does. */
export async function tryLockUntilCommit(query: Query, name: string): Promise<boolean> {
  const [row] = await query<{ mine: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS mine',
    [name],
  );
  return row?.mine === true;
}
