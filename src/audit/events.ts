/**
 * Every kind of event that can be on the record: how much it matters, and what happened. A new kind of event goes here.
 * `<model>.created|updated|deleted` is what a row's change is called when no business step names it better.
 */
export const events = {
  'session.signedIn': { severity: 'LOW', what: 'A person signed in.' },
  'session.signInFailed': {
    severity: 'MEDIUM',
    what: 'Somebody tried to sign in with a wrong e-mail or password.',
  },
  'session.signedOut': { severity: 'LOW', what: 'A person ended their session.' },
  'session.revoked': { severity: 'MEDIUM', what: 'A session was ended from elsewhere.' },
  'session.companySwitched': { severity: 'LOW', what: "A session's active company changed." },
  'password.changed': { severity: 'MEDIUM', what: 'A person changed their password.' },
  'password.upgraded': {
    severity: 'LOW',
    what: 'An older password hash was replaced by a current one at sign-in.',
  },
  'access.denied': {
    severity: 'MEDIUM',
    what: 'A signed-in person asked for what their roles do not allow.',
  },

  'seal.broken': {
    severity: 'CRITICAL',
    what: 'A sealed value did not open: moved, altered, or under a key that is gone.',
  },
  'key.created': { severity: 'MEDIUM', what: 'A data key was made for a company and scope.' },
  'audit.exported': { severity: 'HIGH', what: 'The record was exported.' },
  'policy.exported': { severity: 'LOW', what: 'The policy map was exported.' },

  'company.created': { severity: 'HIGH', what: 'A company was created.' },
  'company.updated': { severity: 'MEDIUM', what: "A company's own data changed." },
  'company.deleted': { severity: 'CRITICAL', what: 'A company was deleted with all that it owned.' },
  'branch.created': { severity: 'LOW', what: 'A branch was added.' },
  'branch.updated': { severity: 'LOW', what: 'A branch changed.' },
  'branch.deleted': { severity: 'MEDIUM', what: 'A branch was deleted.' },
  'department.created': { severity: 'LOW', what: 'A department was added.' },
  'department.updated': { severity: 'LOW', what: 'A department changed.' },
  'department.deleted': { severity: 'MEDIUM', what: 'A department was deleted.' },

  'member.invited': { severity: 'MEDIUM', what: 'A person was made a member of the company.' },
  'member.rolesChanged': { severity: 'HIGH', what: "A member's roles changed." },
  'member.suspended': { severity: 'HIGH', what: 'A member was suspended.' },
  'member.restored': { severity: 'HIGH', what: 'A suspended member was let in again.' },
  'member.removed': { severity: 'HIGH', what: 'A member was removed from the company.' },
  'membership.created': { severity: 'MEDIUM', what: 'A membership row was added.' },
  'membership.updated': { severity: 'MEDIUM', what: 'A membership row changed.' },
  'membership.deleted': { severity: 'HIGH', what: 'A membership row was deleted.' },
  'role.created': { severity: 'HIGH', what: "A role of the company's own was created." },
  'role.updated': { severity: 'HIGH', what: 'What a role allows changed.' },
  'role.deleted': { severity: 'HIGH', what: 'A role was deleted.' },
  'team.created': { severity: 'LOW', what: 'A team was added.' },
  'team.updated': { severity: 'LOW', what: 'A team changed.' },
  'team.deleted': { severity: 'MEDIUM', what: 'A team was deleted.' },
  'team.rolesChanged': { severity: 'HIGH', what: 'The roles that a team gives to its members changed.' },
  'team.memberAdded': { severity: 'MEDIUM', what: 'A member joined a team and got its roles.' },
  'team.memberRemoved': { severity: 'MEDIUM', what: 'A member left a team and lost its roles.' },
  'teamMember.created': { severity: 'MEDIUM', what: 'A member joined a team.' },
  'teamMember.updated': { severity: 'MEDIUM', what: "A member's place in a team changed." },
  'teamMember.deleted': { severity: 'MEDIUM', what: 'A member left a team.' },

  'employee.created': { severity: 'MEDIUM', what: 'An employee was added.' },
  'employee.updated': { severity: 'MEDIUM', what: "An employee's data changed." },
  'employee.deleted': { severity: 'HIGH', what: 'An employee was deleted.' },
  'employee.salary.changed': { severity: 'HIGH', what: "An employee's salary changed." },
  'employee.identity.changed': {
    severity: 'HIGH',
    what: "An employee's IBAN, civil id or passport changed.",
  },
  'attendance.recorded': { severity: 'LOW', what: "An employee's minutes for a day were recorded." },
  'attendance.approved': { severity: 'MEDIUM', what: 'Recorded attendance was approved.' },
  'attendance.created': { severity: 'LOW', what: 'An attendance row was added.' },
  'attendance.updated': { severity: 'LOW', what: 'An attendance row changed.' },
  'attendance.deleted': { severity: 'MEDIUM', what: 'An attendance row was deleted.' },
  'payroll.created': { severity: 'MEDIUM', what: 'A payroll run was drafted.' },
  'payroll.submitted': { severity: 'MEDIUM', what: 'A payroll run was submitted for approval.' },
  'payroll.approved': { severity: 'HIGH', what: 'A payroll run was approved.' },
  'payroll.paid': { severity: 'CRITICAL', what: 'A payroll run was paid.' },
  'payrollRun.created': { severity: 'MEDIUM', what: 'A payroll run row was added.' },
  'payrollRun.updated': { severity: 'MEDIUM', what: 'A payroll run row changed.' },
  'payrollRun.deleted': { severity: 'HIGH', what: 'A payroll run row was deleted.' },
  'payrollItem.created': { severity: 'LOW', what: "An employee's amount was put into a payroll run." },
  'payrollItem.updated': { severity: 'HIGH', what: "An employee's amount in a payroll run changed." },
  'payrollItem.deleted': { severity: 'HIGH', what: "An employee's amount was taken out of a payroll run." },
} as const satisfies Record<string, { severity: Severity; what: string }>;

export const severities = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Severity = (typeof severities)[number];
export type Action = keyof typeof events;

export const isAction = (name: string): name is Action => Object.hasOwn(events, name);
