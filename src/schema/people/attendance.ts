import { approveAttendance, recordAttendance } from '../../domain/people/attendance.ts';
import { listQuery, relatedList } from '../connections/lists.ts';
import { companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { enumOf } from '../core/enum.ts';
import { companyKey } from '../core/fields.ts';
import { commandMutation } from '../core/mutation.ts';
import { Employee } from './employee.ts';

const AttendanceStatus = enumOf('AttendanceStatus', 'The state of an attendance record.', {
  recorded: 'Recorded, and waiting for approval.',
  approved: 'Approved by another user than the employee.',
});

const Attendance = builder.prismaNode('Attendance', {
  ...companyKey,
  description: 'The working time of an employee on one day.',
  select: { id: true, companyId: true },
  authScopes: companyRow('attendance.read'),
  fields: (t) => ({
    employee: t.relation('employee', {
      description: 'The employee who worked.',
      authScopes: { can: 'employee.read' },
    }),
    workedOn: t.expose('day', { type: 'Date', description: 'The day of work.' }),
    minutes: t.exposeInt('minutes', { description: 'The working time in minutes.' }),
    status: t.expose('status', { type: AttendanceStatus, description: 'The state of the record.' }),
    approvedAt: t.expose('approvedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the record was approved.',
    }),
  }),
});

relatedList('Employee', 'attendance', {
  type: Attendance,
  model: 'Attendance',
  relation: 'attendance',
  description: 'The attendance records of the employee, latest day first.',
  authScopes: { can: 'attendance.read' },
  order: ['-day'],
  where: ({ id }) => ({ employeeId: id }),
});

const attendanceArgs = builder.args((t) => ({
  employeeId: t.globalID({ for: [Employee], description: 'Only records of this employee.' }),
  status: t.field({ type: AttendanceStatus, description: 'Only records in this state.' }),
}));

listQuery('attendance', {
  type: Attendance,
  model: 'Attendance',
  description: 'Attendance records, latest day first.',
  authScopes: { can: 'attendance.read' },
  args: attendanceArgs,
  order: ['-day'],
  where: ({ employeeId, status }) => ({
    // through the relation: it finds nothing of an employee whom the caller may not see
    ...(employeeId && { employee: { id: employeeId.id } }),
    ...(status && { status }),
  }),
});

commandMutation('recordAttendance', recordAttendance, {
  description: 'Records the working time of an employee on one day.',
  type: Attendance,
  returns: 'attendance',
  input: (t) => ({
    employeeId: t.globalID({ required: true, for: [Employee], description: 'The employee who worked.' }),
    workedOn: t.field({ type: 'Date', required: true, description: 'The day of work.' }),
    minutes: t.int({ required: true, description: 'The working time in minutes.' }),
  }),
});
commandMutation('approveAttendance', approveAttendance, {
  description: 'Approves an attendance record. Requires another user than the employee.',
  type: Attendance,
  returns: 'attendance',
  input: (t) => ({
    attendanceId: t.globalID({ required: true, for: [Attendance], description: 'The record to approve.' }),
  }),
});
