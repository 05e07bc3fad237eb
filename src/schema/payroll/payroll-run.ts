import {
  approvePayrollRun,
  createPayrollRun,
  payPayrollRun,
  submitPayrollRun,
} from '../../domain/payroll/payroll-run.ts';
import { companyRow, everywhere } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { allowedBy, companyKey, instead, opened, page } from '../core/fields.ts';

const PayrollStatus = builder.enumType('PayrollStatus', {
  values: ['draft', 'submitted', 'approved', 'paid'] as const,
});

const PayrollItem = builder.prismaNode('PayrollItem', {
  ...companyKey,
  select: { id: true, companyId: true },
  authScopes: companyRow('payroll.read'),
  fields: (t) => ({
    employee: t.relation('employee', { authScopes: { can: 'employee.read' } }),
    amount: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Null for readers without the right to see salaries.',
      select: { amount: true },
      authScopes: everywhere('employee.salary.read'),
      unauthorizedResolver: instead('payroll.read', () => null),
      resolve: opened('amount'),
    }),
  }),
});

const PayrollRun = builder.prismaNode('PayrollRun', {
  ...companyKey,
  select: { id: true, companyId: true },
  authScopes: companyRow('payroll.read'),
  fields: (t) => ({
    period: t.exposeString('period', { description: 'The month, YYYY-MM.' }),
    status: t.expose('status', { type: PayrollStatus }),
    total: t.field({ type: 'Decimal', nullable: true, select: { total: true }, resolve: opened('total') }),
    submittedAt: t.expose('submittedAt', { type: 'DateTime', nullable: true }),
    approvedAt: t.expose('approvedAt', { type: 'DateTime', nullable: true }),
    paidAt: t.expose('paidAt', { type: 'DateTime', nullable: true }),
    items: t.relation('items', {
      type: PayrollItem,
      args: { first: t.arg.int({ defaultValue: 100, required: true }) },
      query: ({ first }, context) => ({ ...page({ first }, context), orderBy: { id: 'asc' } }),
    }),
  }),
});

builder.queryField('payrollRuns', (t) =>
  t.prismaField({
    type: ['PayrollRun'],
    args: {
      first: t.arg.int({ defaultValue: 100, required: true }),
      after: t.arg.globalID({ for: [PayrollRun] }),
    },
    authScopes: { can: 'payroll.read' },
    resolve: (query, _root, args, context) =>
      context.db.payrollRun.findMany({
        ...query,
        ...page(args, context),
        orderBy: [{ period: 'desc' }, { id: 'desc' }],
      }),
  }),
);

const CreatePayrollRunInput = builder.inputType('CreatePayrollRunInput', {
  fields: (t) => ({ period: t.string({ required: true, description: 'The month, YYYY-MM.' }) }),
});

const PayrollRunInput = builder.inputType('PayrollRunInput', {
  fields: (t) => ({ payrollRunId: t.globalID({ required: true, for: [PayrollRun] }) }),
});

builder.mutationFields((t) => ({
  createPayrollRun: t.prismaField({
    type: 'PayrollRun',
    args: { input: t.arg({ type: CreatePayrollRunInput, required: true }) },
    ...allowedBy(createPayrollRun),
    resolve: (query, _root, { input }, context) => context.execute(createPayrollRun, input, query),
  }),
  submitPayrollRun: t.prismaField({
    type: 'PayrollRun',
    args: { input: t.arg({ type: PayrollRunInput, required: true }) },
    ...allowedBy(submitPayrollRun),
    resolve: (query, _root, { input }, context) => context.execute(submitPayrollRun, input, query),
  }),
  approvePayrollRun: t.prismaField({
    type: 'PayrollRun',
    args: { input: t.arg({ type: PayrollRunInput, required: true }) },
    ...allowedBy(approvePayrollRun),
    resolve: (query, _root, { input }, context) => context.execute(approvePayrollRun, input, query),
  }),
  payPayrollRun: t.prismaField({
    type: 'PayrollRun',
    args: { input: t.arg({ type: PayrollRunInput, required: true }) },
    ...allowedBy(payPayrollRun),
    resolve: (query, _root, { input }, context) => context.execute(payPayrollRun, input, query),
  }),
}));
