import { z } from 'zod';
import { requireKnownRoles } from '../../auth/authorization/role-definition.ts';
import { notFound } from '../../errors.ts';
import { type CommandClient, command } from '../command.ts';
import { id, text } from '../input.ts';
import { catalogueOf } from './role.ts';

const roles = z.array(text(64)).max(20, 'expected at most 20 roles');

export const createTeam = command({
  event: 'team.created',
  entity: 'Team',
  permission: 'team.write',
  stepUp: true,
  input: z.object({ departmentId: id, name: text(200), roles: roles.default([]) }),
  run: async ({ tx, input, query, row }) => {
    requireKnownRoles(input.roles, await catalogueOf(tx));
    return tx.team.create({ data: { ...row(), ...input }, ...query });
  },
});

/** Sets the roles of all members of a team, by the rules of granting them to one member. */
export const setTeamRoles = command({
  event: 'team.rolesChanged',
  entity: 'Team',
  permission: 'team.write',
  stepUp: true,
  input: z.object({ teamId: id, roles }),
  run: async ({ tx, input, query, key }) => {
    await requireTeam(tx, input.teamId);
    requireKnownRoles(input.roles, await catalogueOf(tx));
    return tx.team.update({ where: key(input.teamId), data: { roles: input.roles }, ...query });
  },
});

export const addTeamMember = command({
  event: 'team.memberAdded',
  entity: 'TeamMember',
  permission: 'team.write',
  stepUp: true,
  input: z.object({ teamId: id, memberId: id }),
  run: async ({ tx, input, query, row, key }) => {
    await requireTeam(tx, input.teamId);
    if ((await tx.membership.count({ where: { id: input.memberId } })) === 0) throw notFound();
    await tx.teamMember.create({ data: { ...row(), teamId: input.teamId, membershipId: input.memberId } });
    return tx.team.findFirstOrThrow({ where: key(input.teamId).key, ...query });
  },
});

export const removeTeamMember = command({
  event: 'team.memberRemoved',
  entity: 'TeamMember',
  permission: 'team.write',
  stepUp: true,
  input: z.object({ teamId: id, memberId: id }),
  run: async ({ tx, input, query, key }) => {
    const place = await tx.teamMember.findFirst({
      where: { teamId: input.teamId, membershipId: input.memberId },
    });
    if (!place) throw notFound();
    await tx.teamMember.delete({ where: key(place.id) });
    return tx.team.findFirstOrThrow({ where: key(input.teamId).key, ...query });
  },
});

/** Error: NOT_FOUND. */
async function requireTeam(tx: CommandClient, teamId: string): Promise<void> {
  if ((await tx.team.count({ where: { id: teamId } })) === 0) throw notFound();
}
