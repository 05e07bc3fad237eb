import { join } from 'node:path';
import { inDevelopment } from './rules.ts';
import type { Variables } from './variables.ts';

/** `folder` is the dev mailbox; with `none`, operations that need a mail answer UNAVAILABLE. */
export type MailConfig =
  | { kind: 'smtp'; url: string; from: string }
  | { kind: 'folder'; folder: string }
  | { kind: 'none' };
export type SmsConfig =
  | { kind: 'http'; url: string; account: string; token: string; from: string }
  | { kind: 'folder'; folder: string }
  | { kind: 'none' };

type Mailing = Pick<Variables, 'APP_ENV' | 'SMTP_URL' | 'MAIL_FROM'>;

/** Returns how mails are delivered. */
export function mailDelivery(read: Mailing, dataDir: string): MailConfig {
  const { SMTP_URL, MAIL_FROM } = read;
  return SMTP_URL && MAIL_FROM ? { kind: 'smtp', url: SMTP_URL, from: MAIL_FROM } : otherwise(read, dataDir);
}

/** Returns how text messages are delivered. */
export function smsDelivery(read: Variables, dataDir: string): SmsConfig {
  const { SMS_ACCOUNT, SMS_TOKEN, SMS_FROM, SMS_API_URL } = read;
  if (!SMS_ACCOUNT || !SMS_TOKEN || !SMS_FROM) return otherwise(read, dataDir);
  const url = (SMS_API_URL ?? 'https://api.twilio.com').replace(/\/+$/, '');
  return { kind: 'http', url, account: SMS_ACCOUNT, token: SMS_TOKEN, from: SMS_FROM };
}

const otherwise = (read: Pick<Variables, 'APP_ENV'>, dataDir: string) =>
  inDevelopment(read)
    ? { kind: 'folder' as const, folder: join(dataDir, 'mail') }
    : { kind: 'none' as const };
