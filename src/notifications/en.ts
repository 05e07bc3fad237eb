import type { KeyAnomaly } from '../auth/api-keys/anomaly.ts';
import type { Factor } from '../auth/mfa/factor.ts';
import type { Templates } from './templates.ts';

const NOT_YOU = "If this wasn't you, reset your password and tell your administrator.";

const factors: Record<Factor, string> = {
  totp: 'an authenticator app',
  passkey: 'a passkey',
  email: 'codes by e-mail',
  sms: 'codes by text message',
  backupCode: 'backup codes',
};
const anomalies: Record<KeyAnomaly, string> = {
  newNetwork: 'was used from a network that it was not used from before',
  awoken: 'was used again after it lay unused for months',
  refused: 'has been refused often today',
};
const somewhere = (address: string | null) => address ?? 'an unknown address';

export const en: Templates = {
  verifySignUp: ({ company, link, hours }) => ({
    subject: `Confirm your e-mail address for ${company}`,
    text: `Somebody asked to join ${company} with this address. If it was you, go on here:\n\n${link}\n\nThe link works once and for ${hours} hours. If it wasn't you, do nothing.\n`,
  }),
  alreadyMember: ({ company }) => ({
    subject: `You are a member of ${company} already`,
    text: `Somebody asked to join ${company} with this address, which is a member there already. Sign in, or reset your password if you have forgotten it.\n`,
  }),
  alreadyInvited: ({ company }) => ({
    subject: `You are invited to ${company} already`,
    text: `Somebody asked to join ${company} with this address, which is invited there already. Open the link in that mail; if it has expired, ask there for another one.\n`,
  }),
  signUpApproved: ({ company }) => ({
    subject: `Welcome to ${company}`,
    text: `You are a member of ${company} now, and can sign in.\n`,
  }),
  signUpRefused: ({ company }) => ({
    subject: `Your request to join ${company}`,
    text: `${company} has not taken your request to join.\n`,
  }),
  invitation: ({ company, link, days }) => ({
    subject: `You are invited to ${company}`,
    text: `${company} has invited you. Choose your password here:\n\n${link}\n\nThe link works once and for ${days} days.\n`,
  }),
  invitationToExistingUser: ({ company, link, days }) => ({
    subject: `You are invited to ${company}`,
    text: `${company} has invited you. Accept here, and sign in as you always do:\n\n${link}\n\nThe link works once and for ${days} days. If you don't want to, do nothing: you are no member before you accept.\n`,
  }),
  resetPassword: ({ link, minutes }) => ({
    subject: 'Reset your password',
    text: `Choose a new password here:\n\n${link}\n\nThe link works once and for ${minutes} minutes. If you didn't ask for it, do nothing: your password stays as it is.\n`,
  }),
  passwordChanged: ({ when }) => ({
    subject: 'Your password was changed',
    text: `Your password was changed at ${when}, and your other sessions were ended.\n\n${NOT_YOU}\n`,
  }),
  accountLocked: ({ link, minutes }) => ({
    subject: 'Your account is locked for a while',
    text: `There were too many wrong passwords for your account, so it takes none for ${minutes} minutes. If it was you, unlock it here:\n\n${link}\n\nIf it wasn't you, do nothing: your password has not been guessed.\n`,
  }),
  tokenReused: ({ when, address }) => ({
    subject: 'A sign-in of yours was ended',
    text: `At ${when} somebody at ${somewhere(address)} used a token of yours that had been used before. It may have been copied from one of your devices, so that sign-in has been ended there and everywhere.\n\nSign in again on the device that asks you to. If it happens once more, change your password and tell your administrator.\n`,
  }),
  passkeyAdded: ({ when }) => ({
    subject: 'A passkey was added to your account',
    text: `A passkey was added to your account at ${when}: it signs you in without a password.\n\nIf this wasn't you, remove it, end your sessions and tell your administrator.\n`,
  }),
  passkeyRemoved: ({ when }) => ({
    subject: 'A passkey was removed from your account',
    text: `A passkey was removed from your account at ${when}.\n\n${NOT_YOU}\n`,
  }),
  passkeyCopied: ({ address, when }) => ({
    subject: 'One of your passkeys may have been copied',
    text: `At ${when} somebody tried to sign in from ${somewhere(address)} with one of your passkeys, and its counter had gone back: there may be a second copy of it. The try was refused.\n\nRemove that passkey, add a new one and tell your administrator.\n`,
  }),
  newDevice: ({ device, address, when }) => ({
    subject: 'A sign-in from a new device',
    text: `Somebody signed in as you at ${when} with ${device ?? 'an unknown device'} from ${somewhere(address)}.\n\n${NOT_YOU}\n`,
  }),
  factorAdded: ({ factor, when }) => ({
    subject: 'A second factor was added',
    text: `Since ${when}, signing in as you asks for ${factors[factor]} too. Your other sessions were ended.\n\n${NOT_YOU}\n`,
  }),
  factorRemoved: ({ factor, when }) => ({
    subject: 'A second factor was removed',
    text: `Since ${when}, signing in as you asks for ${factors[factor]} no longer.\n\n${NOT_YOU}\n`,
  }),
  oneTimeCode: ({ code, minutes }) => ({
    subject: 'Your code',
    text: `Your code is ${code}. It works once and for ${minutes} minutes. Give it to nobody: we never ask for it.\n`,
  }),
  backupCodesMade: ({ when }) => ({
    subject: 'You have new backup codes',
    text: `New backup codes were made for your account at ${when}; the older ones are void.\n\n${NOT_YOU}\n`,
  }),
  backupCodeUsed: ({ when }) => ({
    subject: 'A backup code was used',
    text: `Somebody signed in as you at ${when} with your password and one of your backup codes, which is used up now.\n\n${NOT_YOU}\n`,
  }),
  factorsDisabled: ({ when }) => ({
    subject: 'Your second factors were disabled',
    text: `An administrator disabled your second factors at ${when}, and your sessions were ended. Sign in with your password and add one anew.\n\nIf you didn't ask for this, tell your administrator.\n`,
  }),
  verifyRecoveryEmail: ({ link, hours }) => ({
    subject: 'Confirm your recovery address',
    text: `Somebody named this address to recover their account with. If it was you, confirm it here:\n\n${link}\n\nThe link works once and for ${hours} hours. If it wasn't you, do nothing.\n`,
  }),
  recoveryEmailSet: ({ when }) => ({
    subject: 'Your recovery address was changed',
    text: `The address to recover your account with was set at ${when}.\n\n${NOT_YOU}\n`,
  }),
  recovery: ({ link, hours }) => ({
    subject: 'Recover your account',
    text: `Somebody who knows the password of your account has lost its second factors. If it was you, remove them here and add new ones after you signed in:\n\n${link}\n\nThe link works once and for ${hours} hours. If it wasn't you, do nothing, and change your password.\n`,
  }),
  recoveryStarted: ({ when }) => ({
    subject: 'Recovery of your account was started',
    text: `At ${when}, somebody with your password asked to remove your second factors; a link was mailed to your recovery address.\n\n${NOT_YOU}\n`,
  }),
  recovered: ({ when }) => ({
    subject: 'Your second factors were removed',
    text: `Your second factors were removed by recovery at ${when}, and all your sessions were ended.\n\n${NOT_YOU}\n`,
  }),
  secondFactorLocked: ({ minutes }) => ({
    subject: 'Wrong codes for your account',
    text: `There were too many wrong codes for your account, so it takes none of this kind for ${minutes} minutes. Whoever tried them knows your password: if it wasn't you, change it now.\n`,
  }),
  keyAnomaly: ({ anomaly, key, account, address, when }) => ({
    subject: 'Something is unusual about an API key',
    text: `The API key “${key}” of the service account “${account}” ${anomalies[anomaly]}. The latest was at ${when}, from ${somewhere(address)}.\n\nIf you know why, do nothing. If you don't, revoke the key or give it a successor, and look at the record. This is said once a day.\n`,
  }),
};
