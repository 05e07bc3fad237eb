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

/** Returns whether a second factor protects the user; backup codes replace a factor and are none alone. */
export const isProtected = (factors: readonly Factor[]): boolean =>
  factors.some((factor) => factor !== 'backupCode');
