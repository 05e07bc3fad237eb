import { createRole, updateRole } from '../../domain/access/role.ts';
import { listQuery } from '../connections/lists.ts';
import { companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { enumOf } from '../core/enum.ts';
import { companyKey } from '../core/fields.ts';
import { commandMutation } from '../core/mutation.ts';

const AccessScope = enumOf('AccessScope', 'The part of the company that the permissions of a role cover.', {
  company: 'The whole company.',
  branch: 'The branch of the member.',
  department: 'The department of the member.',
  team: 'The teams of the member.',
  self: 'The own data of the member.',
});

const Role = builder.prismaNode('Role', {
  ...companyKey,
  description: 'A role that the company defined itself.',
  select: { id: true, companyId: true },
  authScopes: companyRow('role.read'),
  fields: (t) => ({
    slug: t.exposeString('slug', {
      description: 'The identifier that members and teams refer to; unique within the company.',
    }),
    name: t.exposeString('name', { description: 'The name to show.' }),
    level: t.exposeInt('level', {
      description: 'The rank, from 1 to 4. A member grants no role above their own level.',
    }),
    accessScope: t.expose('accessScope', {
      type: AccessScope,
      description: 'The part of the company that the permissions cover.',
    }),
    isReadOnly: t.exposeBoolean('readOnly', {
      description: 'Whether the role removes every permission to write from its holders.',
    }),
    permissions: t.exposeStringList('permissions', {
      description: 'The permissions that the role grants, such as `employee.read`.',
    }),
  }),
});

listQuery('roles', {
  type: Role,
  model: 'Role',
  description: 'The roles that the company defined itself, by slug. `policies` names the built-in ones.',
  authScopes: { can: 'role.read' },
  order: ['slug'],
});

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

const definitionOf = (t: InputFields) => ({
  name: t.string({ required: true, description: 'The name to show.' }),
  level: t.int({ required: true, description: 'The rank, from 1 to 4.' }),
  accessScope: t.field({
    type: AccessScope,
    required: true,
    description: 'The part of the company that the permissions cover.',
  }),
  isReadOnly: t.boolean({
    required: true,
    defaultValue: false,
    description: 'Whether the role removes every permission to write from its holders.',
  }),
  permissions: t.stringList({ required: true, description: 'The permissions, such as `employee.read`.' }),
});

commandMutation('createRole', createRole, {
  description: 'Creates a role. Its permissions must be permissions of the caller.',
  type: Role,
  returns: 'role',
  input: (t) => ({
    slug: t.string({
      required: true,
      description: 'The identifier: 3 to 40 lower-case letters, digits and underscores.',
    }),
    ...definitionOf(t),
  }),
});
commandMutation('updateRole', updateRole, {
  description: 'Replaces the definition of a role. It takes effect for all of its holders.',
  type: Role,
  returns: 'role',
  input: (t) => ({
    roleId: t.globalID({ required: true, for: [Role], description: 'The role to change.' }),
    ...definitionOf(t),
  }),
});
