import { createBranch, createDepartment } from '../../domain/organization/structure.ts';
import { listQuery, relatedList } from '../connections/lists.ts';
import { companyItself, companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { companyItselfKey, companyKey } from '../core/fields.ts';
import { commandMutation } from '../core/mutation.ts';

/** The rule for the structure of the company. */
const structure = { authScopes: { can: 'structure.read' } } as const;

export const Branch = builder.prismaNode('Branch', {
  ...companyKey,
  description: 'A place of business of the company. It has departments.',
  select: { id: true, companyId: true },
  authScopes: companyRow('structure.read'),
  fields: (t) => ({ name: t.exposeString('name', { description: 'The name of the branch.' }) }),
});

export const Department = builder.prismaNode('Department', {
  ...companyKey,
  description: 'A department of a branch. It has teams and employees.',
  select: { id: true, companyId: true },
  authScopes: companyRow('structure.read'),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the department.' }),
    branch: t.relation('branch', { description: 'The branch that the department belongs to.' }),
  }),
});

export const Team = builder.prismaNode('Team', {
  ...companyKey,
  description: 'A team of a department. Its members hold the roles of the team beside their own.',
  select: { id: true, companyId: true },
  authScopes: companyRow('structure.read'),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the team.' }),
    roles: t.exposeStringList('roles', {
      description: 'The names of the roles that the team gives to its members.',
      authScopes: { can: 'role.read' },
    }),
    department: t.relation('department', { description: 'The department that the team belongs to.' }),
  }),
});

export const Company = builder.prismaNode('Company', {
  ...companyItselfKey,
  description: 'The company whose data a request reads and changes.',
  select: { id: true },
  authScopes: companyItself('company.read'),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the company.' }),
    currency: t.exposeString('currency', { description: 'The currency of all amounts, as ISO 4217.' }),
  }),
});

const byName = { order: ['name'], ...structure } as const;

relatedList('Branch', 'departments', {
  type: Department,
  model: 'Department',
  relation: 'departments',
  description: 'The departments of the branch, by name.',
  order: ['name'],
  where: ({ id }) => ({ branchId: id }),
});
relatedList('Department', 'teams', {
  type: Team,
  model: 'Team',
  relation: 'teams',
  description: 'The teams of the department, by name.',
  order: ['name'],
  where: ({ id }) => ({ departmentId: id }),
});
relatedList('Company', 'departments', {
  type: Department,
  model: 'Department',
  relation: 'departments',
  description: 'The departments of the company, by name.',
  ...byName,
  where: () => ({}),
});

builder.queryField('company', (t) =>
  t.prismaField({
    type: Company,
    description: 'The company that this request acts in.',
    authScopes: { can: 'company.read' },
    resolve: (query, _root, _args, { db }) => db.company.findFirstOrThrow({ ...query }),
  }),
);
listQuery('branches', {
  type: Branch,
  model: 'Branch',
  description: 'The branches of the company, by name.',
  ...byName,
});
listQuery('departments', {
  type: Department,
  model: 'Department',
  description: 'The departments of the company, by name.',
  ...byName,
});
listQuery('teams', {
  type: Team,
  model: 'Team',
  description: 'The teams of the company, by name.',
  ...byName,
});

commandMutation('createBranch', createBranch, {
  description: 'Creates a branch.',
  type: Branch,
  returns: 'branch',
  input: (t) => ({ name: t.string({ required: true, description: 'The name of the branch.' }) }),
});
commandMutation('createDepartment', createDepartment, {
  description: 'Creates a department in a branch.',
  type: Department,
  returns: 'department',
  input: (t) => ({
    branchId: t.globalID({ required: true, for: [Branch], description: 'The branch that it belongs to.' }),
    name: t.string({ required: true, description: 'The name of the department.' }),
  }),
});
