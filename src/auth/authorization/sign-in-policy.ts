import type { PasswordPreset } from '../password/strength.ts';

/** What a company asks of those who sign in; its row of the table SignInPolicy, as sign-in's functions return it. */
export type SignInPolicy = {
  mfaRequired: boolean;
  mfaRoles: string[];
  mfaGraceDays: number;
  stepUpMinutes: number;
  trustedDeviceDays: number;
  sessionIdleMinutes: number;
  sessionAbsoluteHours: number;
};

/** What holds while a company has set nothing; the table's own defaults say the same. */
export const defaultPolicy: SignInPolicy & { passwordPreset: PasswordPreset } = {
  passwordPreset: 'classic',
  mfaRequired: false,
  mfaRoles: ['admin', 'staff', 'company_admin', 'hr_admin', 'finance_admin'],
  mfaGraceDays: 7,
  stepUpMinutes: 10,
  trustedDeviceDays: 14,
  sessionIdleMinutes: 24 * 60,
  sessionAbsoluteHours: 30 * 24,
};

export const policyOf = <Policy extends SignInPolicy>(own: Policy | null): Policy | typeof defaultPolicy =>
  own ?? defaultPolicy;
