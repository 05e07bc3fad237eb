import type { Context } from '../../context.ts';
import { electronicIban } from '../../domain/iban.ts';
import {
  createEmployee,
  deleteEmployee,
  setEmployeeIdentity,
  setEmployeeMember,
  setEmployeeSalary,
  updateEmployee,
} from '../../domain/people/employee.ts';
import { normalizedText } from '../../domain/text.ts';
import { AppError, invalidInput } from '../../errors.ts';
import { Member } from '../access/member.ts';
import { listQuery, relatedList } from '../connections/lists.ts';
import { canOrSelf, companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { enumOf } from '../core/enum.ts';
import { companyKey, last4, opened, redacted, uuidArgument } from '../core/fields.ts';
import { commandMutation, deletionMutation } from '../core/mutation.ts';
import { Branch, Department, Team } from '../organization/structure.ts';

const salaryRule = canOrSelf('employee.salary.read');
const identityRule = canOrSelf('employee.identity.read');

/** The columns that the rules of sealed fields compare. */
const place = { branchId: true, departmentId: true, teamId: true, userId: true } as const;

/** Returns the description of a value that readers without the right see masked. */
const masked = (value: string) =>
  `${value}. Readers without the right to it get its last four characters, \`•••• 4321\`.`;

export const Employee = builder.prismaNode('Employee', {
  ...companyKey,
  description: 'A person whom the company employs. It need not be a member, who signs in.',
  select: { id: true, companyId: true },
  authScopes: companyRow('employee.read'),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The full name.' }),
    email: t.exposeString('email', { description: 'The work email address; unique within the company.' }),
    jobTitle: t.exposeString('jobTitle', { nullable: true, description: 'The job title.' }),
    startedOn: t.expose('startedOn', { type: 'Date', description: 'The first day of work.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the employee was created.' }),
    branch: t.relation('branch', {
      description: 'The branch where the employee works.',
      authScopes: { can: 'structure.read' },
    }),
    department: t.relation('department', {
      description: 'The department where the employee works.',
      authScopes: { can: 'structure.read' },
    }),
    team: t.relation('team', {
      nullable: true,
      description: 'The team of the employee.',
      authScopes: { can: 'structure.read' },
    }),
    salary: t.field({
      type: 'Decimal',
      nullable: true,
      description:
        'The monthly gross salary in the currency of the company. Null for readers without the right to it.',
      select: { ...place, salary: true },
      authScopes: salaryRule,
      unauthorizedResolver: redacted('employee.read', () => null),
      resolve: opened('salary'),
    }),
    iban: t.string({
      nullable: true,
      description: masked('The bank account, as an IBAN (ISO 13616)'),
      select: { ...place, iban: true, ibanLast4: true },
      authScopes: identityRule,
      unauthorizedResolver: redacted('employee.read', last4('ibanLast4')),
      resolve: opened('iban'),
    }),
    civilId: t.string({
      nullable: true,
      description: masked('The number of the civil identity card'),
      select: { ...place, civilId: true, civilIdLast4: true },
      authScopes: identityRule,
      unauthorizedResolver: redacted('employee.read', last4('civilIdLast4')),
      resolve: opened('civilId'),
    }),
    passport: t.string({
      nullable: true,
      description: masked('The number of the passport'),
      select: { ...place, passport: true, passportLast4: true },
      authScopes: identityRule,
      unauthorizedResolver: redacted('employee.read', last4('passportLast4')),
      resolve: opened('passport'),
    }),
  }),
});

const EmployeeFilter = builder.inputType('EmployeeFilter', {
  description: 'Conditions that employees must all meet.',
  fields: (t) => ({
    name: t.string({ description: 'A part of the name, in any case; at most 100 characters.' }),
    branchId: t.globalID({ for: [Branch], description: 'The branch where they work.' }),
    departmentId: t.globalID({ for: [Department], description: 'The department where they work.' }),
    teamId: t.globalID({ for: [Team], description: 'Their team.' }),
    iban: t.string({
      description: 'The whole IBAN. Requires `employee.identity.read` for the whole company.',
    }),
  }),
});

const OrderDirection = enumOf('OrderDirection', 'The direction of an order.', {
  asc: 'From the least to the greatest.',
  desc: 'From the greatest to the least.',
});
const EmployeeOrderField = builder.enumType('EmployeeOrderField', {
  description: 'What employees are ordered by.',
  values: {
    NAME: { value: 'name', description: 'By name.' },
    STARTED_ON: { value: 'startedOn', description: 'By the first day of work.' },
    CREATED_AT: { value: 'createdAt', description: 'By when they were created.' },
  } as const,
});
const EmployeeOrder = builder.inputType('EmployeeOrder', {
  description: 'The order of a list of employees.',
  fields: (t) => ({
    field: t.field({ type: EmployeeOrderField, required: true, description: 'What to order by.' }),
    direction: t.field({
      type: OrderDirection,
      required: true,
      defaultValue: 'asc',
      description: 'The direction of the order.',
    }),
  }),
});

