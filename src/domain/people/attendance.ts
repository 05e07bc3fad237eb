import { z } from 'zod';
import { requireAnotherHuman } from '../../auth/authorization/four-eyes.ts';
import { AppError, notFound } from '../../errors.ts';
import { command } from '../command.ts';
import { day, id } from '../input.ts';

export const recordAttendance = command({
  event: 'attendance.recorded',
  entity: 'Attendance',
  permission: 'attendance.record',
  limit: (actor) => (actor.accessScope('attendance.record') === 'company' ? null : 'attendance'),
  input: z.object({
    employeeId: id,
    workedOn: day,
    minutes: z
      .int('expected whole minutes')
      .min(0, 'expected 0 or more')
      .max(1440, 'expected at most 1440, a day'),
  }),
  run: ({ tx, input: { workedOn, ...input }, query, row, actor }) =>
    tx.attendance.create({
      data: { ...row(), ...input, day: workedOn, recordedById: actor.userId },
      ...query,
    }),
});

export const approveAttendance = command({
  event: 'attendance.approved',
  entity: 'Attendance',
  permission: 'attendance.approve',
  input: z.object({ attendanceId: id }),
  run: async (tools) => {
    const { tx, input, query, key, actor, lock } = tools;
    // Of concurrent approvals one succeeds; the others get CONFLICT.
    await lock(`attendance ${input.attendanceId}`);
    const attendance = await tx.attendance.findFirst({
      where: { id: input.attendanceId },
      select: { status: true, recordedById: true, employee: { select: { userId: true } } },
    });
    if (!attendance) throw notFound();
    await requireAnotherHuman(
      tools,
      { performers: [attendance.recordedById], record: attendance.employee },
      'Attendance cannot be approved by the member who recorded or worked it.',
    );
    if (attendance.status !== 'recorded')
      throw new AppError('CONFLICT', 'This attendance is already approved.');
    return tx.attendance.update({
      where: { ...key(input.attendanceId), status: 'recorded' },
      data: { status: 'approved', approvedById: actor.userId, approvedAt: new Date() },
      ...query,
    });
  },
});
