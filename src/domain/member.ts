import { z } from 'zod';
import { mayGrant } from '../auth/actor.ts';
import { maySeat } from '../auth/seat.ts';
import { notFound } from '../errors.ts';
import { keepingAnAdministrator } from './administrators.ts';
import { type CommandClient, command } from './command.ts';
import { email, id, text } from './input.ts';
import { catalogueOf } from './role.ts';
import { seatOf } from './seat.ts';

const roles = z.array(text(64)).min(1, 'expected at least one role').max(20, 'expected at most 20 roles');
const place = { branchId: id.nullish(), departmentId: id.nullish() };

/** The person, known or new, becomes a member. The answer never tells whether the e-mail was known. */
export const inviteMember = command({
  event: 'member.invited',
  entity: 'Membership',
  permission: 'member.write',
  input: z.object({ email, name: text(200), roles, ...place }),
  run: async ({ tx, input, query, row, actor, person }) => {
    const catalogue = await catalogueOf(tx);
    mayGrant(actor, input.roles, catalogue);
    await maySeat(actor, input.roles, catalogue, async () => [await seatOf(tx, input)]);
    const personId = await person(input.email, input.name);
    return tx.membership.create({ data: { ...row(), ...input, personId }, ...query });
  },
});

export const setMemberRoles = command({
  event: 'member.rolesChanged',
  entity: 'Membership',
  permission: 'member.write',
  input: z.object({ memberId: id, roles, ...place }),
  run: (tools) =>
    keepingAnAdministrator(tools, async () => {
      const { memberId, ...data } = tools.input;
      const { tx, actor, key, query } = tools;
      const member = await memberOf(tx, memberId);
      const catalogue = await catalogueOf(tx);
      mayGrant(actor, member.roles, catalogue, 'change');
      mayGrant(actor, data.roles, catalogue);
      // Their teams' roles, too, count where they are.
      const all = [...data.roles, ...member.teams.flatMap(({ team }) => team.roles)];
      const teams = member.teams.map(({ teamId }) => teamId);
      const { branchId = member.branchId, departmentId = member.departmentId } = data;
      await maySeat(actor, all, catalogue, async () => [await seatOf(tx, { branchId, departmentId }, teams)]);
      return tx.membership.update({ where: key(memberId), data, ...query });
    }),
});

export const removeMember = command({
  event: 'member.removed',
  entity: 'Membership',
  permission: 'member.write',
  input: z.object({ memberId: id }),
  run: (tools) =>
    keepingAnAdministrator(tools, async () => {
      const { tx, actor, key } = tools;
      const { memberId } = tools.input;
      const member = await memberOf(tx, memberId);
      mayGrant(actor, member.roles, await catalogueOf(tx), 'change');
      const teams = await tx.teamMember.findMany({ where: { membershipId: memberId }, select: { id: true } });
      for (const team of teams) await tx.teamMember.delete({ where: key(team.id) });
      const employee = await tx.employee.findFirst({
        where: { personId: member.personId },
        select: { id: true },
      });
      if (employee) await tx.employee.update({ where: key(employee.id), data: { personId: null } });
      return (await tx.membership.delete({ where: key(memberId) })).id;
    }),
});

async function memberOf(tx: CommandClient, memberId: string) {
  const member = await tx.membership.findFirst({
    where: { id: memberId },
    include: { teams: { select: { teamId: true, team: { select: { roles: true } } } } },
  });
  if (!member) throw notFound();
  return member;
}
