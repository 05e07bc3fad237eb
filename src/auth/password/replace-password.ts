import { v7 as uuidv7 } from 'uuid';
import type { Query } from '../../db/sql.ts';

/**
 * Number of earlier hashes kept, independent of the current policy, for stricter policies later.
 */
const KEPT = 10;

/** Returns the user's stored hash, in the user's context. */
export async function storedHash(query: Query): Promise<string | null> {
  const [row] = await query<{ passwordHash: string }>('SELECT "passwordHash" FROM "Credential"');
  return row?.passwordHash ?? null;
}

/**
 * Replaces `stored`, which moves to the history, by a new hash; null for a first password. Voids
 * reset tokens. Returns `false`, without writing, when the password changed meanwhile. Runs in the
 * user's context and one transaction.
 */
export async function replacePassword(
  query: Query,
  userId: string,
  stored: string | null,
  hash: string,
): Promise<boolean> {
  const written =
    stored === null
      ? await query(
          'INSERT INTO "Credential" ("userId", "passwordHash") VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1',
          [userId, hash],
        )
      : await query(
          'UPDATE "Credential" SET "passwordHash" = $3, "changedAt" = now() WHERE "userId" = $1 AND "passwordHash" = $2 RETURNING 1',
          [userId, stored, hash],
        );
  if (written.length === 0) return false;
  if (stored !== null) await remember(query, userId, stored);
  await query(
    `UPDATE "EmailToken" SET "usedAt" = now() WHERE "userId" = $1 AND kind = 'resetPassword' AND "usedAt" IS NULL`,
    [userId],
  );
  return true;
}

async function remember(query: Query, userId: string, hash: string): Promise<void> {
  await query('INSERT INTO "PasswordHistory" (id, "userId", "passwordHash") VALUES ($1, $2, $3)', [
    uuidv7(),
    userId,
    hash,
  ]);
  await query(
    `DELETE FROM "PasswordHistory" WHERE "userId" = $1 AND id NOT IN
       (SELECT id FROM "PasswordHistory" WHERE "userId" = $1 ORDER BY "replacedAt" DESC, id DESC LIMIT $2)`,
    [userId, KEPT],
  );
}
