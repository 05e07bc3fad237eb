import type { Factor } from '../auth/authorization/factor.ts';
import type { KeyAnomaly, Operation, Templates } from './template-data.ts';

const NOT_YOU = "If this wasn't you, reset your password and tell your administrator.";

const factors: Record<Factor, string> = {
  totp: 'an authenticator app',
  passkey: 'a passkey',
  email: 'codes by e-mail',
  sms: 'codes by text message',
  backupCode: 'backup codes',
};
const anomalies: Record<KeyAnomaly, string> = {
  newNetwork: 'was used from a new network',
  awoken: 'was used again after months without use',
  refused: 'has been refused often today',
};
const operations: Record<Operation, string> = {
  restore: 'restoring a backup into',
  reset: 'deleting everything in',
};
const from = (address: string | null) => address ?? 'an unknown address';

export const en: Templates = {
  verifySignUp: ({ company, link, hours }) => ({
    subject: `Confirm your e-mail address for ${company}`,
    text: `A request to join ${company} was made with this address. If it was yours, continue here:\n\n${link}\n\nThe link works once and expires after ${hours} hours. If it wasn't you, ignore this mail.\n`,
  }),
  alreadyMember: ({ company }) => ({
    subject: `You are already a member of ${company}`,
    text: `A request to join ${company} was made with this address, which already belongs to a member. Sign in, or reset your password if you have forgotten it.\n`,
  }),
  alreadyInvited: ({ company }) => ({
    subject: `You are already invited to ${company}`,
    text: `A request to join ${company} was made with this address, which already has an invitation. Open the link in the invitation; if it has expired, ask ${company} for a new one.\n`,
  }),
  signUpApproved: ({ company }) => ({
    subject: `Welcome to ${company}`,
    text: `You are a member of ${company} now and can sign in.\n`,
  }),
  signUpRefused: ({ company }) => ({
    subject: `Your request to join ${company}`,
    text: `${company} has declined your request to join.\n`,
  }),
  invitation: ({ company, link, days }) => ({
    subject: `You are invited to ${company}`,
    text: `${company} has invited you. Choose your password here:\n\n${link}\n\nThe link works once and expires after ${days} days.\n`,
  }),
  invitationToExistingUser: ({ company, link, days }) => ({
    subject: `You are invited to ${company}`,
    text: `${company} has invited you. Accept the invitation here, then sign in as usual:\n\n${link}\n\nThe link works once and expires after ${days} days. If you don't want to join, ignore this mail: you become a member only when you accept.\n`,
  }),
  resetPassword: ({ link, minutes }) => ({
    subject: 'Reset your password',
    text: `Choose a new password here:\n\n${link}\n\nThe link works once and expires after ${minutes} minutes. If you didn't ask for it, ignore this mail: your password is unchanged.\n`,
  }),
  passwordChanged: ({ when }) => ({
    subject: 'Your password was changed',
    text: `Your password was changed at ${when}, and your other sessions were revoked.\n\n${NOT_YOU}\n`,
  }),
  accountLocked: ({ link, minutes }) => ({
    subject: 'Your account is temporarily locked',
    text: `After too many wrong passwords, your account is locked for ${minutes} minutes. If it was you, unlock it here:\n\n${link}\n\nIf it wasn't you, ignore this mail: your password has not been guessed.\n`,
  }),
  tokenReused: ({ when, address }) => ({
    subject: 'One of your sessions was revoked',
    text: `At ${when}, a refresh token of yours that had already been used was sent again from ${from(address)}. It may have been copied from one of your devices, so the session was revoked on every device that used it.\n\nSign in again on the device that asks you to. If this happens again, change your password and tell your administrator.\n`,
  }),
  passkeyAdded: ({ when }) => ({
    subject: 'A passkey was added to your account',
    text: `A passkey was added to your account at ${when}. It signs you in without a password.\n\nIf this wasn't you, remove it, revoke your sessions and tell your administrator.\n`,
  }),
  passkeyRemoved: ({ when }) => ({
    subject: 'A passkey was removed from your account',
    text: `A passkey was removed from your account at ${when}.\n\n${NOT_YOU}\n`,
  }),
  passkeyCopied: ({ address, when }) => ({
    subject: 'One of your passkeys may have been copied',
    text: `At ${when}, a sign-in from ${from(address)} with one of your passkeys was refused, because the passkey's counter went back. There may be a second copy of the passkey.\n\nRemove that passkey, add a new one and tell your administrator.\n`,
  }),
  newDevice: ({ device, address, when }) => ({
    subject: 'Sign-in from a new device',
    text: `Your account was signed in to at ${when} with ${device ?? 'an unknown device'} from ${from(address)}.\n\n${NOT_YOU}\n`,
  }),
  factorAdded: ({ factor, when }) => ({
    subject: 'A second factor was added',
    text: `At ${when}, ${factors[factor]} became a second factor of your account. Your other sessions were revoked.\n\n${NOT_YOU}\n`,
  }),
  factorRemoved: ({ factor, when }) => ({
    subject: 'A second factor was removed',
    text: `At ${when}, a second factor of your account was removed: ${factors[factor]}.\n\n${NOT_YOU}\n`,
  }),
  oneTimeCode: ({ code, minutes }) => ({
    subject: 'Your code',
    text: `Your code is ${code}. It works once and expires after ${minutes} minutes. Do not share it: we never ask for it.\n`,
  }),
  backupCodesMade: ({ when }) => ({
    subject: 'You have new backup codes',
    text: `New backup codes were generated for your account at ${when}; earlier ones no longer work.\n\n${NOT_YOU}\n`,
  }),
  backupCodeUsed: ({ when }) => ({
    subject: 'A backup code was used',
    text: `Your account was signed in to at ${when} with your password and one of your backup codes. That code no longer works.\n\n${NOT_YOU}\n`,
  }),
  factorsDisabled: ({ when }) => ({
    subject: 'Your second factors were disabled',
    text: `An administrator disabled your second factors at ${when}, and your sessions were revoked. Sign in with your password and add a second factor again.\n\nIf you didn't ask for this, tell your administrator.\n`,
  }),
  verifyRecoveryEmail: ({ link, hours }) => ({
    subject: 'Confirm your recovery address',
    text: `This address was entered as the recovery address of an account. If it was you, confirm it here:\n\n${link}\n\nThe link works once and expires after ${hours} hours. If it wasn't you, ignore this mail.\n`,
  }),
  recoveryEmailSet: ({ when }) => ({
    subject: 'Your recovery address was changed',
    text: `The recovery address of your account was set at ${when}.\n\n${NOT_YOU}\n`,
  }),
  recovery: ({ link, hours }) => ({
    subject: 'Recover your account',
    text: `Recovery of your account was started with your password. Remove the second factors here, then sign in and add new ones:\n\n${link}\n\nThe link works once and expires after ${hours} hours. If it wasn't you, do not open it, and change your password.\n`,
  }),
  recoveryStarted: ({ when }) => ({
    subject: 'Recovery of your account was started',
    text: `At ${when}, removal of your second factors was requested with your password. A link was sent to your recovery address.\n\n${NOT_YOU}\n`,
  }),
  recovered: ({ when }) => ({
    subject: 'Your second factors were removed',
    text: `Your second factors were removed by recovery at ${when}, and all your sessions were revoked.\n\n${NOT_YOU}\n`,
  }),
  secondFactorLocked: ({ minutes }) => ({
    subject: 'Wrong codes for your account',
    text: `After too many wrong codes, this second factor of your account is locked for ${minutes} minutes. The codes were entered together with your correct password: if it wasn't you, change your password now.\n`,
  }),
  confirmOperation: ({ operation, database, code, minutes, when }) => ({
    subject: operation === 'reset' ? 'Confirm the reset of a database' : 'Confirm the restore of a backup',
    text: `At ${when}, ${operations[operation]} the database ${database} was requested on the command line. To confirm it, enter this code there:\n\n${code}\n\nThe code works once and expires after ${minutes} minutes. If you don't know of it, do not pass the code on, and find out who has access to the server.\n`,
  }),
  keyAnomaly: ({ anomaly, key, account, address, when }) => ({
    subject: 'Unusual use of an API key',
    text: `The API key “${key}” of the service account “${account}” ${anomalies[anomaly]}. Most recently at ${when}, from ${from(address)}.\n\nIf you know why, ignore this mail. Otherwise revoke or rotate the key and check the audit log. You receive this notice at most once a day for each key.\n`,
  }),
};
