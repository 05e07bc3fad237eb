import type { LinkKind } from '../auth/tokens/email-token.ts';
import { queryAs } from '../db/sql.ts';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import { defaultLanguage, renderTemplate, type TemplateData, type TemplateName } from './templates.ts';

export type Recipient = { email: string; language: string };

/** Mails a user; nobody waits for it. Call it after the commit of what it tells. */
export const notify = <Kind extends TemplateName>(
  { mailer }: Services,
  { email, language }: Recipient,
  kind: Kind,
  data: TemplateData[Kind],
): void => {
  if (mailer.canSend('email')) mailer.send(renderTemplate({ to: email, language }, kind, data));
};

/** The same to somebody of whom no more is at hand: their language is looked up after the answer. */
export const notifyDeferred = <Kind extends TemplateName>(
  services: Services,
  { email, userId }: { email: string; userId: string },
  kind: Kind,
  data: TemplateData[Kind],
): void =>
  services.mailer.defer(async () =>
    notify(services, { email, language: await languageOf(services, userId) }, kind, data),
  );

/** The language of a user as they, or who invited them, named it. */
export async function languageOf({ pool }: Pick<Services, 'pool'>, userId: string): Promise<string> {
  const [user] = await queryAs(pool, { companyId: null, userId })<{ language: string }>(
    'SELECT language FROM "User" WHERE id = $1',
    [userId],
  );
  return user?.language ?? defaultLanguage;
}

/** For operations that make no sense without mail. The same answer for everybody. Error: UNAVAILABLE. */
export function requireMail({ mailer }: Services): void {
  if (!mailer.canSend('email'))
    throw new AppError('UNAVAILABLE', 'This server sends no mail: SMTP_URL is not set.');
}

/** Where a front end takes each kind of link. */
const paths: Record<LinkKind | 'verifyEmail', string> = {
  verifyEmail: 'verify-email',
  invitation: 'accept-invitation',
  resetPassword: 'reset-password',
  unlock: 'unlock-account',
  recoverMfa: 'recover',
  verifyRecoveryEmail: 'verify-recovery-email',
};

/** The token stands behind the #: browsers send that part to no server, so it is in no log and no Referer. */
export const linkTo = ({ config }: Services, kind: keyof typeof paths, token: string): string =>
  `${config.appUrl}/${paths[kind]}#token=${token}`;

/** A moment as mails say it. */
export const now = (): string => `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
