import type { Config } from '../../config.ts';
import type { EmailTokenKind } from './email-token.ts';

/** The front end's page for each kind of email token. */
export const emailTokenPaths: Record<EmailTokenKind | 'verifyEmail', string> = {
  verifyEmail: 'verify-email',
  invitation: 'accept-invitation',
  resetPassword: 'reset-password',
  unlock: 'unlock-account',
  recoverMfa: 'recover',
  verifyRecoveryEmail: 'verify-recovery-email',
};

/**
 * Returns a link with the token in the fragment: browsers send it to no server, so that it is in no
 * log and no Referer.
 */
export const linkTo = (
  { config }: { config: Pick<Config, 'appUrl'> },
  kind: keyof typeof emailTokenPaths,
  token: string,
): string => `${config.appUrl}/${emailTokenPaths[kind]}#token=${token}`;
