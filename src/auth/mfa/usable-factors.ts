import type { Query } from '../../db/sql.ts';
import { type Factor, isProtected } from '../authorization/factor.ts';
import type { AttemptKind } from '../lockout/limits.ts';

/** The attempt kind of each second factor, and its authentication method (RFC 8176, 2). */
export const factorKinds: Record<Factor, { attempts: AttemptKind; method: string }> = {
  totp: { attempts: 'totp', method: 'otp' },
  passkey: { attempts: 'passkey', method: 'pop' },
  email: { attempts: 'code', method: 'otp' },
  sms: { attempts: 'code', method: 'sms' },
  backupCode: { attempts: 'backupCode', method: 'otp' },
};

/** Returns the methods of a session with this factor (RFC 8176: `mfa` beside the methods that made it). */
export const methodsWith = (factor: Factor, before: readonly string[] = ['pwd']): string[] => [
  ...new Set([...before, factorKinds[factor].method, 'mfa']),
];

const CONFIRMED = '"confirmedAt" IS NOT NULL';

/** Returns the available factors of the context's user; none if there are only backup codes. */
export async function usableFactors(query: Query): Promise<Factor[]> {
  const [row] = await query<{ factors: Factor[] }>(
    `SELECT array_remove(ARRAY[
       CASE WHEN EXISTS (SELECT FROM "TotpFactor" WHERE ${CONFIRMED}) THEN 'totp' END,
       CASE WHEN EXISTS (SELECT FROM "Passkey") THEN 'passkey' END,
       CASE WHEN EXISTS (SELECT FROM "ContactFactor" WHERE channel = 'email' AND ${CONFIRMED}) THEN 'email' END,
       CASE WHEN EXISTS (SELECT FROM "ContactFactor" WHERE channel = 'sms' AND ${CONFIRMED}) THEN 'sms' END,
       CASE WHEN EXISTS (SELECT FROM "BackupCode" WHERE "usedAt" IS NULL) THEN 'backupCode' END], NULL) AS factors`,
  );
  const factors = row?.factors ?? [];
  return isProtected(factors) ? factors : [];
}
