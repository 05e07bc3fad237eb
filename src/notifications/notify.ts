import { queryAs } from '../db/sql.ts';
import type { TenantPool } from '../db/tenant/pool.ts';
import { AppError } from '../errors.ts';
import type { Mailer } from './mailer.ts';
import type { TemplateData, TemplateName } from './template-data.ts';
import { defaultLanguage, renderTemplate } from './templates.ts';

type Sending = { mailer: Mailer };
type Reading = { pool: TenantPool };

export type Recipient = { email: string; language: string };

/** Sends a mail in the background. Call it after the commit of the change that it reports. */
export const notify = <Kind extends TemplateName>(
  { mailer }: Sending,
  { email, language }: Recipient,
  kind: Kind,
  data: TemplateData[Kind],
): void => {
  if (mailer.canSend('email')) mailer.send(renderTemplate({ to: email, language }, kind, data));
};

/** Sends a mail to a user whose language is looked up after the answer was sent. */
export const notifyDeferred = <Kind extends TemplateName>(
  services: Sending & Reading,
  { email, userId }: { email: string; userId: string },
  kind: Kind,
  data: TemplateData[Kind],
): void =>
  services.mailer.defer(async () =>
    notify(services, { email, language: await languageOf(services, userId) }, kind, data),
  );

/** Returns the user's language as a BCP 47 tag. */
export async function languageOf({ pool }: Reading, userId: string): Promise<string> {
  const [user] = await queryAs(pool, { companyId: null, userId })<{ language: string }>(
    'SELECT language FROM "User" WHERE id = $1',
    [userId],
  );
  return user?.language ?? defaultLanguage;
}

/**
 * Rejects with UNAVAILABLE when no mail can be sent. Independent of the caller, so that it reveals
 * nothing about accounts.
 */
export function requireMail({ mailer }: Sending): void {
  if (!mailer.canSend('email')) throw new AppError('UNAVAILABLE', 'Mail is not configured: set SMTP_URL.');
}

/** Returns the current time as mails state it: `2026-01-31 09:00 UTC`. */
export const now = (): string => `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
