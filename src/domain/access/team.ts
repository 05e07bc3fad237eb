import { z } from 'zod';
import { mayGrant } from '../../auth/authorization/grants.ts';
import { maySeat } from '../../auth/authorization/role-assignment.ts';
import { notFound } from '../../errors.ts';
import { command } from '../command.ts';
import { id, text } from '../input.ts';
import { keepingAnAdministrator } from './administrators.ts';
import { seatOf } from './grantable-assignment.ts';
import { catalogueOf } from './role.ts';

const roles = z.array(text(64)).max(20, 'expected at most 20 roles');

export const createTeam = command({
  event: 'team.created',
  entity: 'Team',
  permission: 'team.write',
  stepUp: true,
  input: z.object({ departmentId: id, name: text(200), roles: roles.default([]) }),
  run: async ({ tx, input, query, row, actor }) => {
    mayGrant(actor, input.roles, await catalogueOf(tx));
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
  run: (tools) =>
    keepingAnAdministrator(tools, async () => {
      const { tx, input, query, key, actor } = tools;
      const team = await tx.team.findFirst({ where: { id: input.teamId } });
      if (!team) throw notFound();
      const catalogue = await catalogueOf(tx);
      mayGrant(actor, team.roles, catalogue, 'change');
      mayGrant(actor, input.roles, catalogue);
      await maySeat(actor, input.roles, catalogue, async () => {
        const places = await tx.teamMember.findMany({
          where: { teamId: input.teamId },
          select: { membership: { select: { branchId: true, departmentId: true } } },
        });
        return Promise.all(places.map(({ membership }) => seatOf(tx, membership, [input.teamId])));
      });
      return tx.team.update({ where: key(input.teamId), data: { roles: input.roles }, ...query });
    }),
});

export const addTeamMember = command({
  event: 'team.memberAdded',
  entity: 'TeamMember',
  permission: 'team.write',
  stepUp: true,
  input: z.object({ teamId: id, memberId: id }),
  run: (tools) =>
    keepingAnAdministrator(tools, async () => {
      const { tx, input, query, row, key, actor } = tools;
      const team = await tx.team.findFirst({ where: { id: input.teamId } });
      if (!team) throw notFound();
      const member = await tx.membership.findFirst({ where: { id: input.memberId } });
      if (!member) throw notFound();
      const catalogue = await catalogueOf(tx);
      mayGrant(actor, team.roles, catalogue);
      await maySeat(actor, team.roles, catalogue, async () => [await seatOf(tx, member, [input.teamId])]);
      // The member's own roles with team scope now cover this team too.
      await maySeat(actor, member.roles, catalogue, async () => [await seatOf(tx, {}, [input.teamId])]);
      await tx.teamMember.create({ data: { ...row(), teamId: input.teamId, membershipId: input.memberId } });
      return tx.team.findFirstOrThrow({ where: key(input.teamId).key, ...query });
    }),
});

export const removeTeamMember = command({
  event: 'team.memberRemoved',
  entity: 'TeamMember',
  permission: 'team.write',
  stepUp: true,
  input: z.object({ teamId: id, memberId: id }),
  run: (tools) =>
    keepingAnAdministrator(tools, async () => {
      const { tx, input, query, key, actor } = tools;
      const team = await tx.team.findFirst({ where: { id: input.teamId } });
      if (!team) throw notFound();
      mayGrant(actor, team.roles, await catalogueOf(tx), 'change');
      const place = await tx.teamMember.findFirst({
        where: { teamId: input.teamId, membershipId: input.memberId },
      });
      if (!place) throw notFound();
      await tx.teamMember.delete({ where: key(place.id) });
      return tx.team.findFirstOrThrow({ where: key(input.teamId).key, ...query });
    }),
});
