import {
  approvePayrollRun,
  createPayrollRun,
  payPayrollRun,
  submitPayrollRun,
} from '../../domain/payroll/payroll-run.ts';
import { listQuery, relatedList } from '../connections/lists.ts';
import { companyRow, everywhere, sumOf } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { enumOf } from '../core/enum.ts';
import { companyKey, opened, redacted } from '../core/fields.ts';
import { commandMutation } from '../core/mutation.ts';

const PayrollStatus = enumOf('PayrollStatus', 'The state of a payroll run.', {
  draft: 'Created, and not submitted yet.',
  submitted: 'Submitted, and waiting for approval.',
  approved: 'Approved, and waiting for payment.',
  paid: 'Paid; the run is complete.',
});

const PayrollItem = builder.prismaNode('PayrollItem', {
  ...companyKey,
  description: 'What one employee receives in a payroll run.',
  select: { id: true, companyId: true },
  authScopes: companyRow('payroll.read'),
  fields: (t) => ({
    employee: t.relation('employee', {
      description: 'The employee who is paid.',
      authScopes: { can: 'employee.read' },
    }),
    amount: t.field({
      type: 'Decimal',
      nullable: true,
      description:
        'The amount in the currency of the company. Null for readers without the right to salaries.',
      select: { amount: true },
      authScopes: everywhere('employee.salary.read'),
      unauthorizedResolver: redacted('payroll.read', () => null),
      resolve: opened('amount'),
    }),
  }),
});

const PayrollRun = builder.prismaNode('PayrollRun', {
  ...companyKey,
  description:
    'The pay of all employees for one month. Another user approves it than creates and submits it, and another one pays it than approves it.',
  select: { id: true, companyId: true },
  authScopes: companyRow('payroll.read'),
  fields: (t) => ({
    period: t.exposeString('period', { description: 'The month, as YYYY-MM.' }),
    status: t.expose('status', { type: PayrollStatus, description: 'The state of the run.' }),
    total: t.field({
      type: 'Decimal',
      nullable: true,
      description:
        'The sum of all items in the currency of the company. Null for readers without the right to salaries when it has fewer than six items, because a salary would follow from it.',
      select: { total: true, itemCount: true },
      authScopes: sumOf('payroll.read', 'employee.salary.read'),
      unauthorizedResolver: redacted('payroll.read', () => null),
      resolve: opened('total'),
    }),
    submittedAt: t.expose('submittedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the run was submitted.',
    }),
    approvedAt: t.expose('approvedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the run was approved.',
    }),
    paidAt: t.expose('paidAt', { type: 'DateTime', nullable: true, description: 'When the run was paid.' }),
  }),
});

relatedList('PayrollRun', 'items', {
  type: PayrollItem,
  model: 'PayrollItem',
  relation: 'items',
  description: 'The items of the run, one for each employee with a salary.',
  order: [],
  where: ({ id }) => ({ runId: id }),
});

listQuery('payrollRuns', {
  type: PayrollRun,
  model: 'PayrollRun',
  description: 'The payroll runs of the company, latest month first.',
  authScopes: { can: 'payroll.read' },
  order: ['-period'],
});

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

/** Declares a step of a payroll run, which takes the run and returns it in its next state. */
const step = (description: string) => ({
  description,
  type: PayrollRun,
  returns: 'payrollRun',
  input: (t: InputFields) => ({
    payrollRunId: t.globalID({ required: true, for: [PayrollRun], description: 'The payroll run.' }),
  }),
});

commandMutation('createPayrollRun', createPayrollRun, {
  description: 'Creates the payroll run of a month, with an item for each employee who has a salary.',
  type: PayrollRun,
  returns: 'payrollRun',
  input: (t) => ({ period: t.string({ required: true, description: 'The month, as YYYY-MM.' }) }),
});
commandMutation('submitPayrollRun', submitPayrollRun, step('Submits a draft for approval.'));
commandMutation(
  'approvePayrollRun',
  approvePayrollRun,
  step('Approves a submitted run. Requires another user than its creator and its submitter.'),
);
commandMutation(
  'payPayrollRun',
  payPayrollRun,
  step(
    'Marks an approved run as paid. Requires another user than its approver, with a recent second factor.',
  ),
);
