/**
 * Every kind of audit event with its severity and description. Add new kinds here.
 * `<model>.created|updated|deleted` names a row's change that no command names.
 */
export const events = {
  'session.signedIn': { severity: 'LOW', what: 'A user signed in.' },
  'session.signInFailed': {
    severity: 'MEDIUM',
    what: 'A sign-in failed: wrong e-mail or password.',
  },
  'session.signedOut': { severity: 'LOW', what: 'A user signed out.' },
  'session.revoked': {
    severity: 'MEDIUM',
    what: 'A session was revoked by its user, an administrator or a policy.',
  },
  'session.rotated': {
    severity: 'LOW',
    what: "A session's token was rotated after another user changed its user's permissions.",
  },
  'session.companyEntered': {
    severity: 'LOW',
    what: 'A session first acted in this company while signed in to another one.',
  },
  'session.companySwitched': { severity: 'LOW', what: 'A session switched to another company.' },
  'signIn.secondFactorAsked': {
    severity: 'LOW',
    what: 'A password was correct; a second factor is required.',
  },
  'signIn.secondFactorPassed': { severity: 'LOW', what: 'A user verified a second factor.' },
  'signIn.secondFactorFailed': { severity: 'MEDIUM', what: 'A second factor was wrong, used or expired.' },
  'account.locked': {
    severity: 'HIGH',
    what: 'Too many failures: an account is locked for attempts of this kind.',
  },
  'account.unlocked': { severity: 'MEDIUM', what: 'A lock was lifted before it expired.' },
  'address.locked': {
    severity: 'HIGH',
    what: 'Too many failures: a network is locked for attempts of this kind.',
  },
  'signUp.requested': {
    severity: 'LOW',
    what: 'A sign-up was requested with an unverified e-mail address.',
  },
  'signUp.verified': { severity: 'MEDIUM', what: 'The e-mail address of a sign-up request was verified.' },
  'signUp.approved': { severity: 'HIGH', what: 'A sign-up request was approved.' },
  'signUp.refused': { severity: 'MEDIUM', what: 'A sign-up request was rejected.' },
  'user.languageSet': { severity: 'LOW', what: 'A user set the language of their mails.' },
  'password.changed': { severity: 'MEDIUM', what: 'A user changed their password.' },
  'password.resetRequested': { severity: 'MEDIUM', what: 'A password reset was mailed.' },
  'password.reset': { severity: 'HIGH', what: 'A password was reset with a mailed token.' },
  'factor.added': { severity: 'HIGH', what: 'A user added a second factor.' },
  'factor.removed': { severity: 'HIGH', what: 'A user removed a second factor.' },
  'factor.codeSent': { severity: 'LOW', what: 'A one-time code was sent.' },
  'factor.backupCodesMade': {
    severity: 'HIGH',
    what: 'A user generated new backup codes; previous ones are void.',
  },
  'factor.backupCodeUsed': { severity: 'HIGH', what: 'A backup code was used.' },
  'factor.disabled': { severity: 'CRITICAL', what: "An administrator disabled a user's second factors." },
  'mfa.graceStarted': { severity: 'LOW', what: 'A second factor became required of a member.' },
  'mfa.noLongerRequired': { severity: 'LOW', what: 'A second factor is no longer required of a member.' },
  'mfa.memberRequired': {
    severity: 'HIGH',
    what: 'An administrator set whether a member must have a second factor.',
  },
  'mfa.graceReset': {
    severity: 'HIGH',
    what: "An administrator restarted a member's grace period.",
  },
  'mfa.recoveryEmailSet': {
    severity: 'HIGH',
    what: 'A user set a recovery address.',
  },
  'mfa.recoveryEmailVerified': {
    severity: 'MEDIUM',
    what: 'A recovery address was verified.',
  },
  'mfa.recoveryStarted': {
    severity: 'HIGH',
    what: 'A recovery token was mailed to the recovery address.',
  },
  'mfa.recovered': {
    severity: 'CRITICAL',
    what: 'Recovery removed all second factors and revoked all sessions.',
  },
  'device.trusted': {
    severity: 'MEDIUM',
    what: 'A device was trusted: sign-in on it needs no second factor for a period.',
  },
  'device.revoked': { severity: 'MEDIUM', what: 'A trusted device was revoked.' },
  'passkey.registered': { severity: 'HIGH', what: 'A passkey was registered.' },
  'passkey.renamed': { severity: 'LOW', what: 'A passkey was renamed.' },
  'passkey.removed': { severity: 'HIGH', what: 'A passkey was removed.' },
  'passkey.refused': {
    severity: 'HIGH',
    what: 'A passkey ceremony failed: wrong origin, site, challenge, signature or user verification.',
  },
  'passkey.counterRegressed': {
    severity: 'CRITICAL',
    what: 'The signature counter of a passkey decreased: it may be cloned.',
  },
  'token.issued': { severity: 'LOW', what: 'A session was continued with access and refresh tokens.' },
  'token.reused': {
    severity: 'CRITICAL',
    what: 'A refresh token was reused: it may be stolen; its session was revoked.',
  },
  'signingKey.made': { severity: 'HIGH', what: 'A signing key for access tokens was created.' },
  'signingKey.retired': { severity: 'HIGH', what: 'A signing key for access tokens was retired.' },
  'apiKey.created': { severity: 'HIGH', what: 'An API key was created.' },
  'apiKey.rotated': { severity: 'HIGH', what: 'An API key was rotated; both keys work for an overlap.' },
  'apiKey.revoked': { severity: 'HIGH', what: 'An API key was revoked.' },
  'apiKey.updated': { severity: 'MEDIUM', what: 'An API key row changed.' },
  'apiKey.deleted': { severity: 'HIGH', what: 'An API key row was deleted.' },
  'apiKey.newAddress': {
    severity: 'HIGH',
    what: 'An API key was used from a new address.',
  },
  'apiKey.anomaly': {
    severity: 'HIGH',
    what: 'An API key was used in an unusual way; administrators of keys are notified.',
  },
  'apiKey.refused': {
    severity: 'HIGH',
    what: 'An API key was rejected: wrong, revoked, expired, or from a network that is not allowed.',
  },
  'serviceAccount.created': { severity: 'HIGH', what: 'A service account was created.' },
  'serviceAccount.disabled': {
    severity: 'HIGH',
    what: 'A service account and its keys were disabled.',
  },
  'serviceAccount.updated': { severity: 'HIGH', what: 'A service account changed.' },
  'serviceAccount.deleted': { severity: 'HIGH', what: 'A service account was deleted.' },
  'signInPolicy.changed': { severity: 'HIGH', what: "The company's sign-in policy was set." },
  'signInPolicy.created': { severity: 'HIGH', what: "The company's sign-in policy was created." },
  'signInPolicy.updated': { severity: 'HIGH', what: "The company's sign-in policy changed." },
  'signInPolicy.deleted': {
    severity: 'HIGH',
    what: "The company's sign-in policy was deleted; the defaults apply.",
  },
  'password.upgraded': {
    severity: 'LOW',
    what: 'An imported password hash was replaced at sign-in.',
  },
  'access.denied': {
    severity: 'MEDIUM',
    what: 'An actor requested something that their roles do not allow.',
  },
  'uniqueValue.refused': {
    severity: 'MEDIUM',
    what: 'An actor without access to the whole company chose a unique value that another row has.',
  },

  'seal.broken': {
    severity: 'CRITICAL',
    what: 'A sealed value did not decrypt: altered, moved, or its key is missing.',
  },
  'key.created': { severity: 'MEDIUM', what: 'A data key was created for a company and key scope.' },
  'job.retried': {
    severity: 'MEDIUM',
    what: 'An administrator of the platform made a failed job run again.',
  },
  'job.cancelled': { severity: 'HIGH', what: 'An administrator of the platform cancelled a job.' },
  'audit.exported': { severity: 'HIGH', what: 'The audit log was exported.' },
  'policy.exported': { severity: 'LOW', what: 'The policy map was exported.' },

  'company.created': { severity: 'HIGH', what: 'A company was created.' },
  'company.updated': { severity: 'MEDIUM', what: "A company's own data changed." },
  'company.deleted': { severity: 'CRITICAL', what: 'A company was deleted with all its data.' },
  'branch.created': { severity: 'LOW', what: 'A branch was added.' },
  'branch.updated': { severity: 'LOW', what: 'A branch changed.' },
  'branch.deleted': { severity: 'MEDIUM', what: 'A branch was deleted.' },
  'department.created': { severity: 'LOW', what: 'A department was added.' },
  'department.updated': { severity: 'LOW', what: 'A department changed.' },
  'department.deleted': { severity: 'MEDIUM', what: 'A department was deleted.' },

  'member.invited': { severity: 'MEDIUM', what: 'A user was invited to the company.' },
  'member.invitationResent': { severity: 'LOW', what: 'An invitation was mailed again.' },
  'member.invitationExpired': {
    severity: 'LOW',
    what: 'An invitation was removed that was not accepted in time.',
  },
  'member.joined': { severity: 'MEDIUM', what: 'An invited user became a member.' },
  'member.rolesChanged': { severity: 'HIGH', what: "A member's roles changed." },
  'member.suspended': { severity: 'HIGH', what: 'A member was suspended.' },
  'member.restored': { severity: 'HIGH', what: 'A suspended member was restored.' },
  'member.removed': { severity: 'HIGH', what: 'A member was removed from the company.' },
  'membership.created': { severity: 'MEDIUM', what: 'A membership row was added.' },
  'membership.updated': { severity: 'MEDIUM', what: 'A membership row changed.' },
  'membership.deleted': { severity: 'HIGH', what: 'A membership row was deleted.' },
  'role.created': { severity: 'HIGH', what: 'A custom role was created.' },
  'role.updated': { severity: 'HIGH', what: 'The permissions of a custom role changed.' },
  'role.deleted': { severity: 'HIGH', what: 'A role was deleted.' },
  'team.created': { severity: 'LOW', what: 'A team was added.' },
  'team.updated': { severity: 'LOW', what: 'A team changed.' },
  'team.deleted': { severity: 'MEDIUM', what: 'A team was deleted.' },
  'team.rolesChanged': { severity: 'HIGH', what: 'The roles that a team gives to its members changed.' },
  'team.memberAdded': { severity: 'MEDIUM', what: 'A member was added to a team and its roles.' },
  'team.memberRemoved': { severity: 'MEDIUM', what: 'A member was removed from a team and its roles.' },
  'teamMember.created': { severity: 'MEDIUM', what: 'A team membership row was added.' },
  'teamMember.updated': { severity: 'MEDIUM', what: 'A team membership row changed.' },
  'teamMember.deleted': { severity: 'MEDIUM', what: 'A team membership row was deleted.' },

  'employee.created': { severity: 'MEDIUM', what: 'An employee was added.' },
  'employee.updated': { severity: 'MEDIUM', what: "An employee's data changed." },
  'employee.deleted': { severity: 'HIGH', what: 'An employee was deleted.' },
  'employee.memberChanged': {
    severity: 'HIGH',
    what: 'An employee record was linked to another member, or to none: the member may read what is their own.',
  },
  'employee.salary.changed': { severity: 'HIGH', what: "An employee's salary changed." },
  'employee.identity.changed': {
    severity: 'HIGH',
    what: "An employee's IBAN, civil id or passport changed.",
  },
  'attendance.recorded': { severity: 'LOW', what: "An employee's attendance was recorded." },
  'attendance.approved': { severity: 'MEDIUM', what: 'Attendance was approved.' },
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
  'payrollItem.created': { severity: 'LOW', what: "An employee's amount was added to a payroll run." },
  'payrollItem.updated': { severity: 'HIGH', what: "An employee's amount in a payroll run changed." },
  'payrollItem.deleted': { severity: 'HIGH', what: "An employee's amount was removed from a payroll run." },
} as const satisfies Record<string, { severity: Severity; what: string }>;

export const severities = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Severity = (typeof severities)[number];
export type Action = keyof typeof events;

export const isAction = (name: string): name is Action => Object.hasOwn(events, name);

/** Says that the catalogue lacks this event, and what to add. */
export const unknownEvent = (name: string): string =>
  `src/audit/record/events.ts has no event ${name}; add '${name}': { severity: 'MEDIUM', what: '…' }, there.`;
