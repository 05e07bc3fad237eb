import type { Query } from '../../db/sql.ts';
import type { AttemptKind } from '../lockout/limits.ts';

/** Kinds of second factors that a user can have. */
export type Factor = 'totp' | 'passkey' | 'email' | 'sms' | 'backupCode';

/** What the API calls each of them, in the enum `SecondFactor` and in errors. */
export const factorNames = {
  totp: 'TOTP',
  passkey: 'PASSKEY',
  email: 'EMAIL',
  sms: 'SMS',
  backupCode: 'BACKUP_CODE',
} as const satisfies Record<Factor, string>;

/** The attempt kind of each second factor, and its authentication method (RFC 8176, 2). */
export const factorKinds: Record<Factor, { tries: AttemptKind; method: string }> = {
  totp: { tries: 'totp', method: 'otp' },
  passkey: { tries: 'passkey', method: 'pop' },
  email: { tries: 'code', method: 'otp' },
  sms: { tries: 'code', method: 'sms' },
  backupCode: { tries: 'backupCode', method: 'otp' },
};

/** The methods of a session by password and this factor (RFC 8176: `mfa` beside the methods that made it). */
export const methodsWith = (factor: Factor, before: readonly string[] = ['pwd']): string[] => [
  ...new Set([...before, factorKinds[factor].method, 'mfa']),
];

/** Backup codes stand in for a factor; by themselves they are none. */
export const isProtected = (factors: readonly Factor[]): boolean =>
  factors.some((factor) => factor !== 'backupCode');

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
