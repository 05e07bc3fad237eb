import { z } from 'zod';
import { requireAnotherHuman } from '../../auth/authorization/four-eyes.ts';
import { AppError, notFound } from '../../errors.ts';
import { type CommandClient, command, last } from '../command.ts';
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
  run: async (tools) => {
    const { tx, input, query, row } = tools;
    const { memberId, ...data } = input;
    const userId = await userOf(tx, memberId);
    await requireAnotherHuman(tools, { performers: known([userId]) }, OWN_LINK);
    return last(() => tx.employee.create({ data: { ...row(), ...data, userId }, ...query }));
  },
});

const OWN_LINK = 'Members cannot link a record to themselves or unlink their own.';
const known = (ids: (string | null)[]) => ids.filter((id) => id !== null);

/** Links a record to a member, who may read it as their own, or to none. */
export const setEmployeeMember = command({
  event: 'employee.memberChanged',
  entity: 'Employee',
  permission: 'employee.write',
  stepUp: true,
  input: z.object({ employeeId: id, memberId: id.nullish() }),
  run: async (tools) => {
    const { tx, input, query, key } = tools;
    const before = await ownerOf(tx, input.employeeId);
    const userId = await userOf(tx, input.memberId ?? null);
    await requireAnotherHuman(tools, { performers: known([before.userId, userId]) }, OWN_LINK);
    return tx.employee.update({ where: key(input.employeeId), data: { userId }, ...query });
  },
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
    return last(() => tx.employee.update({ where: key(employeeId), data: changes, ...query }));
  },
});

type Place = { departmentId?: string | undefined; teamId?: string | null | undefined };

/**
 * A team belongs to a department: moving to another department without a team there removes the
 * team.
 */
async function leavesTeam(tx: CommandClient, id: string, { departmentId, teamId }: Place): Promise<boolean> {
  if (departmentId === undefined || teamId !== undefined) return false;
  const before = await tx.employee.findFirst({ where: { id }, select: { departmentId: true } });
  return before !== null && before.departmentId !== departmentId;
}

async function ownerOf(tx: CommandClient, employeeId: string): Promise<{ userId: string | null }> {
  const record = await tx.employee.findFirst({ where: { id: employeeId }, select: { userId: true } });
  if (!record) throw notFound();
  return record;
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
    last(() => tx.employee.update({ where: key(employeeId), data, ...query })),
});

export const setEmployeeSalary = command({
  event: 'employee.salary.changed',
  entity: 'Employee',
  permission: 'employee.salary.write',
  stepUp: true,
  input: z.object({ employeeId: id, salary: amount }),
  run: async (tools) => {
    const { tx, input, query, key } = tools;
    const record = await ownerOf(tx, input.employeeId);
    await requireAnotherHuman(tools, { record }, 'Members cannot set their own salary.');
    return tx.employee.update({ where: key(input.employeeId), data: { salary: input.salary }, ...query });
  },
});

export const deleteEmployee = command({
  event: 'employee.deleted',
  entity: 'Employee',
  permission: 'employee.delete',
  input: z.object({ employeeId: id }),
  run: async ({ tx, input: { employeeId }, key }) => {
    await ownerOf(tx, employeeId); // a history tells of employees, so first whether they are in scope
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
