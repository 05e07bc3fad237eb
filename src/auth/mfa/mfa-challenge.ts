import { hashToken, isToken, newToken } from '../../crypto/token.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import type { Factor } from '../authorization/factor.ts';

/** Lifetime of an MFA challenge. */
const MINUTES = 10;

/** An MFA challenge after a correct password. Only the hash of `token` is stored; it is returned once. */
export type Pending = { token: string; methods: Factor[]; expiresAt: Date };

/** Whose it is, with the companies where they are an active member, oldest first. */
export type PendingUser = {
  userId: string;
  email: string;
  name: string;
  methods: Factor[];
  companies: string[];
};

/** In the user's own context. */
export async function createPending(
  query: Query,
  userId: string,
  methods: Factor[],
  { ip, userAgent }: { ip: string | null; userAgent: string | null },
): Promise<Pending> {
  const token = newToken();
  const [row] = await query<{ expiresAt: Date }>(
    `INSERT INTO "MfaChallenge" (hash, "userId", ip, "userAgent", methods, "expiresAt")
     VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 minute') RETURNING "expiresAt"`,
    [hashToken(token), userId, ip, userAgent, methods, MINUTES],
  );
  return { token, methods, expiresAt: (row as { expiresAt: Date }).expiresAt };
}

/** Returns the user of a challenge; null for a malformed, unknown, used or expired token, without distinction. */
export async function pendingUser(pool: TenantPool, token: string): Promise<PendingUser | null> {
  if (!isToken(token)) return null;
  const query = queryAs(pool, { companyId: null, userId: null });
  const [row] = await query<PendingUser>(
    'SELECT user_id AS "userId", email, name, methods, companies FROM user_of_mfa_challenge($1)',
    [hashToken(token)],
  );
  return row ?? null;
}

/** Uses it up, in the user's own context. Of any number of requests with the same one, one gets `true`. */
export async function usePending(query: Query, token: string): Promise<boolean> {
  const used = await query('DELETE FROM "MfaChallenge" WHERE hash = $1 AND "expiresAt" > now() RETURNING 1', [
    hashToken(token),
  ]);
  return used.length === 1;
}
