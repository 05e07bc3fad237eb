import { de } from './de.ts';
import { en } from './en.ts';
import type { Message } from './message.ts';
import type { TemplateData, TemplateName, Templates } from './template-data.ts';

/** Templates by BCP 47 language tag. */
export const languages: Readonly<Record<string, Templates>> = { en, de };

/** Used when neither the user nor the inviter named a language. */
export const defaultLanguage = 'en';

/**
 * Returns the best match by lookup (RFC 4647, 3.4): `de-AT` falls back to `de`, and any other
 * language to English.
 */
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

/**
 * Replaces line breaks in the data: a company name with a line break could otherwise forge a
 * paragraph of the mail.
 */
const onOneLine = <Data extends object>(data: Data): Data =>
  Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500) : value,
    ]),
  ) as Data;
