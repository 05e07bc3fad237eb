import { anonymous } from '../../audit/record/body.ts';
import { hashToken, isToken, newToken } from '../../crypto/token.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { AppError } from '../../errors.ts';
import type { Factor } from '../authorization/factor.ts';
import type { IdentityWork } from '../identity-command.ts';
import { notEnrolled, usableFactors } from './verify-factor.ts';

/** Lifetime of an MFA challenge. */
const MINUTES = 10;

/**
 * An MFA challenge after a correct password. Only the hash of `token` is stored; it is returned
 * once.
 */
export type Challenge = { token: string; methods: Factor[]; expiresAt: Date };

/**
 * The user of an MFA challenge, with the companies where they are an active member, oldest first.
 */
export type ChallengedUser = {
  userId: string;
  email: string;
  name: string;
  methods: Factor[];
  companies: string[];
};

/** Creates the MFA challenge after a correct password; null for a user without a second factor. */
export async function challengeFor(
  { services, origin, transaction }: IdentityWork,
  { userId, companies }: { userId: string; companies: string[] },
): Promise<Challenge | null> {
  const methods = await usableFactors(queryAs(services.pool, { companyId: null, userId }));
  if (methods.length === 0) return null;
  const [companyId] = companies as [string, ...string[]];
  const token = newToken();
  return transaction({ companyId, userId }, async (tx) => {
    await tx.append({ action: 'signIn.secondFactorAsked', data: { userId } }, anonymous);
    const [row] = await tx<{ expiresAt: Date }>(
      `INSERT INTO "MfaChallenge" (hash, "userId", ip, "userAgent", methods, "expiresAt")
       VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 minute') RETURNING "expiresAt"`,
      [hashToken(token), userId, origin.ip, origin.userAgent, methods, MINUTES],
    );
    return { token, methods, expiresAt: (row as { expiresAt: Date }).expiresAt };
  });
}

/**
 * Returns the user of a challenge. Errors: UNAUTHENTICATED for a token that is malformed, unknown,
 * used or expired, without distinction; INVALID_INPUT for a factor that the user lacks.
 */
export async function userOfChallenge(
  pool: TenantPool,
  token: string,
  factor?: Factor,
): Promise<ChallengedUser> {
  if (!isToken(token)) throw unknownChallenge();
  const query = queryAs(pool, { companyId: null, userId: null });
  const [user] = await query<ChallengedUser>(
    'SELECT user_id AS "userId", email, name, methods, companies FROM user_of_mfa_challenge($1)',
    [hashToken(token)],
  );
  if (!user || user.companies.length === 0) throw unknownChallenge();
  if (factor && !user.methods.includes(factor)) throw notEnrolled();
  return user;
}

/**
 * Consumes a challenge, in its user's context: of concurrent requests with one token, one passes.
 * Error: UNAUTHENTICATED.
 */
export async function consumeChallenge(query: Query, token: string): Promise<void> {
  const used = await query('DELETE FROM "MfaChallenge" WHERE hash = $1 AND "expiresAt" > now() RETURNING 1', [
    hashToken(token),
  ]);
  if (used.length === 0) throw unknownChallenge();
}

const unknownChallenge = () =>
  new AppError('UNAUTHENTICATED', 'This sign-in is unknown, completed or expired; sign in again.');
