import type pg from 'pg';
import { type Column, copy } from './copy.ts';

const uuid = 'uuid';
const text = 'text';
const columns = (type: string, ...names: string[]): Column[] => names.map((name) => ({ name, type }));

/** The tables that the people are in, the product's and the peers', each filled in batches. */
export function tablesOf(db: pg.Client) {
  const user = [
    ...columns(uuid, 'companyId', 'id', 'branchId', 'departmentId'),
    ...columns(text, 'name', 'email', 'jobTitle'),
  ];
  const papers = columns(text, 'salary', 'iban', 'passport');
  const started = columns('date', 'startedOn');
  const worked = [
    ...columns(uuid, 'companyId', 'id', 'employeeId'),
    ...columns('date', 'day'),
    ...columns('int', 'minutes'),
  ];
  const named = [...columns(uuid, 'companyId', 'id'), ...columns(text, 'name')];
  const department = [...columns(uuid, 'companyId', 'id', 'branchId'), ...columns(text, 'name')];
  const membership = [...columns(uuid, 'companyId', 'id', 'userId'), ...columns('text_array', 'roles')];
  const batches = {
    company: copy(db, 'public."Company"', [...columns(uuid, 'id'), ...columns(text, 'name', 'currency')]),
    plainCompany: copy(db, 'plain.company', [...columns(uuid, 'id'), ...columns(text, 'name', 'currency')]),
    user: copy(db, 'public."User"', [...columns(uuid, 'id'), ...columns(text, 'name', 'email')]),
    plainUser: copy(db, 'plain.user', [...columns(uuid, 'id'), ...columns(text, 'name', 'email')]),
    credential: copy(db, 'public."Credential"', [
      ...columns(uuid, 'userId'),
      ...columns(text, 'passwordHash'),
    ]),
    key: copy(db, 'public."DataKey"', [
      ...columns(uuid, 'companyId', 'id'),
      ...columns(text, 'scope', 'purpose'),
      ...columns('int', 'version'),
      ...columns(text, 'masterKey', 'wrapped'),
    ]),
    membership: copy(db, 'public."Membership"', [...membership, ...columns(text, 'email', 'name')]),
    plainMembership: copy(db, 'plain.membership', membership),
    branch: copy(db, 'public."Branch"', named),
    plainBranch: copy(db, 'plain.branch', named),
    department: copy(db, 'public."Department"', department),
    plainDepartment: copy(db, 'plain.department', department),
    employee: copy(db, 'public."Employee"', [
      ...user,
      ...started,
      ...papers,
      ...columns(text, 'ibanIndex', 'ibanLast4', 'passportLast4'),
    ]),
    plainEmployee: copy(db, 'plain.employee', [...user, ...started, ...papers]),
    kitEmployee: copy(db, 'kit.employee', [...user, ...started, ...papers]),
    attendance: copy(db, 'public."Attendance"', [...worked, ...columns(uuid, 'recordedById')]),
    plainAttendance: copy(db, 'plain.attendance', [...worked, ...columns(text, 'status')]),
  };
  const flush = async () => {
    for (const batch of Object.values(batches)) await batch.flush();
  };
  return { ...batches, flush };
}
export type Tables = ReturnType<typeof tablesOf>;
