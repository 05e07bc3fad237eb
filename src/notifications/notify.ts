import type { EmailTokenKind } from '../auth/tokens/email-token.ts';
import { queryAs } from '../db/sql.ts';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import type { TemplateData, TemplateName } from './template-data.ts';
import { defaultLanguage, renderTemplate } from './templates.ts';

export type Recipient = { email: string; language: string };

/** Sends a mail in the background. Call it after the commit of the change that it reports. */
export const notify = <Kind extends TemplateName>(
  { mailer }: Services,
  { email, language }: Recipient,
  kind: Kind,
  data: TemplateData[Kind],
): void => {
  if (mailer.canSend('email')) mailer.send(renderTemplate({ to: email, language }, kind, data));
};

/** Sends a mail to a user whose language is looked up after the answer was sent. */
export const notifyDeferred = <Kind extends TemplateName>(
  services: Services,
  { email, userId }: { email: string; userId: string },
  kind: Kind,
  data: TemplateData[Kind],
): void =>
  services.mailer.defer(async () =>
    notify(services, { email, language: await languageOf(services, userId) }, kind, data),
  );

/** Returns the user's language as a BCP 47 tag. */
export async function languageOf({ pool }: Pick<Services, 'pool'>, userId: string): Promise<string> {
  const [user] = await queryAs(pool, { companyId: null, userId })<{ language: string }>(
    'SELECT language FROM "User" WHERE id = $1',
    [userId],
  );
  return user?.language ?? defaultLanguage;
}

/** Rejects with UNAVAILABLE when no mail can be sent. Independent of the caller, so that it reveals nothing about accounts. */
export function requireMail({ mailer }: Services): void {
  if (!mailer.canSend('email')) throw new AppError('UNAVAILABLE', 'Mail is not configured: set SMTP_URL.');
}

/** The front end's page for each kind of email token. */
export const emailTokenPaths: Record<EmailTokenKind | 'verifyEmail', string> = {
  verifyEmail: 'verify-email',
  invitation: 'accept-invitation',
  resetPassword: 'reset-password',
  unlock: 'unlock-account',
  recoverMfa: 'recover',
  verifyRecoveryEmail: 'verify-recovery-email',
};

/** Returns a link with the token in the fragment: browsers send it to no server, so that it is in no log and no Referer. */
export const linkTo = ({ config }: Services, kind: keyof typeof emailTokenPaths, token: string): string =>
  `${config.appUrl}/${emailTokenPaths[kind]}#token=${token}`;

/** Returns the current time as mails state it: `2026-01-31 09:00 UTC`. */
export const now = (): string => `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
