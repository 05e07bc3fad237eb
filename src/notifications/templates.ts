import type { KeyAnomaly } from '../auth/api-keys/anomaly.ts';
import type { Factor } from '../auth/mfa/factor.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import type { Message } from './message.ts';

/**
 * Every message and its data. The data contains no name that an unverified sender chose. Add a message here and in each language file;
 * the compiler names the languages that lack it.
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
  keyAnomaly: { anomaly: KeyAnomaly; key: string; account: string; address: string | null; when: string };
};
export type TemplateName = keyof TemplateData;
export type Templates = {
  [Kind in TemplateName]: (data: TemplateData[Kind]) => { subject: string; text: string };
};

/** Templates by BCP 47 language tag. */
export const languages: Readonly<Record<string, Templates>> = { en, de };

/** Used when neither the user nor the inviter named a language. */
export const defaultLanguage = 'en';

/** Returns the best match by lookup (RFC 4647, 3.4): `de-AT` falls back to `de`, and any other language to English. */
function nearest(tag: string): Templates {
  for (let parts = tag.split('-'); parts.length > 0; parts = parts.slice(0, -1)) {
    const name = parts.join('-');
    if (Object.hasOwn(languages, name)) return languages[name] as Templates;
  }
  return en;
}

/** The recipient: `to` is an e-mail address, or a number when the channel is `sms`. */
export type Addressee = { channel?: Message['channel']; to: string; language: string };

/** Renders a message in the recipient's language. */
export function renderTemplate<Kind extends TemplateName>(
  { channel = 'email', to, language }: Addressee,
  kind: Kind,
  data: TemplateData[Kind],
): Message {
  const { subject, text } = nearest(language)[kind](onOneLine(data));
  return { channel, to, subject: channel === 'sms' ? '' : subject, text };
}

/** Replaces line breaks in the data: a company name with a line break could otherwise forge a paragraph of the mail. */
const onOneLine = <Data extends object>(data: Data): Data =>
  Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500) : value,
    ]),
  ) as Data;
