import { system } from '../../audit/record/body.ts';
import type { IdentityTransaction } from '../identity-command.ts';

/** How many sessions a user has at most; a further sign-in revokes the oldest one. */
export const MOST_SESSIONS = 20;

/**
 * Revokes the user's oldest sessions so that one more fits, and audits it, in the transaction of
 * the new one. Sign-ins of the same user wait for each other: of several at once none would count
 * the others.
 */
export async function makeRoom(tx: IdentityTransaction, userId: string): Promise<void> {
  await tx('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`sessions ${userId}`]);
  const revoked = await tx<{ id: string }>(
    `DELETE FROM "Session" WHERE "userId" = $1 AND id IN (
       SELECT id FROM "Session" WHERE "userId" = $1 ORDER BY "createdAt" DESC, id OFFSET $2::int)
     RETURNING left(id, 12) AS id`,
    [userId, MOST_SESSIONS - 1],
  );
  if (revoked.length === 0) return;
  const sessions = revoked.map(({ id }) => id);
  await tx.append({ action: 'session.revoked', data: { sessions, reason: 'limit' } }, system);
}