type Filter = typeof EmployeeFilter.$inferInput;

/**
 * Returns a pattern for the text as typed. PostgreSQL takes % and _ as wildcards, and needs long
 * for a long pattern.
 */
function partOf(name: string): string {
  if (name.length > 100) {
    throw invalidInput({ 'filter.name': 'expected at most 100 characters' });
  }
  return normalizedText(name).replaceAll(/[\\%_]/g, '\\$&');
}

/**
 * Returns the filter as `where` of Prisma. Filtering by an IBAN reveals it, so it requires the
 * permission to read it.
 */
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

const employeesArgs = builder.args((t) => ({
  filter: t.field({ type: EmployeeFilter, description: 'Only employees that meet these conditions.' }),
  order: t.field({ type: EmployeeOrder, description: 'By name without it.' }),
}));

listQuery('employees', {
  type: Employee,
  model: 'Employee',
  description: 'The employees whom the caller may see, in the wanted order.',
  authScopes: { can: 'employee.read' },
  args: employeesArgs,
  order: ({ order }) => [`${order?.direction === 'desc' ? '-' : ''}${order?.field ?? 'name'}`],
  where: ({ filter }, context) => filterOf(filter, context),
});

relatedList('Department', 'employees', {
  type: Employee,
  model: 'Employee',
  relation: 'employees',
  description: 'The employees of the department whom the caller may see, by name.',
  authScopes: { can: 'employee.read' },
  order: ['name'],
  where: ({ id }) => ({ departmentId: id }),
});

builder.queryField('employee', (t) =>
  t.prismaField({
    type: Employee,
    description: 'One employee, by id.',
    args: { id: t.arg.globalID({ required: true, for: [Employee], description: 'The id of the employee.' }) },
    authScopes: { can: 'employee.read' },
    resolve: (query, _root, { id }, { db }) =>
      db.employee.findFirstOrThrow({ ...query, where: { id: uuidArgument('id', id.id) } }),
  }),
);

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

const employeeId = (t: InputFields) =>
  t.globalID({ required: true, for: [Employee], description: 'The employee to change.' });

/** Declares the places of an employee in the structure of the company. */
const placesOf = (t: InputFields, required: boolean) => ({
  branchId: t.globalID({ required, for: [Branch], description: 'The branch where the employee works.' }),
  departmentId: t.globalID({
    required,
    for: [Department],
    description: 'The department where the employee works, one of the branch.',
  }),
  teamId: t.globalID({
    for: [Team],
    description: 'A team of the department. Another department without a team leaves the team.',
  }),
});

const detailsOf = (t: InputFields, required: boolean) => ({
  name: t.string({ required, description: 'The full name.' }),
  email: t.string({ required, description: 'The work email address; unique within the company.' }),
  jobTitle: t.string({ description: 'The job title.' }),
  startedOn: t.field({ type: 'Date', required, description: 'The first day of work.' }),
});

commandMutation('createEmployee', createEmployee, {
  description: 'Creates an employee.',
  type: Employee,
  returns: 'employee',
  input: (t) => ({
    ...placesOf(t, true),
    ...detailsOf(t, true),
    memberId: t.globalID({ for: [Member], description: 'The member whose own record this is.' }),
  }),
});
commandMutation('updateEmployee', updateEmployee, {
  description: 'Changes the given fields of an employee; a field that is not given stays as it is.',
  type: Employee,
  returns: 'employee',
  input: (t) => ({ employeeId: employeeId(t), ...placesOf(t, false), ...detailsOf(t, false) }),
});
commandMutation('setEmployeeIdentity', setEmployeeIdentity, {
  description: 'Sets the given identity documents of an employee.',
  type: Employee,
  returns: 'employee',
  input: (t) => ({
    employeeId: employeeId(t),
    iban: t.string({ description: 'The bank account, as an IBAN (ISO 13616).' }),
    civilId: t.string({ description: 'The number of the civil identity card.' }),
    passport: t.string({ description: 'The number of the passport.' }),
  }),
});
commandMutation('setEmployeeMember', setEmployeeMember, {
  description:
    'Links an employee to the member whose own record it is. Requires the right to read all that the member can then read.',
  type: Employee,
  returns: 'employee',
  input: (t) => ({
    employeeId: employeeId(t),
    memberId: t.globalID({ for: [Member], description: 'The member; null to remove the link.' }),
  }),
});
commandMutation('setEmployeeSalary', setEmployeeSalary, {
  description: 'Sets the salary of an employee. Requires a recent second factor.',
  type: Employee,
  returns: 'employee',
  input: (t) => ({
    employeeId: employeeId(t),
    salary: t.field({
      type: 'Decimal',
      required: true,
      description: 'The monthly gross salary in the currency of the company.',
    }),
  }),
});
deletionMutation('deleteEmployee', deleteEmployee, {
  description: 'Deletes an employee.',
  id: 'employeeId',
  noun: 'Employee',
  input: (t) => ({ employeeId: employeeId(t) }),
});
