import { en } from './en.ts';
import type { Message } from './message.ts';

/** Every message that is sent, with what it says. Names that a stranger could choose are not among it. A new one goes here and into each language. */
export type Letters = {
  verifySignUp: { company: string; link: string; hours: number };
  alreadyMember: { company: string };
  signUpApproved: { company: string };
  signUpRefused: { company: string };
  invitation: { company: string; link: string; days: number };
  addedToCompany: { company: string };
  resetPassword: { link: string; minutes: number };
  passwordChanged: { when: string };
  accountLocked: { link: string; minutes: number };
  tokenReused: { when: string; address: string };
  passkeyAdded: { when: string };
  passkeyRemoved: { when: string };
  passkeyCopied: { address: string; when: string };
  newDevice: { device: string; address: string; when: string };
  factorAdded: { factor: string; when: string };
  factorRemoved: { factor: string; when: string };
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
};
export type Letter = keyof Letters;
export type Language = { [Kind in Letter]: (data: Letters[Kind]) => { subject: string; text: string } };

/** By language tag (BCP 47); a language that isn't here is English. */
const languages: Record<string, Language> = { en };

/** The message in the person's language. Lines come as they are: what goes into them has none of its own. */
export function letter<Kind extends Letter>(
  to: { email: string; language: string },
  kind: Kind,
  data: Letters[Kind],
): Message {
  const language = Object.hasOwn(languages, to.language) ? (languages[to.language] as Language) : en;
  const { subject, text } = language[kind](onOneLine(data));
  return { channel: 'email', to: to.email, subject, text };
}

/** A company's name with a line break in it would write the mail's next paragraph. */
const onOneLine = <Data extends object>(data: Data): Data =>
  Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500) : value,
    ]),
  ) as Data;
