import { randomUUID } from 'node:crypto';
import type { Keyring } from '../../crypto/keys/keyring.ts';
import { hashToken, newToken } from '../../crypto/token.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { REFRESH_SECONDS, USUAL_IDLE } from '../policy/session-limits.ts';
import { openSecret, sealSecret } from '../secrets/sealed-secret.ts';

/**
 * Seconds after its exchange in which a token gives the same successor again (RFC 9700, 4.14.2).
 */
const GRACE = 10;

/** `bwr_` and 256 bits: a secret scanner knows it by its form. */
const newRefreshToken = (): string => `bwr_${newToken()}`;
const FORM = /^bwr_[A-Za-z0-9_-]{43}$/;

/**
 * A refresh token with the claims of its access token: `id` of both, and `session`, the hash of the
 * session that groups them.
 */
export type Refresh = { token: string; id: string; session: string; issuedAt: Date; expiresAt: Date };
export type Owner = { id: string; userId: string; companyId: string | null; active: boolean };

/** Returns the owner; null for a malformed or unknown token, and for a revoked session. */
export async function ownerOf(pool: TenantPool, token: string): Promise<Owner | null> {
  if (!FORM.test(token)) return null;
  const query = queryAs(pool, { companyId: null, userId: null });
  const [owner] = await query<Owner>(
    'SELECT token_id AS id, user_id AS "userId", company_id AS "companyId", active FROM user_of_refresh_token($1)',
    [hashToken(token)],
  );
  return owner ?? null;
}

/**
 * Creates the first refresh token of a session, which continues by tokens: its session token and
 * earlier refresh tokens are void, and its limits are those of refresh tokens. `query` runs in the
 * user's context. Returns null for a session that was revoked meanwhile.
 */
export async function beginFamily(query: Query, userId: string, sessionId: string): Promise<Refresh | null> {
  const token = newRefreshToken();
  const id = randomUUID();
  // the hash of a discarded token
  const session = hashToken(newRefreshToken());
  const [begun] = await query<{ issuedAt: Date; expiresAt: Date }>(
    `UPDATE "Session" SET id = $2, "lastUsedAt" = now(),
       "idleSeconds" = CASE WHEN "idleSeconds" < $3 THEN "idleSeconds" ELSE $4 END,
       "expiresAt" = LEAST("absoluteExpiresAt", now() + CASE WHEN "idleSeconds" < $3 THEN "idleSeconds" ELSE $4 END * interval '1 second')
     WHERE id = $1 AND "expiresAt" > now() AND "absoluteExpiresAt" > now() RETURNING now() AS "issuedAt", "expiresAt"`,
    [sessionId, session, USUAL_IDLE, REFRESH_SECONDS],
  );
  if (!begun) return null;
  await query('DELETE FROM "RefreshToken" WHERE "sessionId" = $1', [session]);
  await query(
    `INSERT INTO "RefreshToken" (id, "userId", "sessionId", hash, "createdAt", "expiresAt") VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, userId, session, hashToken(token), begun.issuedAt, begun.expiresAt],
  );
  return { token, id, session, ...begun };
}

type Row = {
  outcome: 'rotated' | 'repeated' | 'replayed' | 'unknown';
  token: string;
  next: string;
  successor: string;
  session: string;
  issuedAt: Date;
  expiresAt: Date;
};
export type Exchange = Refresh | 'unknown' | { replayed: string };

/**
 * Exchanges a token for its successor in one statement: a new one, or the existing one within the
 * grace period. `replayed` names the session of a token that was used twice. The successor is
 * stored sealed, because it must be returned again.
 */
export async function exchange(
  pool: TenantPool,
  keyring: Keyring,
  owner: Owner,
  token: string,
): Promise<Exchange> {
  const next = newRefreshToken();
  const sealed = await sealSecret(keyring, 'successor', owner.id, next);
  const query = queryAs(pool, { companyId: null, userId: owner.userId });
  const [row] = await query<Row>(
    `SELECT outcome, token, next, successor, session, issued_at AS "issuedAt", expires_at AS "expiresAt"
     FROM exchange_refresh_token($1, $2, $3, $4, $5, $6)`,
    [hashToken(token), randomUUID(), hashToken(next), sealed, GRACE, REFRESH_SECONDS],
  );
  if (!row || row.outcome === 'unknown') return 'unknown';
  if (row.outcome === 'replayed') return { replayed: row.session };
  const { session, issuedAt, expiresAt } = row;
  const given =
    row.outcome === 'rotated' ? next : await openSecret(keyring, 'successor', row.token, row.successor);
  return { token: given, id: row.next, session, issuedAt, expiresAt };
}
