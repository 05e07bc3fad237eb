import { v7 as uuidv7 } from 'uuid';
import type { Query } from '../../db/sql.ts';

/** So many earlier passwords are kept, whatever is asked today: a stricter rule of tomorrow knows them. */
const KEPT = 10;

/** The person's hash as it is stored, in their own context. */
export async function storedHash(query: Query): Promise<string | null> {
  const [row] = await query<{ passwordHash: string }>('SELECT "passwordHash" FROM "Credential"');
  return row?.passwordHash ?? null;
}

/**
 * Puts a new hash in the place of `stored`, which goes into the history; `null` is a first one. Links to reset it are void from then on.
 * `false`: the password has changed meanwhile, and nothing was written. In the person's context and one transaction.
 */
export async function replacePassword(
  query: Query,
  personId: string,
  stored: string | null,
  hash: string,
): Promise<boolean> {
  const written =
    stored === null
      ? await query(
          'INSERT INTO "Credential" ("personId", "passwordHash") VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1',
          [personId, hash],
        )
      : await query(
          'UPDATE "Credential" SET "passwordHash" = $3, "changedAt" = now() WHERE "personId" = $1 AND "passwordHash" = $2 RETURNING 1',
          [personId, stored, hash],
        );
  if (written.length === 0) return false;
  if (stored !== null) await remember(query, personId, stored);
  await query(
    `UPDATE "EmailToken" SET "usedAt" = now() WHERE "personId" = $1 AND kind = 'resetPassword' AND "usedAt" IS NULL`,
    [personId],
  );
  return true;
}

async function remember(query: Query, personId: string, hash: string): Promise<void> {
  await query('INSERT INTO "PasswordHistory" (id, "personId", "passwordHash") VALUES ($1, $2, $3)', [
    uuidv7(),
    personId,
    hash,
  ]);
  await query(
    `DELETE FROM "PasswordHistory" WHERE "personId" = $1 AND id NOT IN
       (SELECT id FROM "PasswordHistory" WHERE "personId" = $1 ORDER BY "replacedAt" DESC, id DESC LIMIT $2)`,
    [personId, KEPT],
  );
}
