/**
 * `node bench/bare/server.ts DATABASE_URL PORT`: Yoga, Pothos and Prisma as documented, without
 * protections. A header names the company and is not verified.
 */
import { createServer } from 'node:http';
import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import { PrismaPg } from '@prisma/adapter-pg';
import { GraphQLScalarType } from 'graphql';
import { createYoga } from 'graphql-yoga';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { PrismaClient } from './generated/client.ts';
import type PrismaTypes from './generated/pothos.ts';
import { getDatamodel } from './generated/pothos.ts';

const [, , connectionString, port] = process.argv;
const pool = new pg.Pool({ connectionString, max: 10 });
const names = new Map<string, string>();
const statementNameGenerator = ({ sql }: { sql: string }): string => {
  if (!names.has(sql) && names.size < 500) names.set(sql, `p${names.size}`);
  return names.get(sql) ?? '';
};
const db = new PrismaClient({ adapter: new PrismaPg(pool, { statementNameGenerator }) });

const builder = new SchemaBuilder<{
  Context: { companyId: string; userId: string };
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  Scalars: { ID: { Input: string; Output: string }; Date: { Input: Date; Output: Date } };
}>({
  plugins: [PrismaPlugin, RelayPlugin],
  defaultFieldNullability: false,
  prisma: { client: db, dmmf: getDatamodel(), maxConnectionSize: 100, onUnusedQuery: null },
  relay: {},
});

const day = new GraphQLScalarType<Date, string>({
  name: 'Date',
  serialize: (value) => (value as Date).toISOString().slice(0, 10),
  parseValue: (value) => new Date(`${value}T00:00:00Z`),
});
builder.addScalarType('Date', day);

/**
 * One statement for a row and its relations; where lists stand inside lists, one statement for each
 * is quicker. Both were tried.
 */
const joined = { relationLoadStrategy: 'join' } as const;
const apart = { relationLoadStrategy: 'query' } as const;
const byName = [{ name: 'asc' }, { id: 'asc' }] as const;

builder.prismaNode('Department', {
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name'),
    employees: t.relatedConnection('employees', { cursor: 'id', query: { orderBy: [...byName] } }),
  }),
});

const Attendance = builder.prismaNode('Attendance', {
  id: { field: 'id' },
  fields: (t) => ({
    day: t.expose('day', { type: 'Date' }),
    minutes: t.exposeInt('minutes'),
    status: t.exposeString('status'),
  }),
});

const Employee = builder.prismaNode('Employee', {
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name'),
    email: t.exposeString('email'),
    jobTitle: t.exposeString('jobTitle', { nullable: true }),
    salary: t.exposeString('salary', { nullable: true }),
    iban: t.exposeString('iban', { nullable: true }),
    passport: t.exposeString('passport', { nullable: true }),
    department: t.relation('department'),
    attendance: t.relation('attendance', {
      type: Attendance,
      args: { first: t.arg.int({ required: true, defaultValue: 31 }) },
      query: ({ first }) => ({ take: first, orderBy: [{ day: 'desc' }, { id: 'desc' }] }),
    }),
  }),
});

builder.prismaObject('Company', {
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    currency: t.exposeString('currency'),
    departments: t.relation('departments', { query: { orderBy: { name: 'asc' } } }),
  }),
});
builder.prismaObject('User', {
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    email: t.exposeString('email'),
  }),
});
builder.prismaObject('Membership', {
  name: 'Viewer',
  fields: (t) => ({
    user: t.relation('user'),
    company: t.relation('company'),
    roles: t.exposeStringList('roles'),
  }),
});

builder.queryType({
  fields: (t) => ({
    employees: t.prismaConnection({
      type: 'Employee',
      cursor: 'id',
      resolve: (query, _root, _args, { companyId }) =>
        db.employee.findMany({ ...query, ...joined, where: { companyId }, orderBy: [...byName] }),
    }),
    employee: t.prismaField({
      type: 'Employee',
      args: { id: t.arg.globalID({ required: true, for: [Employee] }) },
      resolve: (query, _root, { id }) =>
        db.employee.findUniqueOrThrow({ ...query, ...joined, where: { id: id.id } }),
    }),
    company: t.prismaField({
      type: 'Company',
      resolve: (query, _root, _args, { companyId }) =>
        db.company.findUniqueOrThrow({ ...query, ...apart, where: { id: companyId } }),
    }),
    viewer: t.prismaField({
      type: 'Membership',
      resolve: (query, _root, _args, { companyId, userId }) => {
        const where = { companyId_userId: { companyId, userId } };
        return db.membership.findUniqueOrThrow({ ...query, ...joined, where });
      },
    }),
  }),
});

const CreateEmployeeInput = builder.inputType('CreateEmployeeInput', {
  fields: (t) => ({
    branchId: t.globalID({ required: true }),
    departmentId: t.globalID({ required: true }),
    name: t.string({ required: true }),
    email: t.string({ required: true }),
    jobTitle: t.string(),
    startedOn: t.field({ type: 'Date', required: true }),
  }),
});
const UpdateEmployeeInput = builder.inputType('UpdateEmployeeInput', {
  fields: (t) => ({
    employeeId: t.globalID({ required: true, for: [Employee] }),
    jobTitle: t.string({ required: true }),
  }),
});
const SetEmployeeIdentityInput = builder.inputType('SetEmployeeIdentityInput', {
  fields: (t) => ({
    employeeId: t.globalID({ required: true, for: [Employee] }),
    iban: t.string({ required: true }),
    passport: t.string({ required: true }),
  }),
});

builder.mutationType({
  fields: (t) => ({
    createEmployee: t.prismaField({
      type: 'Employee',
      args: { input: t.arg({ type: CreateEmployeeInput, required: true }) },
      resolve: (query, _root, { input: { branchId, departmentId, ...rest } }, { companyId }) =>
        db.employee.create({
          ...query,
          data: { ...rest, id: uuidv7(), companyId, branchId: branchId.id, departmentId: departmentId.id },
        }),
    }),
    updateEmployee: t.prismaField({
      type: 'Employee',
      args: { input: t.arg({ type: UpdateEmployeeInput, required: true }) },
      resolve: (query, _root, { input: { employeeId, ...data } }) =>
        db.employee.update({ ...query, where: { id: employeeId.id }, data }),
    }),
    setEmployeeIdentity: t.prismaField({
      type: 'Employee',
      args: { input: t.arg({ type: SetEmployeeIdentityInput, required: true }) },
      resolve: (query, _root, { input: { employeeId, ...data } }) =>
        db.employee.update({ ...query, where: { id: employeeId.id }, data }),
    }),
  }),
});

const yoga = createYoga({
  schema: builder.toSchema(),
  logging: false,
  graphiql: false,
  landingPage: false,
  context: ({ request: { headers } }) => ({
    companyId: headers.get('x-company-id') ?? '',
    userId: headers.get('x-user-id') ?? '',
  }),
});
createServer(yoga).listen(Number(port), '127.0.0.1', () => console.log(`listens on ${port}`));
