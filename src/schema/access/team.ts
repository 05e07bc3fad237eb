import { addTeamMember, createTeam, removeTeamMember, setTeamRoles } from '../../domain/access/team.ts';
import type { builder } from '../core/builder.ts';
import { commandMutation } from '../core/mutation.ts';
import { Department, Team } from '../organization/structure.ts';
import { Member } from './member.ts';

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

const returned = { type: Team, returns: 'team' } as const;

const teamId = (t: InputFields) =>
  t.globalID({ required: true, for: [Team], description: 'The team to change.' });

const teamAndMember = (t: InputFields) => ({
  teamId: teamId(t),
  memberId: t.globalID({ required: true, for: [Member], description: 'The member to add or remove.' }),
});

commandMutation('createTeam', createTeam, {
  ...returned,
  description: 'Creates a team in a department.',
  input: (t) => ({
    departmentId: t.globalID({
      required: true,
      for: [Department],
      description: 'The department that the team belongs to.',
    }),
    name: t.string({ required: true, description: 'The name of the team.' }),
    roles: t.stringList({
      required: true,
      defaultValue: [],
      description: 'The names of the roles that the team gives to its members.',
    }),
  }),
});
commandMutation('setTeamRoles', setTeamRoles, {
  ...returned,
  description: 'Replaces the roles that a team gives to its members.',
  input: (t) => ({
    teamId: teamId(t),
    roles: t.stringList({ required: true, description: 'The names of the new roles.' }),
  }),
});
commandMutation('addTeamMember', addTeamMember, {
  ...returned,
  description: 'Adds a member to a team. The member gets the roles of the team.',
  input: teamAndMember,
});
commandMutation('removeTeamMember', removeTeamMember, {
  ...returned,
  description: 'Removes a member from a team. The member loses the roles of the team.',
  input: teamAndMember,
});
