import { z } from 'zod';
import { AppError, notFound } from '../../errors.ts';
import { type CommandClient, command } from '../command.ts';
import { amount, day, email, iban, id, identifier, text } from '../input.ts';

export const createEmployee = command({
  event: 'employee.created',
  entity: 'Employee',
  permission: 'employee.write',
  input: z.object({
    branchId: id,
    departmentId: id,
    teamId: id.nullish(),
    memberId: id.nullish(),
    name: text(200),
    email,
    jobTitle: text(200).nullish(),
    startedOn: day,
  }),
  run: async ({ tx, input: { memberId, ...data }, query, row }) =>
    tx.employee.create({ data: { ...row(), ...data, userId: await userOf(tx, memberId) }, ...query }),
});

export const updateEmployee = command({
  event: 'employee.updated',
  entity: 'Employee',
  permission: 'employee.write',
  input: z.object({
    employeeId: id,
    name: text(200).optional(),
    email: email.optional(),
    jobTitle: text(200).nullish(),
    startedOn: day.optional(),
    branchId: id.optional(),
    departmentId: id.optional(),
    teamId: id.nullish(),
  }),
  run: async ({ tx, input: { employeeId, ...data }, query, key }) => {
    const leaves = await leavesTeam(tx, employeeId, data);
    const changes = { ...data, ...(leaves && { teamId: null }) };
    return tx.employee.update({ where: key(employeeId), data: changes, ...query });
  },
});

type Place = { departmentId?: string | undefined; teamId?: string | null | undefined };

/** A team belongs to a department: moving to another department without a team there removes the team. */
async function leavesTeam(tx: CommandClient, id: string, { departmentId, teamId }: Place): Promise<boolean> {
  if (departmentId === undefined || teamId !== undefined) return false;
  const before = await tx.employee.findFirst({ where: { id }, select: { departmentId: true } });
  return before !== null && before.departmentId !== departmentId;
}

/** Returns the user of a member of the company, who may read the record as their own. */
async function userOf(tx: CommandClient, memberId: string | null | undefined): Promise<string | null> {
  if (!memberId) return null;
  const member = await tx.membership.findFirst({ where: { id: memberId }, select: { userId: true } });
  if (!member) throw notFound();
  return member.userId;
}

/** Sets civil id, passport and IBAN, which have their own permission. */
export const setEmployeeIdentity = command({
  event: 'employee.identity.changed',
  entity: 'Employee',
  permission: 'employee.identity.write',
  stepUp: true,
  input: z.object({
    employeeId: id,
    iban: iban.nullish(),
    civilId: identifier('a civil id').nullish(),
    passport: identifier('a passport number').nullish(),
  }),
  run: ({ tx, input: { employeeId, ...data }, query, key }) =>
    tx.employee.update({ where: key(employeeId), data, ...query }),
});

export const setSalary = command({
  event: 'employee.salary.changed',
  entity: 'Employee',
  permission: 'employee.salary.write',
  stepUp: true,
  input: z.object({ employeeId: id, salary: amount }),
  run: async ({ tx, input, query, key, actor }) => {
    const employee = await tx.employee.findFirst({
      where: { id: input.employeeId },
      select: { userId: true },
    });
    if (employee?.userId === actor.userId)
      throw new AppError('FORBIDDEN', 'Members cannot set their own salary.');
    return tx.employee.update({ where: key(input.employeeId), data: { salary: input.salary }, ...query });
  },
});

export const deleteEmployee = command({
  event: 'employee.deleted',
  entity: 'Employee',
  permission: 'employee.delete',
  input: z.object({ employeeId: id }),
  run: async ({ tx, input: { employeeId }, key }) => {
    const history = [
      await tx.attendance.count({ where: { employeeId } }),
      await tx.payrollItem.count({ where: { employeeId } }),
    ];
    // Attendance and pay records refer to the employee and must be kept.
    if (history.some((rows) => rows > 0)) {
      throw new AppError('CONFLICT', 'This employee has attendance or pay records, which cannot be deleted.');
    }
    return (await tx.employee.delete({ where: key(employeeId) })).id;
  },
});
