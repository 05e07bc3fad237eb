import { z } from 'zod';
import { queryAs } from '../../db/sql.ts';
import { catalogueOf } from '../../domain/access/role.ts';
import { type CommandClient, command } from '../../domain/command.ts';
import { id } from '../../domain/input.ts';
import { AppError, notFound } from '../../errors.ts';
import { notifyDeferred, now } from '../../notifications/notify.ts';
import { mayGrant } from '../authorization/grants.ts';
import { reading } from '../reading.ts';

/**
 * Takes every second factor, trusted device and session from one member, whose level is not above one's own. Errors: NOT_FOUND, FORBIDDEN,
 * CONFLICT for somebody whose factors protect another company too: they recover by themselves.
 */
export const disableMemberFactors = command({
  event: 'factor.disabled',
  permission: 'security.write',
  stepUp: true,
  input: z.object({ memberId: id }),
  run: async ({ tx, input, actor, query, disableFactors, afterCommit }) => {
    const member = await memberOf(tx, input.memberId);
    mayGrant(actor, rolesOf(member), await catalogueOf(tx), 'change');
    if (member.status === 'invited') throw new AppError('CONFLICT', 'This member has not joined yet.');
    if (!(await disableFactors(member.userId)))
      throw new AppError(
        'CONFLICT',
        'This user is a member of another company too; their second factors cannot be removed here.',
      );
    afterCommit((services) => notifyDeferred(services, member, 'factorsDisabled', { when: now() }));
    return tx.membership.findFirstOrThrow({ where: { id: member.id }, ...query });
  },
});

/** Restarts a member's grace period. Errors: NOT_FOUND, FORBIDDEN, CONFLICT without a requirement. */
export const resetMemberGrace = command({
  event: 'mfa.graceReset',
  entity: 'Membership',
  permission: 'security.write',
  stepUp: true,
  input: z.object({ memberId: id }),
  run: async ({ tx, input, actor, query, key }) => {
    const member = await memberOf(tx, input.memberId);
    mayGrant(actor, rolesOf(member), await catalogueOf(tx), 'change');
    if (member.mfaGraceFrom === null)
      throw new AppError('CONFLICT', 'This member is not required to have a second factor.');
    return tx.membership.update({ where: key(member.id), data: { mfaGraceFrom: new Date() }, ...query });
  },
});

/** Whether one member must have a second factor, whatever their roles and the company's policy say. Errors: NOT_FOUND, FORBIDDEN. */
export const requireMemberFactor = command({
  event: 'mfa.memberRequired',
  entity: 'Membership',
  permission: 'security.write',
  stepUp: true,
  input: z.object({ memberId: id, isRequired: z.boolean() }),
  run: async ({ tx, input, actor, query, key }) => {
    const member = await memberOf(tx, input.memberId);
    mayGrant(actor, rolesOf(member), await catalogueOf(tx), 'change');
    return tx.membership.update({ where: key(member.id), data: { mfaRequired: input.isRequired }, ...query });
  },
});

type Member = { roles: string[]; teams: { team: { roles: string[] } }[] };
const rolesOf = ({ roles, teams }: Member): string[] => [
  ...roles,
  ...teams.flatMap(({ team }) => team.roles),
];

async function memberOf(tx: CommandClient, memberId: string) {
  const member = await tx.membership.findFirst({
    where: { id: memberId },
    include: { teams: { select: { team: { select: { roles: true } } } } },
  });
  if (!member) throw notFound();
  return member;
}

/** Active members with and without a second factor; `role` null is all of them. */
export type Adoption = { role: string | null; members: number; protected: number };
export type CompanyAdoption = { id: string; name: string; members: number; protected: number };

export const adoptionIn = reading({
  caller: 'user',
  run: ({ services, actor }) =>
    queryAs(services.pool, { companyId: actor.companyId, userId: null })<Adoption>(
      'SELECT * FROM factor_adoption()',
    ),
});

/** Error: UNAVAILABLE without the platform's connection. */
export const adoptionOfCompanies = reading({
  caller: 'actor',
  run: async ({ services: { platform } }) => {
    if (!platform)
      throw new AppError('UNAVAILABLE', 'Companies cannot be listed; PLATFORM_DATABASE_URL is not set.');
    return queryAs(platform, { companyId: null, userId: null })<CompanyAdoption>(
      'SELECT company_id AS id, company_name AS name, members, protected FROM factor_adoption_of_companies()',
    );
  },
});
