import { anonymous } from '../../audit/record/body.ts';
import { languageOf, notify } from '../../notifications/notify.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import type { IdentityWork } from '../identity-command.ts';
import { type AttemptKind, type AttemptResult, accountSubject } from '../lockout/limits.ts';
import { createEmailToken } from '../tokens/email-token.ts';
import { linkTo } from '../tokens/email-token-link.ts';
import { appendFailure } from './failure-bursts.ts';

/** The account that an attempt was for; null values for an unknown account. */
type Account = { userId: string | null; companyId: string | null };

/**
 * Audits what a failed attempt locked: an account in its user's company, a network on the platform.
 * Locks of networks and of unknown accounts, which anonymous clients can cause without end, are
 * counted where there are many.
 */
export async function auditLocks(
  work: IdentityWork,
  kind: AttemptKind,
  { locked, waitSeconds: seconds }: AttemptResult,
  { userId, companyId }: Account,
): Promise<void> {
  for (const subject of locked) {
    const network = subject.startsWith('address:');
    const action = network ? ('address.locked' as const) : ('account.locked' as const);
    const data = { kind, seconds, ...(!network && userId && { userId }) };
    const place = { companyId: (network ? null : companyId) ?? PLATFORM_ID, userId: null };
    if (network || !userId) await appendFailure(work, place.companyId, { action, data }, null);
    else await work.transaction(place, (tx) => tx.append({ action, data }, anonymous));
  }
}

/**
 * Mails the owner of an account that this attempt has just locked a link that unlocks it, after the
 * answer.
 */
export function offerUnlock(
  { services, transaction }: IdentityWork,
  { email, userId }: { email: string; userId: string },
  { locked, waitSeconds }: AttemptResult,
): void {
  if (!locked.includes(accountSubject(email)) || !services.mailer.canSend('email')) return;
  services.mailer.defer(async () => {
    const token = await transaction({ companyId: null, userId }, (tx) =>
      createEmailToken(tx, userId, 'unlock'),
    );
    const link = linkTo(services, 'unlock', token);
    const language = await languageOf(services, userId);
    notify(services, { email, language }, 'accountLocked', { link, minutes: Math.ceil(waitSeconds / 60) });
  });
}
