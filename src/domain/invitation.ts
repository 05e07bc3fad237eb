import { z } from 'zod';
import type { Origin } from '../audit/body.ts';
import { createLink, linkMinutes, linkOf, useLink } from '../auth/link.ts';
import { hashPassword } from '../auth/password.ts';
import { replacePassword, storedHash } from '../auth/replace-password.ts';
import { queryAs, transactionAs } from '../db/sql.ts';
import { notFound } from '../errors.ts';
import { command, validated } from './command.ts';
import { id, newPassword, token } from './input.ts';
import { languageOf, linkTo, notify } from './notify.ts';
import { refuseWeak } from './password.ts';
import { recordIn } from './record-in.ts';
import type { Services } from './services.ts';
import { type Known, whoIs } from './who-is.ts';

/**
 * Tells a new member by mail, or all of a new company: who has no password yet gets a link to choose one, once and for seven days;
 * everybody else hears that they belong to one more company. Done after the answer, which is the same for both.
 */
export function sendInvitations(services: Services, companyId: string, memberId: string | null = null): void {
  if (!services.post.reaches('email')) return;
  services.post.later(async () => {
    for (const member of await whoIs(services, companyId, memberId))
      await mailInvitation(services, companyId, member);
  });
}

async function mailInvitation(
  services: Services,
  companyId: string,
  { personId, email, company }: Known,
): Promise<void> {
  const query = queryAs(services.pool, { companyId: null, personId });
  const reader = { email, language: await languageOf(services, personId) };
  if ((await storedHash(query)) !== null) return notify(services, reader, 'addedToCompany', { company });
  const link = linkTo(services, 'invitation', await createLink(query, personId, 'invitation', { companyId }));
  const days = linkMinutes.invitation / 60 / 24;
  notify(services, reader, 'invitation', { company, link, days });
}

/** A new link for a member whose invitation has expired or was lost. */
export const resendInvitation = command({
  event: 'member.invitationResent',
  permission: 'member.write',
  input: z.object({ memberId: id }),
  run: async ({ tx, input, query }) => {
    const member = await tx.membership.findFirst({ where: { id: input.memberId }, ...query });
    if (!member) throw notFound();
    return member;
  },
});

const acceptance = z.object({ token, password: newPassword });

/** The invited person's first password. It signs nobody in. Errors: NOT_FOUND for a link that is unknown, used or expired; INVALID_INPUT. */
export async function acceptInvitation(services: Services, origin: Origin, input: unknown): Promise<void> {
  const given = validated(acceptance, input);
  const link = await linkOf(services.pool, given.token, 'invitation');
  if (!link?.companyId) throw notFound();
  const { personId, companyId } = link;
  const query = queryAs(services.pool, { companyId: null, personId });
  if ((await storedHash(query)) !== null) throw notFound();
  await refuseWeak(query, link, null, given.password, 'input.password');
  const hash = await hashPassword(given.password);
  await transactionAs(services.pool, { companyId, personId }, async (own) => {
    if (!(await useLink(own, given.token)) || !(await replacePassword(own, personId, null, hash)))
      throw notFound();
    await own('UPDATE "Person" SET "emailVerifiedAt" = now() WHERE id = $1', [personId]);
    await recordIn(own, companyId, { action: 'member.joined' }, { kind: 'person', personId }, origin);
  });
}
