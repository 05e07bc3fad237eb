import { z } from 'zod';
import type { Actor } from '../../auth/authorization/actor.ts';
import { requireKnownRoles } from '../../auth/authorization/role-definition.ts';
import { standingOf } from '../../auth/authorization/roles.ts';
import { sessionLimits } from '../../auth/policy/session-limits.ts';
import { AppError, invalidInput, notFound } from '../../errors.ts';
import { type CommandClient, command, type Tools } from '../command.ts';
import { email, id, languageTag, text } from '../input.ts';
import { inviterOf, pending, sendInvitations } from './invitation.ts';
import { catalogueOf } from './role.ts';

const roles = z.array(text(64)).min(1, 'expected at least one role').max(20, 'expected at most 20 roles');
const place = { branchId: id.nullish(), departmentId: id.nullish() };

/**
 * Invites a user, who becomes a member on acceptance. The answer is the same for known and unknown
 * e-mail addresses.
 */
export const inviteMember = command({
  event: 'member.invited',
  entity: 'Membership',
  permission: 'member.write',
  stepUp: true,
  limit: () => 'invitation',
  input: z.object({ email, name: text(200), language: languageTag.nullish(), roles, ...place }),
  run: async ({ tx, actor, input, query, row, user, afterCommit }) => {
    requireKnownRoles(input.roles, await catalogueOf(tx));
    const { language: _, ...given } = input;
    const data = { ...given, ...(await placeIn(tx, input)) };
    const userId = await user(input);
    const place = row();
    afterCommit((services) => sendInvitations(services, place.companyId, place.id));
    return tx.membership.create({
      data: { ...place, ...data, ...pending(inviterOf(actor)), userId },
      ...query,
    });
  },
});

export const setMemberRoles = command({
  event: 'member.rolesChanged',
  entity: 'Membership',
  permission: 'member.write',
  stepUp: true,
  input: z.object({ memberId: id, roles, ...place }),
  run: async (tools) => {
    const { memberId, ...given } = tools.input;
    const { tx, actor, key, query, shortenSessions, afterCommit } = tools;
    const member = await memberOf(tx, memberId);
    const data = { ...given, ...(await placeIn(tx, given)), ...takenOver(member, actor) };
    const catalogue = await catalogueOf(tx);
    requireKnownRoles(data.roles, catalogue);
    const { branchId = member.branchId, departmentId = member.departmentId } = data;
    await placeIn(tx, { branchId, departmentId });
    const changed = await tx.membership.update({ where: key(memberId), data, ...query });
    // the email token of an invitation is void once its roles or place change
    if (member.status === 'invited')
      afterCommit((services) => sendInvitations(services, actor.companyId, memberId));
    // More permissions may require shorter session limits.
    const all = [...data.roles, ...member.teams.flatMap(({ team }) => team.roles)];
    const policy = await tx.signInPolicy.findFirst();
    await shortenSessions(sessionLimits(standingOf(all, catalogue).level, policy), member.userId);
    return changed;
  },
});

/**
 * Suspends a member and revokes their sessions in the company; effective on the next request. Their
 * roles remain.
 */
export const suspendMember = command({
  event: 'member.suspended',
  entity: 'Membership',
  permission: 'member.write',
  input: z.object({ memberId: id }),
  run: async ({ tx, key, query, input, endSessions }) => {
    const member = await memberOf(tx, input.memberId);
    if (member.status !== 'active')
      throw new AppError(
        'CONFLICT',
        'This member is already suspended, or has not joined yet; remove invited members instead.',
      );
    await endSessions(member.userId);
    return tx.membership.update({ where: key(member.id), data: { status: 'suspended' }, ...query });
  },
});

/**
 * Restores a suspended member. Restoring grants the member's and their teams' roles, so the rules
 * of granting apply.
 */
export const restoreMember = command({
  event: 'member.restored',
  entity: 'Membership',
  permission: 'member.write',
  stepUp: true,
  input: z.object({ memberId: id }),
  run: async ({ tx, key, query, input }) => {
    const member = await memberOf(tx, input.memberId);
    if (member.status !== 'suspended') throw new AppError('CONFLICT', 'This member is not suspended.');
    return tx.membership.update({ where: key(member.id), data: { status: 'active' }, ...query });
  },
});

export const removeMember = command({
  event: 'member.removed',
  entity: 'Membership',
  permission: 'member.write',
  stepUp: true,
  input: z.object({ memberId: id }),
  run: async ({ tx, key, input: { memberId } }) => {
    const member = await memberOf(tx, memberId);
    await leaveTeams({ tx, key }, memberId);
    const employee = await tx.employee.findFirst({
      where: { userId: member.userId },
      select: { id: true },
    });
    if (employee) await tx.employee.update({ where: key(employee.id), data: { userId: null } });
    return (await tx.membership.delete({ where: key(memberId) })).id;
  },
});

/** Removes a member from their teams, each with an event of its own. */
export async function leaveTeams({ tx, key }: Pick<Tools<unknown>, 'tx' | 'key'>, memberId: string) {
  const teams = await tx.teamMember.findMany({ where: { membershipId: memberId }, select: { id: true } });
  for (const team of teams) await tx.teamMember.delete({ where: key(team.id) });
}

/** A member who changes an invitation answers for all of it. */
const takenOver = ({ status }: { status: string }, actor: Actor) =>
  status === 'invited' ? { invitedById: inviterOf(actor) } : {};

type Place = { branchId?: string | null | undefined; departmentId?: string | null | undefined };

/**
 * Returns the place that the input names: a department alone names its branch too. Errors:
 * NOT_FOUND for no such department, INVALID_INPUT for one without a branch. That a department lies
 * in a branch that is named as well, its foreign key says.
 */
async function placeIn(tx: CommandClient, { branchId, departmentId }: Place): Promise<Place> {
  if (!departmentId) return { branchId, departmentId };
  if (branchId === null) throw invalidInput({ 'input.branchId': 'expected the branch of the department' });
  if (branchId) return { branchId, departmentId };
  const department = await tx.department.findFirst({
    where: { id: departmentId },
    select: { branchId: true },
  });
  if (!department) throw notFound();
  return { branchId: department.branchId, departmentId };
}

async function memberOf(tx: CommandClient, memberId: string) {
  const member = await tx.membership.findFirst({
    where: { id: memberId },
    include: { teams: { select: { team: { select: { roles: true } } } } },
  });
  if (!member) throw notFound();
  return member;
}
