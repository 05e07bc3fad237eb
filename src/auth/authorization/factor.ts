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
export const factorKinds: Record<Factor, { attempts: AttemptKind; method: string }> = {
  totp: { attempts: 'totp', method: 'otp' },
  passkey: { attempts: 'passkey', method: 'pop' },
  email: { attempts: 'code', method: 'otp' },
  sms: { attempts: 'code', method: 'sms' },
  backupCode: { attempts: 'backupCode', method: 'otp' },
};

/**
 * Returns the methods of a session with this factor (RFC 8176: `mfa` beside the methods that made
 * it).
 */
export const methodsWith = (factor: Factor, before: readonly string[] = ['pwd']): string[] => [
  ...new Set([...before, factorKinds[factor].method, 'mfa']),
];

/**
 * Returns whether a second factor protects the user; backup codes replace a factor and are none
 * alone.
 */
export const isProtected = (factors: readonly Factor[]): boolean =>
  factors.some((factor) => factor !== 'backupCode');
