import type { Factor } from '../auth/authorization/factor.ts';

/**
 * Every message and its data. The data contains no name that an unverified sender chose. Add a
 * message here and in each language file; the compiler names the languages that lack it.
 */
export type TemplateData = {
  verifySignUp: { company: string; link: string; hours: number };
  alreadyMember: { company: string };
  alreadyInvited: { company: string };
  signUpApproved: { company: string };
  signUpRefused: { company: string };
  invitation: { company: string; link: string; days: number };
  invitationToExistingUser: { company: string; link: string; days: number };
  resetPassword: { link: string; minutes: number };
  passwordChanged: { when: string };
  accountLocked: { link: string; minutes: number };
  tokenReused: { when: string; address: string | null };
  passkeyAdded: { when: string };
  passkeyRemoved: { when: string };
  passkeyCopied: { address: string | null; when: string };
  newDevice: { device: string | null; address: string | null; when: string };
  factorAdded: { factor: Factor; when: string };
  factorRemoved: { factor: Factor; when: string };
  oneTimeCode: { code: string; minutes: number };
  backupCodesMade: { when: string };
  backupCodeUsed: { when: string };
  factorsDisabled: { when: string };
  verifyRecoveryEmail: { link: string; hours: number };
  recoveryEmailSet: { when: string };
  recovery: { link: string; hours: number };
  recoveryStarted: { when: string };
  recovered: { when: string };
  secondFactorLocked: { minutes: number };
  confirmOperation: { operation: Operation; database: string; code: string; minutes: number; when: string };
  keyAnomaly: { anomaly: KeyAnomaly; key: string; account: string; address: string | null; when: string };
};
/** What the operator confirms by a mailed code. */
export type Operation = 'restore' | 'reset';
/** The kinds of unusual use of an API key (auth/api-keys/anomaly.ts). */
export type KeyAnomaly = 'newNetwork' | 'awoken' | 'refused';

export type TemplateName = keyof TemplateData;
export type Templates = {
  [Kind in TemplateName]: (data: TemplateData[Kind]) => { subject: string; text: string };
};
