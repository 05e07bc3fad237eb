import { v7 as uuidv7 } from 'uuid';
import { hashToken, isToken, newToken } from '../../crypto/token.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';

/** A device as its owner sees it. */
export type TrustedDevice = {
  id: string;
  name: string;
  ip: string | null;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
};

/**
 * How many devices a user trusts at most; a further one replaces the one that was unused for
 * longest.
 */
export const MOST_DEVICES = 10;

/**
 * Revokes the devices that leave no room for one more, in the transaction of the new one. Returns
 * how many. Transactions of the same user wait for each other: of several at once none would count
 * the others.
 */
export async function makeRoom(query: Query, userId: string): Promise<number> {
  await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`devices ${userId}`]);
  const revoked = await query(
    `DELETE FROM "TrustedDevice" WHERE "userId" = $1 AND id IN (
       SELECT id FROM "TrustedDevice" WHERE "userId" = $1 ORDER BY "lastUsedAt" DESC, id OFFSET $2::int)
     RETURNING 1`,
    [userId, MOST_DEVICES - 1],
  );
  return revoked.length;
}

/**
 * Stores a trusted device, in the user's context. Returns its token, of which only the hash is
 * stored.
 */
export async function trustDevice(
  query: Query,
  userId: string,
  { name, ip, days }: { name: string; ip: string | null; days: number },
): Promise<string> {
  const token = newToken();
  await query(
    `INSERT INTO "TrustedDevice" (id, "userId", hash, name, ip, "expiresAt")
     VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 day')`,
    [uuidv7(), userId, hashToken(token), name, ip, days],
  );
  return token;
}

/**
 * Returns the device of a token; null for a malformed, unknown, revoked or expired one, without
 * distinction.
 */
export async function deviceOf(
  pool: TenantPool,
  token: string,
): Promise<{ id: string; userId: string; email: string } | null> {
  if (!isToken(token)) return null;
  const query = queryAs(pool, { companyId: null, userId: null });
  const [row] = await query<{ id: string; userId: string; email: string }>(
    'SELECT device_id AS id, user_id AS "userId", email FROM user_of_trusted_device($1)',
    [hashToken(token)],
  );
  return row ?? null;
}

/**
 * Returns whether the device still replaces a factor: not revoked, and within the current policy.
 * Marks its use.
 */
export async function useDevice(query: Query, id: string, days: number): Promise<boolean> {
  const used = await query(
    `UPDATE "TrustedDevice" SET "lastUsedAt" = now()
     WHERE id = $1 AND "expiresAt" > now() AND "createdAt" > now() - $2 * interval '1 day' RETURNING 1`,
    [id, days],
  );
  return used.length === 1;
}

/** Returns the user's trusted devices, latest first. */
export const listDevices = (query: Query, userId: string): Promise<TrustedDevice[]> =>
  query(
    `SELECT id, name, ip, "createdAt", "lastUsedAt", "expiresAt" FROM "TrustedDevice"
     WHERE "userId" = $1 AND "expiresAt" > now() ORDER BY "lastUsedAt" DESC, id`,
    [userId],
  );

export async function revokeDevice(query: Query, userId: string, id: string): Promise<boolean> {
  const revoked = await query('DELETE FROM "TrustedDevice" WHERE "userId" = $1 AND id = $2 RETURNING 1', [
    userId,
    id,
  ]);
  return revoked.length === 1;
}
