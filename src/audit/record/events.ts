/**
 * Every kind of event that can be on the record: how much it matters, and what happened. A new kind of event goes here.
 * `<model>.created|updated|deleted` is what a row's change is called when no business step names it better.
 */
export const events = {
  'session.signedIn': { severity: 'LOW', what: 'A user signed in.' },
  'session.signInFailed': {
    severity: 'MEDIUM',
    what: 'Somebody tried to sign in with a wrong e-mail or password.',
  },
  'session.signedOut': { severity: 'LOW', what: 'A user ended their session.' },
  'session.revoked': { severity: 'MEDIUM', what: 'A session was ended from elsewhere.' },
  'session.rotated': {
    severity: 'LOW',
    what: 'A session got a new token, since somebody changed what its user may do.',
  },
  'session.companySwitched': { severity: 'LOW', what: "A session's active company changed." },
  'signIn.secondFactorAsked': {
    severity: 'LOW',
    what: 'A password was right, and the second factor is asked for.',
  },
  'signIn.secondFactorPassed': { severity: 'LOW', what: 'A user proved a second factor.' },
  'signIn.secondFactorFailed': { severity: 'MEDIUM', what: 'A second factor was wrong, used or expired.' },
  'account.locked': {
    severity: 'HIGH',
    what: 'Too many failures: an account takes no more tries of this kind for a while.',
  },
  'account.unlocked': { severity: 'MEDIUM', what: 'A lock was lifted before its time.' },
  'address.locked': {
    severity: 'HIGH',
    what: 'Too many failures from one network: it gets no more tries for a while.',
  },
  'signUp.requested': {
    severity: 'LOW',
    what: 'Somebody asked to join the company; their address is not verified yet.',
  },
  'signUp.verified': { severity: 'MEDIUM', what: 'Somebody who asked to join verified their address.' },
  'signUp.approved': { severity: 'HIGH', what: 'A request to join was approved.' },
  'signUp.refused': { severity: 'MEDIUM', what: 'A request to join was refused.' },
  'user.languageSet': { severity: 'LOW', what: 'A user chose what their mails are written in.' },
  'password.changed': { severity: 'MEDIUM', what: 'A user changed their password.' },
  'password.resetRequested': { severity: 'MEDIUM', what: 'A link to reset a password was mailed.' },
  'password.reset': { severity: 'HIGH', what: 'A password was reset by a mailed link.' },
  'factor.added': { severity: 'HIGH', what: 'A user added a second factor.' },
  'factor.removed': { severity: 'HIGH', what: 'A user removed a second factor.' },
  'factor.codeSent': { severity: 'LOW', what: 'A one-time code was sent.' },
  'factor.backupCodesMade': {
    severity: 'HIGH',
    what: 'A user made new backup codes; the older ones are void.',
  },
  'factor.backupCodeUsed': { severity: 'HIGH', what: 'A backup code was used.' },
  'factor.disabled': { severity: 'CRITICAL', what: "An administrator disabled a user's second factors." },
  'mfa.graceStarted': { severity: 'LOW', what: 'A second factor began to be required of a member.' },
  'mfa.noLongerRequired': { severity: 'LOW', what: 'A second factor is required of a member no longer.' },
  'mfa.memberRequired': {
    severity: 'HIGH',
    what: 'An administrator set whether one member must have a second factor.',
  },
  'mfa.graceReset': {
    severity: 'HIGH',
    what: 'An administrator gave a member time again to add a second factor.',
  },
  'mfa.recoveryEmailSet': {
    severity: 'HIGH',
    what: 'A user set an address to recover without second factors.',
  },
  'mfa.recoveryEmailVerified': {
    severity: 'MEDIUM',
    what: 'The link that was mailed to a recovery address was opened.',
  },
  'mfa.recoveryStarted': {
    severity: 'HIGH',
    what: 'A link to recover without second factors was mailed to the recovery address.',
  },
  'mfa.recovered': {
    severity: 'CRITICAL',
    what: 'Second factors were removed by recovery, and all sessions ended.',
  },
  'device.trusted': {
    severity: 'MEDIUM',
    what: 'A device was trusted: it asks for no second factor for a while.',
  },
  'device.revoked': { severity: 'MEDIUM', what: 'A trusted device is trusted no longer.' },
  'passkey.registered': { severity: 'HIGH', what: 'A passkey was registered.' },
  'passkey.renamed': { severity: 'LOW', what: 'A passkey was renamed.' },
  'passkey.removed': { severity: 'HIGH', what: 'A passkey was removed.' },
  'passkey.refused': {
    severity: 'HIGH',
    what: 'A passkey ceremony failed: wrong origin, site, challenge, signature or user verification.',
  },
  'passkey.counterRegressed': {
    severity: 'CRITICAL',
    what: "A passkey's counter went back: it may have been copied.",
  },
  'token.issued': { severity: 'LOW', what: 'A sign-in went on by access and refresh tokens.' },
  'token.reused': {
    severity: 'CRITICAL',
    what: 'A refresh token was used again: it may have been stolen, and its family ended.',
  },
  'signingKey.made': { severity: 'HIGH', what: 'A key that signs access tokens was made.' },
  'signingKey.retired': { severity: 'HIGH', what: 'A key that signed access tokens was retired.' },
  'apiKey.created': { severity: 'HIGH', what: 'An API key was created.' },
  'apiKey.rotated': { severity: 'HIGH', what: 'An API key got a successor; both work for a while.' },
  'apiKey.revoked': { severity: 'HIGH', what: 'An API key was revoked.' },
  'apiKey.updated': { severity: 'MEDIUM', what: 'An API key row changed.' },
  'apiKey.deleted': { severity: 'HIGH', what: 'An API key row was deleted.' },
  'apiKey.newAddress': {
    severity: 'HIGH',
    what: 'An API key was used from an address that it was not used from before.',
  },
  'apiKey.anomaly': {
    severity: 'HIGH',
    what: 'Something about an API key was unusual; those who manage keys are told. Once a day of each kind.',
  },
  'apiKey.refused': {
    severity: 'HIGH',
    what: 'An API key was refused: wrong, revoked, expired, or from a network that it does not allow.',
  },
  'serviceAccount.created': { severity: 'HIGH', what: 'A service account was created.' },
  'serviceAccount.disabled': {
    severity: 'HIGH',
    what: 'A service account was disabled, and with it its keys.',
  },
  'serviceAccount.updated': { severity: 'HIGH', what: 'A service account changed.' },
  'serviceAccount.deleted': { severity: 'HIGH', what: 'A service account was deleted.' },
  'signInPolicy.changed': { severity: 'HIGH', what: 'How people of the company sign up and in was set.' },
  'signInPolicy.created': { severity: 'HIGH', what: 'The company set how its people sign up and in.' },
  'signInPolicy.updated': { severity: 'HIGH', what: 'How people of the company sign up and in changed.' },
  'signInPolicy.deleted': {
    severity: 'HIGH',
    what: "The company's sign-in policy was deleted: the defaults hold.",
  },
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

  'member.invited': { severity: 'MEDIUM', what: 'A user was invited to the company.' },
  'member.invitationResent': { severity: 'LOW', what: 'An invitation was mailed again.' },
  'member.joined': { severity: 'MEDIUM', what: 'Somebody who was invited accepted, and is a member.' },
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
