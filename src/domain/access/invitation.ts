import { z } from 'zod';
import { type Known, whoIs } from '../../auth/account/lookup.ts';
import type { Actor } from '../../auth/authorization/actor.ts';
import { identityCommand } from '../../auth/identity-command.ts';
import { countMessage } from '../../auth/lockout/attempts.ts';
import { firstPassword } from '../../auth/password/first-password.ts';
import { replacePassword, storedHash } from '../../auth/password/replace-password.ts';
import { rulesOf } from '../../auth/password/rules.ts';
import { reading } from '../../auth/reading.ts';
import {
  createEmailToken,
  emailTokenMinutes,
  findEmailToken,
  useEmailToken,
} from '../../auth/tokens/email-token.ts';
import { linkTo } from '../../auth/tokens/email-token-link.ts';
import { databaseNow } from '../../db/clock.ts';
import { queryAs, transactionAs } from '../../db/sql.ts';
import { AppError, notFound } from '../../errors.ts';
import { languageOf, notify } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { command } from '../command.ts';
import { id, newPassword, token } from '../input.ts';
import { lockRightsOf } from './inviter.ts';
import { join } from './join.ts';

/**
 * The columns of a membership that is not accepted yet and has no effect. Without an inviter it is
 * the deployment's or the platform's.
 */
export const pending = (invitedById: string | null) => ({
  status: 'invited' as const,
  invitedById,
  invitedUntil: new Date(databaseNow() + emailTokenMinutes.invitation * 60_000),
});

/** The user who answers for an invitation; null for the system. */
export const inviterOf = ({ kind, userId }: Pick<Actor, 'kind' | 'userId'>): string | null =>
  kind === 'system' ? null : userId;

/**
 * Mails an invitation to the member, or to all invited members of a new company. Its token works
 * once, for seven days. Runs after the answer, which is the same for known and unknown users. An
 * address that had too many invitations of the company gets none for a while; the link of the last
 * one is left as it is.
 */
export function sendInvitations(services: Services, companyId: string, memberId: string | null = null): void {
  if (!services.mailer.canSend('email')) return;
  services.mailer.defer(async () => {
    for (const member of await whoIs(services, companyId, memberId))
      await mailInvitation(services, companyId, member);
  });
}

async function mailInvitation(
  services: Services,
  companyId: string,
  { userId, email, company }: Known,
): Promise<void> {
  const counted = await countMessage(services, `invitation ${companyId} ${email}`, null);
  if (!counted.accepted) return;
  const own = { companyId: null, userId };
  const hash = await storedHash(queryAs(services.pool, own));
  const kind = hash === null ? 'invitation' : 'invitationToExistingUser';
  const made = await transactionAs(services.pool, own, (query) =>
    createEmailToken(query, userId, 'invitation', { companyId }),
  );
  const link = linkTo(services, 'invitation', made);
  const days = emailTokenMinutes.invitation / 60 / 24;
  const reader = { email, language: await languageOf(services, userId) };
  notify(services, reader, kind, { company, link, days });
}

/**
 * Mails a new token and restarts the seven days, as an invitation of the actor, who must be able to
 * grant its roles. Error: CONFLICT for a member who has joined.
 */
export const resendInvitation = command({
  event: 'member.invitationResent',
  entity: 'Membership',
  permission: 'member.write',
  stepUp: true,
  limit: () => 'invitation',
  input: z.object({ memberId: id }),
  run: async ({ tx, input, key, query, actor, afterCommit }) => {
    const member = await tx.membership.findFirst({ where: { id: input.memberId } });
    if (!member) throw notFound();
    if (member.status !== 'invited') throw new AppError('CONFLICT', 'This member has already joined.');
    afterCommit((services) => sendInvitations(services, actor.companyId, member.id));
    return tx.membership.update({ where: key(member.id), data: pending(inviterOf(actor)), ...query });
  },
});

const acceptance = z.object({ token, password: newPassword.nullish() });

/**
 * Accepts an invitation by its token; a user without a password chooses one. Starts no session.
 * Errors: NOT_FOUND for an unknown, used, expired or withdrawn token, and for one whose inviter may
 * no longer grant its roles; INVALID_INPUT.
 */
export const acceptInvitation = identityCommand({
  caller: 'anyone',
  input: acceptance,
  run: async ({ services, input, transaction }) => {
    const given = input;
    const link = await findEmailToken(services.pool, given.token, 'invitation');
    if (!link?.companyId) throw notFound();
    const { userId, companyId } = link;
    const rules = await rulesIn(services, companyId);
    const passwordHash = await firstPassword(services, link, rules, given.password ?? null);
    await transaction({ companyId, userId }, async (tx) => {
      await lockRightsOf(tx, companyId);
      if (!(await useEmailToken(tx, given.token))) throw notFound();
      if (passwordHash && !(await replacePassword(tx, userId, null, passwordHash))) throw notFound();
      await tx('UPDATE "User" SET "emailVerifiedAt" = COALESCE("emailVerifiedAt", now()) WHERE id = $1', [
        userId,
      ]);
      if (!(await join(tx, { companyId, userId }))) throw notFound();
    });
    return { companyId, email: link.email };
  },
});

async function rulesIn({ pool }: Services, companyId: string) {
  const [company] = await queryAs(pool, { companyId: null, userId: null })<{
    name: string;
    preset: 'classic' | 'nist' | null;
  }>('SELECT company_name AS name, preset FROM sign_up_rules($1)', [companyId]);
  if (!company) throw notFound();
  return rulesOf(company.preset ?? 'classic', company.name);
}

/**
 * What a user who has an account is invited to, and can still accept. `id`: the company's, which
 * invites a user once.
 */
export type Invitation = { id: string; companyName: string; roles: string[]; invitedUntil: Date };

export const invitations = reading({
  caller: 'user',
  run: ({ services, actor: { userId } }): Promise<Invitation[]> =>
    queryAs(services.pool, { companyId: null, userId })(
      'SELECT company_id AS id, company_name AS "companyName", roles, invited_until AS "invitedUntil" FROM own_invitations()',
    ),
});

/**
 * Accepts an invitation of the signed-in user without its token. Error: NOT_FOUND without a valid
 * invitation.
 */
export const joinCompany = identityCommand({
  caller: 'user',
  input: z.object({ invitationId: id }),
  run: ({ actor: { userId }, input: { invitationId: companyId }, transaction }) =>
    transaction({ companyId, userId }, async (tx) => {
      if (!(await join(tx, { companyId, userId }))) throw notFound();
      return { companyId };
    }),
});
