import { hashToken, isToken, newToken } from '../../crypto/token.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';

/** Minutes that each kind of email token lasts. The kinds are those of the enum EmailTokenKind. */
export const emailTokenMinutes = {
  invitation: 7 * 24 * 60,
  resetPassword: 30,
  unlock: 60,
  recoverMfa: 24 * 60,
  verifyRecoveryEmail: 24 * 60,
} as const;
export type EmailTokenKind = keyof typeof emailTokenMinutes;

/** The user whom an email token was mailed to, and the company that it is bound to. */
export type EmailToken = {
  userId: string;
  email: string;
  name: string;
  language: string;
  companyId: string | null;
};

/**
 * Creates an email token in a transaction of the user; the token itself is in the mail alone.
 * Earlier tokens of the kind become void, and the new one lasts at least as long as they would
 * have. The user's row is locked, so that one of several concurrent tokens stays valid.
 */
export async function createEmailToken(
  query: Query,
  userId: string,
  kind: EmailTokenKind,
  {
    companyId = null,
    minutes = emailTokenMinutes[kind],
  }: { companyId?: string | null; minutes?: number } = {},
): Promise<string> {
  const token = newToken();
  await query('SELECT FROM "User" WHERE id = $1 FOR NO KEY UPDATE', [userId]);
  await query(
    `WITH void AS (
       UPDATE "EmailToken" SET "usedAt" = now()
       WHERE "userId" = $2 AND kind::text = $3 AND "companyId" IS NOT DISTINCT FROM $4 AND "usedAt" IS NULL RETURNING "expiresAt")
     INSERT INTO "EmailToken" (hash, "userId", kind, "companyId", "expiresAt")
     SELECT $1, $2, $3::text::"EmailTokenKind", $4, greatest(now() + $5 * interval '1 minute', (SELECT max("expiresAt") FROM void))`,
    [hashToken(token), userId, kind, companyId, minutes],
  );
  return token;
}

/**
 * Returns the user of an email token; null for a token that is malformed, unknown, of another kind,
 * used, expired, or void since what it rests on has changed. The answer does not tell which.
 */
export async function findEmailToken(
  pool: TenantPool,
  token: string,
  kind: EmailTokenKind,
): Promise<EmailToken | null> {
  if (!isToken(token)) return null;
  const query = queryAs(pool, { companyId: null, userId: null });
  const [row] = await query<EmailToken & { kind: string }>(
    `SELECT user_id AS "userId", email, name, language, company_id AS "companyId", kind FROM user_of_email_token($1)`,
    [hashToken(token)],
  );
  return row?.kind === kind ? row : null;
}

/**
 * Uses an email token up, in the user's context: true while it still rests on what it was mailed
 * for. Of concurrent requests with one token, one gets true.
 */
export async function useEmailToken(query: Query, token: string): Promise<boolean> {
  const used = await query(
    `UPDATE "EmailToken" SET "usedAt" = now()
     WHERE hash = $1 AND "usedAt" IS NULL AND EXISTS (SELECT FROM user_of_email_token($1)) RETURNING 1`,
    [hashToken(token)],
  );
  return used.length === 1;
}
