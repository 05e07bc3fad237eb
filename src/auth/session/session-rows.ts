import { hashToken, newToken } from '../../crypto/token.ts';
import type { Query } from '../../db/sql.ts';
import type { SessionLimits } from '../policy/session-limits.ts';

/** A session as its user sees it. `lastUsedAt` is exact to five minutes. */
export type ListedSession = {
  id: string;
  companyId: string | null;
  ip: string | null;
  userAgent: string | null;
  deviceName: string | null;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
};

/** Changes that come with a new token; omitted columns stay. */
export type Rotation = {
  companyId?: string | null;
  methods?: string[];
  mfaAt?: Date;
  limits?: SessionLimits;
};

/**
 * Rotates a session's token, as whenever its permissions change (OWASP ASVS 5.0, 7.2.4). The
 * absolute limit stays or becomes shorter. Returns null for a session that was revoked meanwhile.
 */
export async function rotateSession(
  query: Query,
  hash: string,
  change: Rotation = {},
): Promise<string | null> {
  const token = newToken();
  const { companyId = null, methods = null, mfaAt = null, limits } = change;
  const rotated = await query(
    `UPDATE "Session" SET id = $2, "companyId" = CASE WHEN $3::boolean THEN $4::uuid ELSE "companyId" END,
       methods = COALESCE($5::text[], methods), "mfaAt" = COALESCE($6::timestamptz, "mfaAt"), "lastUsedAt" = now(),
       "idleSeconds" = COALESCE($7::int, "idleSeconds"),
       "absoluteExpiresAt" = LEAST("absoluteExpiresAt", "createdAt" + $8::int * interval '1 second'),
       "expiresAt" = LEAST(now() + COALESCE($7::int, "idleSeconds") * interval '1 second', "absoluteExpiresAt",
                           "createdAt" + $8::int * interval '1 second')
     WHERE id = $1 AND "expiresAt" > now() AND "absoluteExpiresAt" > now() RETURNING 1`,
    [
      ...[hash, hashToken(token), 'companyId' in change, companyId, methods, mfaAt],
      ...[limits?.idle ?? null, limits?.absolute ?? null],
    ],
  );
  return rotated.length === 1 ? token : null;
}

/** Returns the user's valid sessions, latest first. `query` runs in the user's context. */
export const listSessions = (query: Query, userId: string): Promise<ListedSession[]> =>
  query(
    `SELECT left(id, 12) AS id, "companyId", ip, "userAgent", "deviceName", "createdAt", "lastUsedAt", "expiresAt" FROM "Session"
     WHERE "userId" = $1 AND "expiresAt" > now() AND "absoluteExpiresAt" > now() ORDER BY "createdAt" DESC, id`,
    [userId],
  );

/**
 * Revokes one session of the user by its public id, effective on the next request. Returns `false`
 * for an unknown one.
 */
export async function revokeSession(query: Query, userId: string, publicId: string): Promise<boolean> {
  const revoked = await query('DELETE FROM "Session" WHERE "userId" = $1 AND left(id, 12) = $2 RETURNING 1', [
    userId,
    publicId,
  ]);
  return revoked.length > 0;
}

/** Revokes all sessions of the user, or all but the one with this hash; returns their number. */
export async function revokeAllSessions(query: Query, userId: string, exceptHash = ''): Promise<number> {
  return (
    await query('DELETE FROM "Session" WHERE "userId" = $1 AND id <> $2 RETURNING 1', [userId, exceptHash])
  ).length;
}
