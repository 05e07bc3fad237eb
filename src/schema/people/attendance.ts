import { approveAttendance, recordAttendance } from '../../domain/people/attendance.ts';
import { companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { allowedBy, companyKey, page } from '../core/fields.ts';
import { Employee } from './employee.ts';

const AttendanceStatus = builder.enumType('AttendanceStatus', { values: ['recorded', 'approved'] as const });

const Attendance = builder.prismaNode('Attendance', {
  ...companyKey,
  select: { id: true, companyId: true },
  authScopes: companyRow('attendance.read'),
  fields: (t) => ({
    employee: t.relation('employee', { authScopes: { can: 'employee.read' } }),
    day: t.expose('day', { type: 'Date' }),
    minutes: t.exposeInt('minutes'),
    status: t.expose('status', { type: AttendanceStatus }),
    approvedAt: t.expose('approvedAt', { type: 'DateTime', nullable: true }),
  }),
});

builder.prismaObjectField('Employee', 'attendance', (t) =>
  t.relation('attendance', {
    args: { first: t.arg.int({ defaultValue: 31, required: true }) },
    authScopes: { can: 'attendance.read' },
    query: ({ first }, context) => ({
      ...page({ first }, context),
      orderBy: [{ day: 'desc' }, { id: 'desc' }],
    }),
  }),
);

builder.queryField('attendance', (t) =>
  t.prismaField({
    type: ['Attendance'],
    args: {
      employeeId: t.arg.globalID({ for: [Employee] }),
      status: t.arg({ type: AttendanceStatus }),
      first: t.arg.int({ defaultValue: 100, required: true }),
      after: t.arg.globalID({ for: [Attendance] }),
    },
    authScopes: { can: 'attendance.read' },
    resolve: (query, _root, { employeeId, status, ...args }, context) =>
      context.db.attendance.findMany({
        ...query,
        ...page(args, context),
        where: { ...(employeeId && { employeeId: employeeId.id }), ...(status && { status }) },
        orderBy: [{ day: 'desc' }, { id: 'desc' }],
      }),
  }),
);

const RecordAttendanceInput = builder.inputType('RecordAttendanceInput', {
  fields: (t) => ({
    employeeId: t.globalID({ required: true, for: [Employee] }),
    day: t.field({ type: 'Date', required: true }),
    minutes: t.int({ required: true }),
  }),
});

const ApproveAttendanceInput = builder.inputType('ApproveAttendanceInput', {
  fields: (t) => ({ attendanceId: t.globalID({ required: true, for: [Attendance] }) }),
});

builder.mutationFields((t) => ({
  recordAttendance: t.prismaField({
    type: 'Attendance',
    args: { input: t.arg({ type: RecordAttendanceInput, required: true }) },
    ...allowedBy(recordAttendance),
    resolve: (query, _root, { input }, context) => context.execute(recordAttendance, input, query),
  }),
  approveAttendance: t.prismaField({
    type: 'Attendance',
    args: { input: t.arg({ type: ApproveAttendanceInput, required: true }) },
    ...allowedBy(approveAttendance),
    resolve: (query, _root, { input }, context) => context.execute(approveAttendance, input, query),
  }),
}));
