import type { Context } from '../../context.ts';
import { electronicIban } from '../../domain/iban.ts';
import {
  createEmployee,
  deleteEmployee,
  setEmployeeIdentity,
  setEmployeeMember,
  setSalary,
  updateEmployee,
} from '../../domain/people/employee.ts';
import { normalizedText } from '../../domain/text.ts';
import { AppError, invalidInput } from '../../errors.ts';
import { Member } from '../access/member.ts';
import { canOrSelf, companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { allowedBy, companyKey, instead, last4, opened } from '../core/fields.ts';
import { globalIdOf } from '../core/global-id.ts';
import { Branch, Department, Team } from '../organization/structure.ts';

const salaryRule = canOrSelf('employee.salary.read');
const identityRule = canOrSelf('employee.identity.read');

/** What the two rules ask of a row: read with the fields that they stand on, and with no others. */
const place = { branchId: true, departmentId: true, teamId: true, userId: true } as const;

export const Employee = builder.prismaNode('Employee', {
  ...companyKey,
  select: { id: true, companyId: true },
  authScopes: companyRow('employee.read'),
  fields: (t) => ({
    name: t.exposeString('name'),
    email: t.exposeString('email'),
    jobTitle: t.exposeString('jobTitle', { nullable: true }),
    startedOn: t.expose('startedOn', { type: 'Date' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    branch: t.relation('branch', { authScopes: { can: 'structure.read' } }),
    department: t.relation('department', { authScopes: { can: 'structure.read' } }),
    team: t.relation('team', { nullable: true, authScopes: { can: 'structure.read' } }),
    salary: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Per month, in the currency of the company. Null for readers without the right.',
      select: { ...place, salary: true },
      authScopes: salaryRule,
      unauthorizedResolver: instead('employee.read', () => null),
      resolve: opened('salary'),
    }),
    iban: t.string({
      nullable: true,
      description: 'Masked to its last four for readers without the right.',
      select: { ...place, iban: true, ibanLast4: true },
      authScopes: identityRule,
      unauthorizedResolver: instead('employee.read', last4('ibanLast4')),
      resolve: opened('iban'),
    }),
    civilId: t.string({
      nullable: true,
      description: 'Masked to its last four for readers without the right.',
      select: { ...place, civilId: true, civilIdLast4: true },
      authScopes: identityRule,
      unauthorizedResolver: instead('employee.read', last4('civilIdLast4')),
      resolve: opened('civilId'),
    }),
    passport: t.string({
      nullable: true,
      description: 'Masked to its last four for readers without the right.',
      select: { ...place, passport: true, passportLast4: true },
      authScopes: identityRule,
      unauthorizedResolver: instead('employee.read', last4('passportLast4')),
      resolve: opened('passport'),
    }),
  }),
});

const EmployeeFilter = builder.inputType('EmployeeFilter', {
  fields: (t) => ({
    name: t.string({ description: 'Part of the name, in any case.' }),
    branchId: t.globalID({ for: [Branch] }),
    departmentId: t.globalID({ for: [Department] }),
    teamId: t.globalID({ for: [Team] }),
    iban: t.string({
      description: 'The whole IBAN; found without opening anyone’s. Needs the right to read it.',
    }),
  }),
});

const OrderDirection = builder.enumType('OrderDirection', { values: ['asc', 'desc'] as const });
const EmployeeOrderField = builder.enumType('EmployeeOrderField', {
  values: ['name', 'startedOn', 'createdAt'] as const,
});
const EmployeeOrder = builder.inputType('EmployeeOrder', {
  fields: (t) => ({
    field: t.field({ type: EmployeeOrderField, required: true }),
    direction: t.field({ type: OrderDirection, required: true, defaultValue: 'asc' }),
  }),
});

type Filter = typeof EmployeeFilter.$inferInput;

/** As the user typed it: PostgreSQL would take % and _ for wildcards, and a long pattern for a long time. */
function partOf(name: string): string {
  if (name.length > 100) {
    throw invalidInput({ 'filter.name': 'expected at most 100 characters' });
  }
  return normalizedText(name).replaceAll(/[\\%_]/g, '\\$&');
}

/** The filter as Prisma's `where`. Asking for an IBAN is reading it, so it needs that permission. */
function filterOf(filter: Filter | null | undefined, { actor, failures }: Context) {
  if (!filter) return {};
  if (filter.iban != null && actor?.accessScope('employee.identity.read') !== 'company') {
    failures.deny('EmployeeFilter.iban');
    throw new AppError(
      'FORBIDDEN',
      'Searching by IBAN requires employee.identity.read for the whole company.',
    );
  }
  return {
    ...(filter.name && { name: { contains: partOf(filter.name), mode: 'insensitive' as const } }),
    ...(filter.branchId && { branchId: filter.branchId.id }),
    ...(filter.departmentId && { departmentId: filter.departmentId.id }),
    ...(filter.teamId && { teamId: filter.teamId.id }),
    ...(filter.iban != null && { iban: electronicIban(filter.iban) }),
  };
}

builder.queryFields((t) => ({
  employees: t.prismaConnection({
    type: 'Employee',
    cursor: 'key',
    args: { filter: t.arg({ type: EmployeeFilter }), order: t.arg({ type: EmployeeOrder }) },
    authScopes: { can: 'employee.read' },
    resolve: (query, _root, { filter, order }, context) =>
      context.db.employee.findMany({
        ...query,
        where: filterOf(filter, context),
        orderBy: [{ [order?.field ?? 'name']: order?.direction ?? 'asc' }, { id: 'asc' }],
      }),
    totalCount: (_root, { filter }, context) =>
      context.db.employee.count({ where: filterOf(filter, context) }),
  }),
  employee: t.prismaField({
    type: 'Employee',
    args: { id: t.arg.globalID({ required: true, for: [Employee] }) },
    authScopes: { can: 'employee.read' },
    resolve: (query, _root, { id }, { db }) =>
      db.employee.findFirstOrThrow({ ...query, where: { id: id.id } }),
  }),
}));

const CreateEmployeeInput = builder.inputType('CreateEmployeeInput', {
  fields: (t) => ({
    branchId: t.globalID({ required: true, for: [Branch] }),
    departmentId: t.globalID({ required: true, for: [Department] }),
    teamId: t.globalID({ for: [Team] }),
    memberId: t.globalID({ for: [Member], description: 'The member whose own record it is.' }),
    name: t.string({ required: true }),
    email: t.string({ required: true }),
    jobTitle: t.string(),
    startedOn: t.field({ type: 'Date', required: true }),
  }),
});

const UpdateEmployeeInput = builder.inputType('UpdateEmployeeInput', {
  fields: (t) => ({
    employeeId: t.globalID({ required: true, for: [Employee] }),
    branchId: t.globalID({ for: [Branch] }),
    departmentId: t.globalID({ for: [Department], description: 'A department of the branch.' }),
    teamId: t.globalID({
      for: [Team],
      description: 'A team of the department. Another department without a team leaves the team.',
    }),
    name: t.string(),
    email: t.string(),
    jobTitle: t.string(),
    startedOn: t.field({ type: 'Date' }),
  }),
});

const SetEmployeeIdentityInput = builder.inputType('SetEmployeeIdentityInput', {
  fields: (t) => ({
    employeeId: t.globalID({ required: true, for: [Employee] }),
    iban: t.string(),
    civilId: t.string(),
    passport: t.string(),
  }),
});

const SetEmployeeMemberInput = builder.inputType('SetEmployeeMemberInput', {
  fields: (t) => ({
    employeeId: t.globalID({ required: true, for: [Employee] }),
    memberId: t.globalID({
      for: [Member],
      description: 'The member whose own record it is from now on; null for none.',
    }),
  }),
});

const SetSalaryInput = builder.inputType('SetSalaryInput', {
  fields: (t) => ({
    employeeId: t.globalID({ required: true, for: [Employee] }),
    salary: t.field({ type: 'Decimal', required: true }),
  }),
});

const DeleteEmployeeInput = builder.inputType('DeleteEmployeeInput', {
  fields: (t) => ({ employeeId: t.globalID({ required: true, for: [Employee] }) }),
});

builder.mutationFields((t) => ({
  createEmployee: t.prismaField({
    type: 'Employee',
    args: { input: t.arg({ type: CreateEmployeeInput, required: true }) },
    ...allowedBy(createEmployee),
    resolve: (query, _root, { input }, context) => context.execute(createEmployee, input, query),
  }),
  updateEmployee: t.prismaField({
    type: 'Employee',
    args: { input: t.arg({ type: UpdateEmployeeInput, required: true }) },
    ...allowedBy(updateEmployee),
    resolve: (query, _root, { input }, context) => context.execute(updateEmployee, input, query),
  }),
  setEmployeeIdentity: t.prismaField({
    type: 'Employee',
    args: { input: t.arg({ type: SetEmployeeIdentityInput, required: true }) },
    ...allowedBy(setEmployeeIdentity),
    resolve: (query, _root, { input }, context) => context.execute(setEmployeeIdentity, input, query),
  }),
  setEmployeeMember: t.prismaField({
    type: 'Employee',
    description:
      'Says whose own record it is; the caller needs the right to read all that the member can then read.',
    args: { input: t.arg({ type: SetEmployeeMemberInput, required: true }) },
    ...allowedBy(setEmployeeMember),
    resolve: (query, _root, { input }, context) =>
      context.execute(setEmployeeMember, { ...input, memberId: input.memberId ?? null }, query),
  }),
  setSalary: t.prismaField({
    type: 'Employee',
    args: { input: t.arg({ type: SetSalaryInput, required: true }) },
    ...allowedBy(setSalary),
    resolve: (query, _root, { input }, context) => context.execute(setSalary, input, query),
  }),
  deleteEmployee: t.field({
    type: 'ID',
    description: 'The id of the employee that is gone.',
    args: { input: t.arg({ type: DeleteEmployeeInput, required: true }) },
    ...allowedBy(deleteEmployee),
    resolve: async (_root, { input }, context) => {
      await context.execute(deleteEmployee, input);
      return globalIdOf(input.employeeId.typename, input.employeeId.id);
    },
  }),
}));
