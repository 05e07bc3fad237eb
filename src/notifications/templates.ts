import type { KeyAnomaly } from '../auth/api-keys/anomaly.ts';
import type { Factor } from '../auth/mfa/factor.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import type { Message } from './message.ts';

/** Every message that is sent, with what it says. Names that a stranger could choose are not among it. A new one goes here and into each language. */
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

/** By language tag (BCP 47). A language has every letter, or it does not compile. */
export const languages: Readonly<Record<string, Templates>> = { en, de };

/** Of whom nobody has named one. */
export const defaultLanguage = 'en';

/** The nearest that there is (RFC 4647, 3.4): `de-AT` is written to in `de`. English is what remains. */
function nearest(tag: string): Templates {
  for (let parts = tag.split('-'); parts.length > 0; parts = parts.slice(0, -1)) {
    const name = parts.join('-');
    if (Object.hasOwn(languages, name)) return languages[name] as Templates;
  }
  return en;
}

/** Who reads it; on the channel that isn't e-mail, at this number. */
export type Addressee = { channel?: Message['channel']; to: string; language: string };

/** The message in the reader's language. Lines come as they are: what goes into them has none of its own. */
export function renderTemplate<Kind extends TemplateName>(
  { channel = 'email', to, language }: Addressee,
  kind: Kind,
  data: TemplateData[Kind],
): Message {
  const { subject, text } = nearest(language)[kind](onOneLine(data));
  return { channel, to, subject: channel === 'sms' ? '' : subject, text };
}

/** A company's name with a line break in it would write the mail's next paragraph. */
const onOneLine = <Data extends object>(data: Data): Data =>
  Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500) : value,
    ]),
  ) as Data;
