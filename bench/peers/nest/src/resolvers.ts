import { randomUUID } from 'node:crypto';
import { createParamDecorator, type ExecutionContext, Inject } from '@nestjs/common';
import {
  Args,
  GqlExecutionContext,
  ID,
  Int,
  Mutation,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { May, type User } from './access.js';
import { PRISMA, type Prisma } from './prisma.js';
import {
  Attendance,
  Company,
  CreateEmployeeInput,
  Department,
  Employee,
  EmployeeConnection,
  Page,
  SetEmployeeIdentityInput,
  UpdateEmployeeInput,
  Viewer,
} from './types.js';

const Me = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => GqlExecutionContext.create(context).getContext().req.user,
);
const global = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64');
const uuid = (id: string) => Buffer.from(id, 'base64').toString().split(':')[1] as string;

const named = { orderBy: [{ name: 'asc' as const }, { id: 'asc' as const }] };
const joined = { relationLoadStrategy: 'join' as const, include: { department: true } };

type Row = Omit<Employee, 'department'> & { department?: Department };
const shown = ({ department, ...row }: Row): Employee => ({
  ...row,
  id: global('Employee', row.id),
  ...(department && { department: { ...department, id: global('Department', department.id) } }),
});
const connection = (rows: Row[]): EmployeeConnection => ({
  edges: rows.map((row) => ({ node: shown(row) })),
});

@Resolver(() => Employee)
export class EmployeeResolver {
  constructor(@Inject(PRISMA) private readonly prisma: Prisma) {}

  @Query(() => EmployeeConnection)
  @May('employee', 'read')
  async employees(@Args() { first }: Page, @Me() { companyId }: User) {
    return connection(
      await this.prisma.employee.findMany({ where: { companyId }, take: first, ...named, ...joined }),
    );
  }

  @Query(() => Employee)
  @May('employee', 'read')
  async employee(@Args('id', { type: () => ID }) id: string, @Me() { companyId }: User) {
    return shown(
      await this.prisma.employee.findFirstOrThrow({ where: { id: uuid(id), companyId }, ...joined }),
    );
  }

  @ResolveField(() => [Attendance])
  async attendance(@Parent() { id }: Employee, @Args('first', { type: () => Int }) take: number) {
    const orderBy = [{ day: 'desc' as const }, { id: 'desc' as const }];
    const rows = await this.prisma.employee
      .findUnique({ where: { id: uuid(id) } })
      .attendance({ take, orderBy });
    return rows?.map((row) => ({ ...row, day: row.day.toISOString().slice(0, 10) }));
  }

  @Mutation(() => Employee)
  @May('employee', 'write')
  async createEmployee(@Args('input') input: CreateEmployeeInput, @Me() user: User) {
    const { companyId } = user;
    const { branchId, departmentId, startedOn, ...rest } = input;
    const places = { branchId: uuid(branchId), departmentId: uuid(departmentId) };
    const data = {
      ...rest,
      ...places,
      id: randomUUID(),
      companyId,
      startedOn: new Date(`${startedOn}T00:00:00Z`),
    };
    return this.prisma.$transaction(async (tx) => {
      const after = await tx.employee.create({ data });
      await tx.audit.create({ data: { ...entry(user, 'created', after.id), after: image(after) } });
      return shown(after);
    });
  }

  @Mutation(() => Employee)
  @May('employee', 'write')
  updateEmployee(@Args('input') { employeeId, ...data }: UpdateEmployeeInput, @Me() user: User) {
    return this.change(uuid(employeeId), data, user);
  }

  @Mutation(() => Employee)
  @May('employee', 'write')
  setEmployeeIdentity(@Args('input') { employeeId, ...data }: SetEmployeeIdentityInput, @Me() user: User) {
    return this.change(uuid(employeeId), data, user);
  }

  private change(id: string, data: object, user: User) {
    return this.prisma.$transaction(async (tx) => {
      const before = await tx.employee.findFirstOrThrow({ where: { id, companyId: user.companyId } });
      const after = await tx.employee.update({ where: { id }, data });
      await tx.audit.create({
        data: { ...entry(user, 'updated', id), before: image(before), after: image(after) },
      });
      return shown(after);
    });
  }
}

const entry = ({ companyId, userId }: User, action: string, entityId: string) => ({
  companyId,
  userId,
  action,
  entity: 'Employee',
  entityId,
});
/** The record holds no plain salary, IBAN or passport. */
const image = ({ salary, iban, ibanHash, passport, ...row }: Row & { ibanHash: string | null }) =>
  ({ ...row }) as object;

@Resolver(() => Company)
export class CompanyResolver {
  constructor(@Inject(PRISMA) private readonly prisma: Prisma) {}

  @Query(() => Company)
  @May('company', 'read')
  company(@Me() { companyId }: User) {
    return this.prisma.company.findUniqueOrThrow({ where: { id: companyId } });
  }

  @ResolveField(() => [Department])
  async departments(@Parent() { id }: Company) {
    const rows = await this.prisma.company
      .findUnique({ where: { id } })
      .departments({ orderBy: { name: 'asc' } });
    return rows?.map((row) => ({ ...row, id: global('Department', row.id) }));
  }

  @Query(() => Viewer)
  @May('company', 'read')
  viewer(@Me() { companyId, userId }: User) {
    const where = { companyId_userId: { companyId, userId } };
    const include = { user: true, company: true };
    return this.prisma.membership.findUniqueOrThrow({ where, include, relationLoadStrategy: 'join' });
  }
}

@Resolver(() => Department)
export class DepartmentResolver {
  constructor(@Inject(PRISMA) private readonly prisma: Prisma) {}

  @ResolveField(() => EmployeeConnection)
  async employees(@Parent() { id }: Department, @Args() { first }: Page) {
    const rows = await this.prisma.department
      .findUnique({ where: { id: uuid(id) } })
      .employees({ take: first, ...named });
    return connection(rows ?? []);
  }
}
