import { Decimal } from 'decimal.js';
import { z } from 'zod';
import { requireAnotherHuman } from '../../auth/authorization/four-eyes.ts';
import { open } from '../../crypto/fields/sealed.ts';
import { AppError, notFound } from '../../errors.ts';
import { type CommandClient, command, type Tools } from '../command.ts';
import { id, month } from '../input.ts';

/** Rows of one statement; each has an audit event in one insert. */
const BATCH = 500;

/** Drafts a month's payroll: an item for each employee with a salary, and their exact total. */
export const createPayrollRun = command({
  event: 'payroll.created',
  entity: 'PayrollRun',
  permission: 'payroll.write',
  input: z.object({ period: month }),
  run: async ({ tx, input, query, row, key, actor }) => {
    // A narrower access scope would draft an incomplete payroll.
    if (actor.accessScope('payroll.write') !== 'company')
      throw new AppError('FORBIDDEN', 'Payroll requires a permission for the whole company.');
    const run = await tx.payrollRun.create({
      data: { ...row(), period: input.period, createdById: actor.userId },
    });
    const { total, itemCount } = await addItems(tx, run.id, row);
    const data = { total: total.toFixed(), itemCount };
    return tx.payrollRun.update({ where: key(run.id), data, ...query });
  },
});

async function addItems(
  tx: CommandClient,
  runId: string,
  row: () => { companyId: string; id: string },
): Promise<{ total: Decimal; itemCount: number }> {
  let total = new Decimal(0);
  let itemCount = 0;
  for (let after = ''; ; ) {
    const employees = await tx.employee.findMany({
      where: after ? { id: { gt: after } } : {},
      orderBy: { id: 'asc' },
      take: BATCH,
      select: { id: true, salary: true },
    });
    const items = employees.flatMap((employee) => {
      const amount = open(employee.salary);
      return amount === null ? [] : [{ ...row(), runId, employeeId: employee.id, amount }];
    });
    if (items.length > 0) await tx.payrollItem.createMany({ data: items });
    total = items.reduce((sum, item) => sum.plus(item.amount), total);
    itemCount += items.length;
    const last = employees.at(-1);
    if (!last || employees.length < BATCH) return { total, itemCount };
    after = last.id;
  }
}

type Status = 'draft' | 'submitted' | 'approved' | 'paid';

/** Locks and returns a run in the state that the step requires. Errors: NOT_FOUND, CONFLICT. */
async function runIn(status: Status, { tx, lock }: Pick<Tools<never>, 'tx' | 'lock'>, runId: string) {
  await lock(`payroll run ${runId}`);
  const run = await tx.payrollRun.findFirst({ where: { id: runId } });
  if (!run) throw notFound();
  if (run.status !== status)
    throw new AppError(
      'CONFLICT',
      `This step requires a payroll run that is ${status}; it is ${run.status}.`,
    );
  return run;
}

const input = z.object({ payrollRunId: id });

export const submitPayrollRun = command({
  event: 'payroll.submitted',
  entity: 'PayrollRun',
  permission: 'payroll.write',
  input,
  run: async ({ tx, input: { payrollRunId }, query, key, actor, lock }) => {
    await runIn('draft', { tx, lock }, payrollRunId);
    return tx.payrollRun.update({
      where: { ...key(payrollRunId), status: 'draft' },
      data: { status: 'submitted', submittedById: actor.userId, submittedAt: new Date() },
      ...query,
    });
  },
});

export const approvePayrollRun = command({
  event: 'payroll.approved',
  entity: 'PayrollRun',
  permission: 'payroll.approve',
  input,
  run: async (tools) => {
    const { tx, input, query, key, actor } = tools;
    const { id, createdById, submittedById } = await runIn('submitted', tools, input.payrollRunId);
    await requireAnotherHuman(
      tools,
      { performers: [createdById, submittedById] },
      'A payroll run cannot be approved by the member who created or submitted it.',
    );
    return tx.payrollRun.update({
      where: { ...key(id), status: 'submitted' },
      data: { status: 'approved', approvedById: actor.userId, approvedAt: new Date() },
      ...query,
    });
  },
});

export const payPayrollRun = command({
  event: 'payroll.paid',
  entity: 'PayrollRun',
  permission: 'payroll.pay',
  stepUp: true,
  input,
  run: async (tools) => {
    const { tx, input, query, key, actor } = tools;
    const { id, approvedById } = await runIn('approved', tools, input.payrollRunId);
    await requireAnotherHuman(
      tools,
      { performers: [approvedById] },
      'A payroll run cannot be paid by the member who approved it.',
    );
    return tx.payrollRun.update({
      where: { ...key(id), status: 'approved' },
      data: { status: 'paid', paidById: actor.userId, paidAt: new Date() },
      ...query,
    });
  },
});
