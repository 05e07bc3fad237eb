import { createRole, updateRole } from '../../domain/access/role.ts';
import { addTeamMember, createTeam, removeTeamMember, setTeamRoles } from '../../domain/access/team.ts';
import { companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { allowedBy, companyKey } from '../core/fields.ts';
import { Department, Team } from '../organization/structure.ts';
import { Member } from './member.ts';

const AccessScope = builder.enumType('AccessScope', {
  values: ['company', 'branch', 'department', 'team', 'self'] as const,
});

const Role = builder.prismaNode('Role', {
  ...companyKey,
  select: { id: true, companyId: true },
  authScopes: companyRow('role.read'),
  fields: (t) => ({
    slug: t.exposeString('slug', { description: 'What memberships and teams name it by.' }),
    name: t.exposeString('name'),
    level: t.exposeInt('level'),
    accessScope: t.expose('accessScope', { type: AccessScope }),
    readOnly: t.exposeBoolean('readOnly'),
    permissions: t.exposeStringList('permissions'),
  }),
});

builder.queryField('roles', (t) =>
  t.prismaField({
    type: ['Role'],
    description: "The company's own roles; the built-in ones are in `policies`.",
    authScopes: { can: 'role.read' },
    resolve: (query, _root, _args, { db }) =>
      db.role.findMany({ ...query, orderBy: { slug: 'asc' }, take: 200 }),
  }),
);

const CreateRoleInput = builder.inputType('CreateRoleInput', {
  fields: (t) => ({
    slug: t.string({ required: true }),
    name: t.string({ required: true }),
    level: t.int({ required: true }),
    accessScope: t.field({ type: AccessScope, required: true }),
    readOnly: t.boolean({ required: true, defaultValue: false }),
    permissions: t.stringList({ required: true }),
  }),
});

const UpdateRoleInput = builder.inputType('UpdateRoleInput', {
  fields: (t) => ({
    roleId: t.globalID({ required: true, for: [Role] }),
    name: t.string({ required: true }),
    level: t.int({ required: true }),
    accessScope: t.field({ type: AccessScope, required: true }),
    readOnly: t.boolean({ required: true, defaultValue: false }),
    permissions: t.stringList({ required: true }),
  }),
});

const CreateTeamInput = builder.inputType('CreateTeamInput', {
  fields: (t) => ({
    departmentId: t.globalID({ required: true, for: [Department] }),
    name: t.string({ required: true }),
    roles: t.stringList(),
  }),
});

const SetTeamRolesInput = builder.inputType('SetTeamRolesInput', {
  fields: (t) => ({
    teamId: t.globalID({ required: true, for: [Team] }),
    roles: t.stringList({ required: true }),
  }),
});

const TeamMemberInput = builder.inputType('TeamMemberInput', {
  fields: (t) => ({
    teamId: t.globalID({ required: true, for: [Team] }),
    memberId: t.globalID({ required: true, for: [Member] }),
  }),
});

builder.mutationFields((t) => ({
  createRole: t.prismaField({
    type: 'Role',
    args: { input: t.arg({ type: CreateRoleInput, required: true }) },
    ...allowedBy(createRole),
    resolve: (query, _root, { input }, context) => context.execute(createRole, input, query),
  }),
  updateRole: t.prismaField({
    type: 'Role',
    args: { input: t.arg({ type: UpdateRoleInput, required: true }) },
    ...allowedBy(updateRole),
    resolve: (query, _root, { input }, context) => context.execute(updateRole, input, query),
  }),
  createTeam: t.prismaField({
    type: 'Team',
    args: { input: t.arg({ type: CreateTeamInput, required: true }) },
    ...allowedBy(createTeam),
    resolve: (query, _root, { input }, context) =>
      context.execute(createTeam, { ...input, roles: input.roles ?? [] }, query),
  }),
  setTeamRoles: t.prismaField({
    type: 'Team',
    args: { input: t.arg({ type: SetTeamRolesInput, required: true }) },
    ...allowedBy(setTeamRoles),
    resolve: (query, _root, { input }, context) => context.execute(setTeamRoles, input, query),
  }),
  addTeamMember: t.prismaField({
    type: 'Team',
    args: { input: t.arg({ type: TeamMemberInput, required: true }) },
    ...allowedBy(addTeamMember),
    resolve: (query, _root, { input }, context) => context.execute(addTeamMember, input, query),
  }),
  removeTeamMember: t.prismaField({
    type: 'Team',
    args: { input: t.arg({ type: TeamMemberInput, required: true }) },
    ...allowedBy(removeTeamMember),
    resolve: (query, _root, { input }, context) => context.execute(removeTeamMember, input, query),
  }),
}));
