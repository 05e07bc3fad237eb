import { createBranch, createDepartment } from '../../domain/organization/structure.ts';
import { companyItself, companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { allowedBy, companyKey, page } from '../core/fields.ts';

export const Branch = builder.prismaNode('Branch', {
  ...companyKey,
  select: { id: true, companyId: true },
  authScopes: companyRow('structure.read'),
  fields: (t) => ({
    name: t.exposeString('name'),
    departments: t.relation('departments', { query: { orderBy: { name: 'asc' }, take: 200 } }),
  }),
});

export const Department = builder.prismaNode('Department', {
  ...companyKey,
  select: { id: true, companyId: true },
  authScopes: companyRow('structure.read'),
  fields: (t) => ({
    name: t.exposeString('name'),
    branch: t.relation('branch'),
    teams: t.relation('teams', { query: { orderBy: { name: 'asc' }, take: 200 } }),
    employees: t.relatedConnection('employees', {
      cursor: 'key',
      query: { orderBy: [{ name: 'asc' }, { id: 'asc' }] },
      authScopes: { can: 'employee.read' },
    }),
  }),
});

export const Team = builder.prismaNode('Team', {
  ...companyKey,
  select: { id: true, companyId: true },
  authScopes: companyRow('structure.read'),
  fields: (t) => ({
    name: t.exposeString('name'),
    roles: t.exposeStringList('roles', { authScopes: { can: 'role.read' } }),
    department: t.relation('department'),
  }),
});

builder.queryFields((t) => ({
  company: t.prismaField({
    type: 'Company',
    description: 'The company that this request acts in.',
    authScopes: { can: 'company.read' },
    resolve: (query, _root, _args, { db }) => db.company.findFirstOrThrow({ ...query }),
  }),
  branches: t.prismaField({
    type: ['Branch'],
    args: {
      first: t.arg.int({ defaultValue: 100, required: true }),
      after: t.arg.globalID({ for: [Branch] }),
    },
    authScopes: { can: 'structure.read' },
    resolve: (query, _root, args, context) =>
      context.db.branch.findMany({
        ...query,
        ...page(args, context),
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
      }),
  }),
  departments: t.prismaField({
    type: ['Department'],
    args: {
      first: t.arg.int({ defaultValue: 100, required: true }),
      after: t.arg.globalID({ for: [Department] }),
    },
    authScopes: { can: 'structure.read' },
    resolve: (query, _root, args, context) =>
      context.db.department.findMany({
        ...query,
        ...page(args, context),
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
      }),
  }),
  teams: t.prismaField({
    type: ['Team'],
    args: { first: t.arg.int({ defaultValue: 100, required: true }), after: t.arg.globalID({ for: [Team] }) },
    authScopes: { can: 'structure.read' },
    resolve: (query, _root, args, context) =>
      context.db.team.findMany({
        ...query,
        ...page(args, context),
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
      }),
  }),
}));

builder.prismaObject('Company', {
  select: { id: true },
  authScopes: companyItself('company.read'),
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    currency: t.exposeString('currency', { description: 'ISO 4217, the currency of all amounts.' }),
    departments: t.relation('departments', {
      query: { orderBy: { name: 'asc' }, take: 200 },
      authScopes: { can: 'structure.read' },
    }),
  }),
});

const CreateBranchInput = builder.inputType('CreateBranchInput', {
  fields: (t) => ({ name: t.string({ required: true }) }),
});
const CreateDepartmentInput = builder.inputType('CreateDepartmentInput', {
  fields: (t) => ({
    branchId: t.globalID({ required: true, for: [Branch] }),
    name: t.string({ required: true }),
  }),
});

builder.mutationFields((t) => ({
  createBranch: t.prismaField({
    type: 'Branch',
    args: { input: t.arg({ type: CreateBranchInput, required: true }) },
    ...allowedBy(createBranch),
    resolve: (query, _root, { input }, context) => context.execute(createBranch, input, query),
  }),
  createDepartment: t.prismaField({
    type: 'Department',
    args: { input: t.arg({ type: CreateDepartmentInput, required: true }) },
    ...allowedBy(createDepartment),
    resolve: (query, _root, { input }, context) => context.execute(createDepartment, input, query),
  }),
}));
