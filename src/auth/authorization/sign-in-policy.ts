/** The presets of password policies (auth/password/strength.ts). */
export type PasswordPreset = 'classic' | 'nist';

/**
 * A company's sign-in policy: its row of SignInPolicy, as the database functions of sign-in return
 * it.
 */
export type SignInPolicy = {
  mfaRequired: boolean;
  mfaRoles: string[];
  mfaGraceDays: number;
  stepUpMinutes: number;
  trustedDeviceDays: number;
  sessionIdleMinutes: number;
  sessionAbsoluteHours: number;
};

/** The defaults of a company without settings, equal to the table's defaults. */
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
