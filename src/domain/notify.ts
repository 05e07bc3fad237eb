import type { LinkKind } from '../auth/link.ts';
import { AppError } from '../errors.ts';
import { type Letter, type Letters, letter } from '../mail/templates.ts';
import type { Services } from './services.ts';

export type Recipient = { email: string; language?: string };

/** Mails a person; nobody waits for it. Call it after the commit of what it tells. */
export const notify = <Kind extends Letter>(
  { post }: Services,
  { email, language = 'en' }: Recipient,
  kind: Kind,
  data: Letters[Kind],
): void => {
  if (post.reaches('email')) post.send(letter({ email, language }, kind, data));
};

/** For operations that make no sense without mail. The same answer for everybody. Error: UNAVAILABLE. */
export function needMail({ post }: Services): void {
  if (!post.reaches('email'))
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
