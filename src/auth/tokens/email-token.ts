import { createHash, randomBytes } from 'node:crypto';
import { type Query, queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';

/** What a mailed link can do, and for how many minutes. Its kinds are those of the enum EmailTokenKind. */
export const linkMinutes = {
  invitation: 7 * 24 * 60,
  resetPassword: 30,
  unlock: 60,
  recoverMfa: 24 * 60,
  verifyRecoveryEmail: 24 * 60,
} as const;
export type LinkKind = keyof typeof linkMinutes;

/** Whose link it is. */
export type Link = {
  userId: string;
  email: string;
  name: string;
  language: string;
  companyId: string | null;
};

/** 256 random bits, as in a session's token: the table holds their hash alone. */
export const newSecret = (): string => randomBytes(32).toString('base64url');
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('hex');
const SECRET = /^[A-Za-z0-9_-]{43}$/;
export const isSecret = (text: string): boolean => SECRET.test(text);

/**
 * A new link's token, in a transaction of the user: shown in the mail and nowhere else. Earlier links of the kind are void, and it holds no
 * shorter than they would have. Of those that are made at the same time one is left.
 */
export async function createLink(
  query: Query,
  userId: string,
  kind: LinkKind,
  { companyId = null, minutes = linkMinutes[kind] }: { companyId?: string | null; minutes?: number } = {},
): Promise<string> {
  const token = newSecret();
  await query('SELECT FROM "User" WHERE id = $1 FOR NO KEY UPDATE', [userId]);
  await query(
    `WITH void AS (
       UPDATE "EmailToken" SET "usedAt" = now()
       WHERE "userId" = $2 AND kind::text = $3 AND "companyId" IS NOT DISTINCT FROM $4 AND "usedAt" IS NULL RETURNING "expiresAt")
     INSERT INTO "EmailToken" (hash, "userId", kind, "companyId", "expiresAt")
     SELECT $1, $2, $3::text::"EmailTokenKind", $4, greatest(now() + $5 * interval '1 minute', (SELECT max("expiresAt") FROM void))`,
    [secretHash(token), userId, kind, companyId, minutes],
  );
  return token;
}

/** Whose link this is; `null` for one that is malformed, unknown, of another kind, used or expired. The answer doesn't tell which. */
export async function linkOf(pool: TenantPool, token: string, kind: LinkKind): Promise<Link | null> {
  if (!isSecret(token)) return null;
  const query = queryAs(pool, { companyId: null, userId: null });
  const [row] = await query<Link & { kind: string }>(
    `SELECT user_id AS "userId", email, name, language, company_id AS "companyId", kind FROM user_of_email_token($1)`,
    [secretHash(token)],
  );
  return row?.kind === kind ? row : null;
}

/** Uses a link up, in the user's own context. Of any number of requests with the same one, one gets `true`. */
export async function useLink(query: Query, token: string): Promise<boolean> {
  const used = await query(
    'UPDATE "EmailToken" SET "usedAt" = now() WHERE hash = $1 AND "usedAt" IS NULL AND "expiresAt" > now() RETURNING 1',
    [secretHash(token)],
  );
  return used.length === 1;
}
