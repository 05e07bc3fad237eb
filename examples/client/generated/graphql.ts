/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Input of `acceptInvitation`. */
export type AcceptInvitationInput = {
  /** The password to set, for a user who has no account yet. */
  password?: string | null | undefined;
  /** The token of the mailed link. */
  token: string;
};

/** Input of `approvePayrollRun`. */
export type ApprovePayrollRunInput = {
  /** The payroll run. */
  payrollRunId: string;
};

/** Conditions that audit events must all meet. */
export type AuditEventFilter = {
  /** The kinds of event, such as `employee.created`. */
  action?: Array<string> | null | undefined;
  /** The UUID of the user or service account that performed the operation. */
  actorId?: string | null | undefined;
  /** The kind of object that changed, such as `Employee`. */
  entity?: string | null | undefined;
  /** The UUID of the object that changed. */
  entityId?: string | null | undefined;
  /** The latest time, exclusive. */
  occurredBefore?: string | null | undefined;
  /** The earliest time, inclusive. */
  occurredFrom?: string | null | undefined;
  /** The severities. */
  severity?: Array<Severity> | null | undefined;
};

/** Input of `changePassword`. */
export type ChangePasswordInput = {
  /** Your present password. */
  currentPassword: string;
  /** The new password. */
  newPassword: string;
};

/** Input of `completeSignIn`. */
export type CompleteSignInInput = {
  /** The token of the MFA challenge of `signIn`. */
  challengeToken: string;
  /** The code of that factor. */
  code: string;
  /** Whether this device needs the password alone from now on, for the days of the policy. */
  isDeviceTrusted?: boolean | null | undefined;
  /** The second factor to verify. */
  method: SecondFactor;
};

/** Input of `createApiKey`. */
export type CreateApiKeyInput = {
  /** The addresses and networks that may use the key, such as 10.0.0.0/8. */
  allowedNetworks?: Array<string>;
  /** In how many days the key expires, from 1 to 366. */
  expiresInDays?: number;
  /** The name of the key. */
  name: string;
  /** The service account that the key authenticates. */
  serviceAccountId: string;
};

/** Input of `createEmployee`. */
export type CreateEmployeeInput = {
  /** The branch where the employee works. */
  branchId: string;
  /** The department where the employee works, one of the branch. */
  departmentId: string;
  /** The work email address; unique within the company. */
  email: string;
  /** The job title. */
  jobTitle?: string | null | undefined;
  /** The member whose own record this is. */
  memberId?: string | null | undefined;
  /** The full name. */
  name: string;
  /** The first day of work. */
  startedOn: string;
  /** A team of the department. Another department without a team leaves the team. */
  teamId?: string | null | undefined;
};

/** Input of `createPayrollRun`. */
export type CreatePayrollRunInput = {
  /** The month, as YYYY-MM. */
  period: string;
};

/** Input of `createServiceAccount`. */
export type CreateServiceAccountInput = {
  /** The name; unique within the company. */
  name: string;
  /** The names of the roles. */
  roles: Array<string>;
};

/** Input of `deleteEmployee`. */
export type DeleteEmployeeInput = {
  /** The employee to change. */
  employeeId: string;
};

/** Input of `disableServiceAccount`. */
export type DisableServiceAccountInput = {
  /** The service account to disable. */
  serviceAccountId: string;
};

/** Conditions that employees must all meet. */
export type EmployeeFilter = {
  /** The branch where they work. */
  branchId?: string | null | undefined;
  /** The department where they work. */
  departmentId?: string | null | undefined;
  /** The whole IBAN. Requires `employee.identity.read` for the whole company. */
  iban?: string | null | undefined;
  /** A part of the name, in any case; at most 100 characters. */
  name?: string | null | undefined;
  /** Their team. */
  teamId?: string | null | undefined;
};

/** Input of `finishPasskeyRegistration`. */
export type FinishPasskeyRegistrationInput = {
  /** The id of the challenge. */
  challengeId: string;
  /** Your name for the passkey, such as `Phone`. */
  name: string;
  /** What the browser answered the challenge with. */
  response: unknown;
};

/** Input of `finishPasskeySecondFactor`. */
export type FinishPasskeySecondFactorInput = {
  /** The id of the challenge. */
  challengeId: string;
  /** The token of the MFA challenge of `signIn`. */
  challengeToken: string;
  /** Whether this device needs the password alone from now on, for the days of the policy. */
  isDeviceTrusted?: boolean | null | undefined;
  /** What the browser answered the challenge with. */
  response: unknown;
};

/** Input of `finishPasskeySignIn`. */
export type FinishPasskeySignInInput = {
  /** The id of the challenge. */
  challengeId: string;
  /** Whether this device needs the password alone from now on, for the days of the policy. */
  isDeviceTrusted?: boolean | null | undefined;
  /** What the browser answered the challenge with. */
  response: unknown;
};

/** Input of `finishPasskeyStepUp`. */
export type FinishPasskeyStepUpInput = {
  /** The id of the challenge. */
  challengeId: string;
  /** What the browser answered the challenge with. */
  response: unknown;
};

/** Input of `finishTotpEnrolment`. */
export type FinishTotpEnrolmentInput = {
  /** The 6 digits that the app shows. */
  code: string;
};

/** Input of `inviteMember`. */
export type InviteMemberInput = {
  /** The branch that roles with branch scope cover. */
  branchId?: string | null | undefined;
  /** The department that roles with department scope cover. */
  departmentId?: string | null | undefined;
  /** The email address to invite. */
  email: string;
  /** The language of emails to a user without an account, as `de` or `pt-BR`. */
  language?: string | null | undefined;
  /** The full name. */
  name: string;
  /** The names of the roles. */
  roles: Array<string>;
};

/** Input of `joinCompany`. */
export type JoinCompanyInput = {
  /** The invitation to accept. */
  invitationId: string;
};

/** The state of a membership. */
export type MembershipStatus =
  /** A member. */
  | 'ACTIVE'
  /** Invited, and no member before the user accepts. */
  | 'INVITED'
  /** Kept out, with all roles kept for later. */
  | 'SUSPENDED';

/** Input of `payPayrollRun`. */
export type PayPayrollRunInput = {
  /** The payroll run. */
  payrollRunId: string;
};

/** The state of a payroll run. */
export type PayrollStatus =
  /** Approved, and waiting for payment. */
  | 'APPROVED'
  /** Created, and not submitted yet. */
  | 'DRAFT'
  /** Paid; the run is complete. */
  | 'PAID'
  /** Submitted, and waiting for approval. */
  | 'SUBMITTED';

/** Input of `refreshTokens`. */
export type RefreshTokensInput = {
  /** The refresh token of the last pair. */
  refreshToken: string;
};

/** Input of `removeFactor`. */
export type RemoveFactorInput = {
  /** The factor to remove. */
  method: SecondFactor;
};

/** Input of `removeMember`. */
export type RemoveMemberInput = {
  /** The member to change. */
  memberId: string;
};

/** Input of `renamePasskey`. */
export type RenamePasskeyInput = {
  /** The new name. */
  name: string;
  /** The passkey to rename. */
  passkeyId: string;
};

/** Input of `requestPasswordReset`. */
export type RequestPasswordResetInput = {
  /** The address of the account. */
  email: string;
};

/** Input of `resetPassword`. */
export type ResetPasswordInput = {
  /** The new password. */
  password: string;
  /** The token of the mailed link. */
  token: string;
};

/** Input of `revokeApiKey`. */
export type RevokeApiKeyInput = {
  /** The key to revoke. */
  apiKeyId: string;
};

/** Input of `revokePasskey`. */
export type RevokePasskeyInput = {
  /** The passkey to revoke. */
  passkeyId: string;
};

/** Input of `rotateApiKey`. */
export type RotateApiKeyInput = {
  /** The key to replace. */
  apiKeyId: string;
  /** How many hours the old key keeps working, from 0 to 168. */
  overlapHours?: number;
};

/** A way to verify a second factor. */
export type SecondFactor =
  /** One of the backup codes. */
  | 'BACKUP_CODE'
  /** A code that is sent by email. */
  | 'EMAIL'
  /** A passkey (WebAuthn). */
  | 'PASSKEY'
  /** A code that is sent by text message. */
  | 'SMS'
  /** The code of an authenticator app (RFC 6238). */
  | 'TOTP';

/** Input of `setEmployeeSalary`. */
export type SetEmployeeSalaryInput = {
  /** The employee to change. */
  employeeId: string;
  /** The monthly gross salary in the currency of the company. */
  salary: string;
};

/** Input of `setLanguage`. */
export type SetLanguageInput = {
  /** A language as BCP 47, such as `de` or `pt-BR`. */
  language: string;
};

/** How much attention an audit event deserves. */
export type Severity =
  /** A sign of an attack or of damage. */
  | 'CRITICAL'
  /** A change of access, of pay, or of an account. */
  | 'HIGH'
  /** Routine. */
  | 'LOW'
  /** A change worth a look in a review. */
  | 'MEDIUM';

/** Input of `signIn`. */
export type SignInInput = {
  /** The token of a device that you trust, for clients that keep no cookie. */
  deviceToken?: string | null | undefined;
  /** The email address of the account. */
  email: string;
  /** The password of the account. */
  password: string;
};

/** Input of `signUp`. */
export type SignUpInput = {
  /** The company to join. */
  companyId: string;
  /** The address that the mail goes to. */
  email: string;
  /** The language of mails to the user, as BCP 47, such as `pt-BR`. */
  language?: string | null | undefined;
  /** The full name of the user. */
  name: string;
};

/** Who may sign up to the company. */
export type SignUpMode =
  /** Those whose request a member approves. */
  | 'APPROVAL'
  /** Email addresses of some domains. */
  | 'DOMAIN'
  /** Only those who are invited. */
  | 'INVITATION'
  /** Any user. */
  | 'OPEN';

/** What a verified sign-up led to. */
export type SignUpOutcome =
  /** The user is a member of the company and can sign in. */
  | 'MEMBER'
  /** An administrator of the company has to approve the sign-up. */
  | 'WAITING';

/** Input of `startPasskeySecondFactor`. */
export type StartPasskeySecondFactorInput = {
  /** The token of the MFA challenge of `signIn`. */
  challengeToken: string;
};

/** Input of `stepUp`. */
export type StepUpInput = {
  /** The code of that factor. */
  code: string;
  /** The second factor to verify. */
  method: SecondFactor;
};

/** Input of `submitPayrollRun`. */
export type SubmitPayrollRunInput = {
  /** The payroll run. */
  payrollRunId: string;
};

/** Input of `verifyEmail`. */
export type VerifyEmailInput = {
  /** The password to set, for a user who has no account yet. */
  password?: string | null | undefined;
  /** The token of the mailed link. */
  token: string;
};

export type SignInMutationVariables = Exact<{
  input: SignInInput;
}>;


export type SignInMutation = { signIn: { sessionToken: string | null, viewer: { roles: Array<string>, permissions: Array<string>, user: { id: string, name: string, email: string }, company: { id: string, name: string } } | null, mfaChallenge: { token: string, methods: Array<SecondFactor> } | null } };

export type CompleteSignInMutationVariables = Exact<{
  input: CompleteSignInInput;
}>;


export type CompleteSignInMutation = { completeSignIn: { sessionToken: string, deviceToken: string | null, viewer: { user: { email: string } } } };

export type StartTotpEnrolmentMutationVariables = Exact<{ [key: string]: never; }>;


export type StartTotpEnrolmentMutation = { startTotpEnrolment: { secret: string, uri: string, qrCode: string } };

export type FinishTotpEnrolmentMutationVariables = Exact<{
  input: FinishTotpEnrolmentInput;
}>;


export type FinishTotpEnrolmentMutation = { finishTotpEnrolment: { sessionToken: string } };

export type StepUpMutationVariables = Exact<{
  input: StepUpInput;
}>;


export type StepUpMutation = { stepUp: { sessionToken: string } };

export type RemoveFactorMutationVariables = Exact<{
  input: RemoveFactorInput;
}>;


export type RemoveFactorMutation = { removeFactor: { removedMethod: SecondFactor } };

export type EmployeesQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  filter?: EmployeeFilter | null | undefined;
}>;


export type EmployeesQuery = { employees: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { id: string, name: string, email: string, salary: string | null, iban: string | null, department: { name: string } } }> } };

export type EmployeeQueryVariables = Exact<{
  id: string;
}>;


export type EmployeeQuery = { employee: { id: string, name: string, email: string, salary: string | null, iban: string | null, department: { name: string } } };

export type EmployeeLineFragment = { id: string, name: string, email: string, salary: string | null, iban: string | null, department: { name: string } };

export type CompanyNameQueryVariables = Exact<{ [key: string]: never; }>;


export type CompanyNameQuery = { company: { id: string, name: string } };

export type SetSalaryMutationVariables = Exact<{
  input: SetEmployeeSalaryInput;
}>;


export type SetSalaryMutation = { setEmployeeSalary: { employee: { id: string, salary: string | null } } };

export type RecordQueryVariables = Exact<{
  last: number;
  filter?: AuditEventFilter | null | undefined;
}>;


export type RecordQuery = { auditEvents: { edges: Array<{ node: { cursor: string, occurredAt: string, action: string, severity: Severity, actorId: string | null, entity: string | null, entityId: string | null, before: unknown, after: unknown, data: unknown, requestId: string, hash: string } }> } };

export type LiveSubscriptionVariables = Exact<{
  after?: string | null | undefined;
  filter?: AuditEventFilter | null | undefined;
}>;


export type LiveSubscription = { auditEvents: { cursor: string, occurredAt: string, action: string, severity: Severity, actorId: string | null, entity: string | null, entityId: string | null, before: unknown, after: unknown, data: unknown, requestId: string, hash: string } };

export type EventLineFragment = { cursor: string, occurredAt: string, action: string, severity: Severity, actorId: string | null, entity: string | null, entityId: string | null, before: unknown, after: unknown, data: unknown, requestId: string, hash: string };

export type PayrollRunsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type PayrollRunsQuery = { payrollRuns: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { id: string, period: string, status: PayrollStatus } }> } };

export type CreatePayrollRunMutationVariables = Exact<{
  input: CreatePayrollRunInput;
}>;


export type CreatePayrollRunMutation = { createPayrollRun: { payrollRun: { id: string, period: string, status: PayrollStatus, total: string | null } } };

export type SubmitPayrollRunMutationVariables = Exact<{
  input: SubmitPayrollRunInput;
}>;


export type SubmitPayrollRunMutation = { submitPayrollRun: { payrollRun: { id: string, status: PayrollStatus } } };

export type ApprovePayrollRunMutationVariables = Exact<{
  input: ApprovePayrollRunInput;
}>;


export type ApprovePayrollRunMutation = { approvePayrollRun: { payrollRun: { id: string, status: PayrollStatus } } };

export type PayPayrollRunMutationVariables = Exact<{
  input: PayPayrollRunInput;
}>;


export type PayPayrollRunMutation = { payPayrollRun: { payrollRun: { id: string, status: PayrollStatus } } };

export type DepartmentsQueryVariables = Exact<{ [key: string]: never; }>;


export type DepartmentsQuery = { departments: { edges: Array<{ node: { id: string, branch: { id: string } } }> } };

export type CreateEmployeeMutationVariables = Exact<{
  input: CreateEmployeeInput;
}>;


export type CreateEmployeeMutation = { createEmployee: { employee: { id: string, name: string } } };

export type DeleteEmployeeMutationVariables = Exact<{
  input: DeleteEmployeeInput;
}>;


export type DeleteEmployeeMutation = { deleteEmployee: { deletedEmployeeId: string } };

export type GuestsQueryVariables = Exact<{
  name: string;
}>;


export type GuestsQuery = { employees: { edges: Array<{ node: { id: string, name: string } }> } };

export type IssueTokensMutationVariables = Exact<{ [key: string]: never; }>;


export type IssueTokensMutation = { issueTokens: { accessToken: string, expiresIn: number, refreshToken: string, refreshTokenExpiresAt: string } };

export type RefreshTokensMutationVariables = Exact<{
  input: RefreshTokensInput;
}>;


export type RefreshTokensMutation = { refreshTokens: { accessToken: string, expiresIn: number, refreshToken: string, refreshTokenExpiresAt: string } };

export type SignOutMutationVariables = Exact<{ [key: string]: never; }>;


export type SignOutMutation = { signOut: { revokedSessionId: string } };

export type CreateServiceAccountMutationVariables = Exact<{
  input: CreateServiceAccountInput;
}>;


export type CreateServiceAccountMutation = { createServiceAccount: { serviceAccount: { id: string, name: string, roles: Array<string> } } };

export type DisableServiceAccountMutationVariables = Exact<{
  input: DisableServiceAccountInput;
}>;


export type DisableServiceAccountMutation = { disableServiceAccount: { serviceAccount: { id: string, disabledAt: string | null } } };

export type CreateApiKeyMutationVariables = Exact<{
  input: CreateApiKeyInput;
}>;


export type CreateApiKeyMutation = { createApiKey: { token: string, apiKey: { id: string, name: string, expiresAt: string, revokedAt: string | null } } };

export type RotateApiKeyMutationVariables = Exact<{
  input: RotateApiKeyInput;
}>;


export type RotateApiKeyMutation = { rotateApiKey: { token: string, apiKey: { id: string, name: string, expiresAt: string, revokedAt: string | null } } };

export type RevokeApiKeyMutationVariables = Exact<{
  input: RevokeApiKeyInput;
}>;


export type RevokeApiKeyMutation = { revokeApiKey: { apiKey: { id: string, name: string, expiresAt: string, revokedAt: string | null } } };

export type ApiKeysQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type ApiKeysQuery = { apiKeys: { edges: Array<{ node: { lastUsedAt: string | null, addresses: Array<string>, id: string, name: string, expiresAt: string, revokedAt: string | null } }> } };

export type ApiKeyLineFragment = { id: string, name: string, expiresAt: string, revokedAt: string | null };

export type StartPasskeyRegistrationMutationVariables = Exact<{ [key: string]: never; }>;


export type StartPasskeyRegistrationMutation = { startPasskeyRegistration: { challengeId: string, options: unknown } };

export type FinishPasskeyRegistrationMutationVariables = Exact<{
  input: FinishPasskeyRegistrationInput;
}>;


export type FinishPasskeyRegistrationMutation = { finishPasskeyRegistration: { sessionToken: string } };

export type StartPasskeySignInMutationVariables = Exact<{ [key: string]: never; }>;


export type StartPasskeySignInMutation = { startPasskeySignIn: { challengeId: string, options: unknown } };

export type FinishPasskeySignInMutationVariables = Exact<{
  input: FinishPasskeySignInInput;
}>;


export type FinishPasskeySignInMutation = { finishPasskeySignIn: { sessionToken: string, viewer: { user: { id: string, name: string, email: string } } } };

export type StartPasskeySecondFactorMutationVariables = Exact<{
  input: StartPasskeySecondFactorInput;
}>;


export type StartPasskeySecondFactorMutation = { startPasskeySecondFactor: { challengeId: string, options: unknown } };

export type FinishPasskeySecondFactorMutationVariables = Exact<{
  input: FinishPasskeySecondFactorInput;
}>;


export type FinishPasskeySecondFactorMutation = { finishPasskeySecondFactor: { sessionToken: string } };

export type StartPasskeyStepUpMutationVariables = Exact<{ [key: string]: never; }>;


export type StartPasskeyStepUpMutation = { startPasskeyStepUp: { challengeId: string, options: unknown } };

export type FinishPasskeyStepUpMutationVariables = Exact<{
  input: FinishPasskeyStepUpInput;
}>;


export type FinishPasskeyStepUpMutation = { finishPasskeyStepUp: { sessionToken: string } };

export type PasskeysQueryVariables = Exact<{ [key: string]: never; }>;


export type PasskeysQuery = { passkeys: { edges: Array<{ node: { id: string, name: string, isBackedUp: boolean, createdAt: string, lastUsedAt: string | null } }> } };

export type RenamePasskeyMutationVariables = Exact<{
  input: RenamePasskeyInput;
}>;


export type RenamePasskeyMutation = { renamePasskey: { passkey: { id: string, name: string } } };

export type RevokePasskeyMutationVariables = Exact<{
  input: RevokePasskeyInput;
}>;


export type RevokePasskeyMutation = { revokePasskey: { revokedPasskeyId: string } };

export type SetLanguageMutationVariables = Exact<{
  input: SetLanguageInput;
}>;


export type SetLanguageMutation = { setLanguage: { user: { language: string } } };

export type SetSignUpModeMutationVariables = Exact<{
  mode: SignUpMode;
}>;


export type SetSignUpModeMutation = { setSignInPolicy: { signInPolicy: { signUpMode: SignUpMode, signUpRoles: Array<string> } } };

export type SignUpMutationVariables = Exact<{
  input: SignUpInput;
}>;


export type SignUpMutation = { signUp: { email: string } };

export type VerifyEmailMutationVariables = Exact<{
  input: VerifyEmailInput;
}>;


export type VerifyEmailMutation = { verifyEmail: { outcome: SignUpOutcome } };

export type InviteMemberMutationVariables = Exact<{
  input: InviteMemberInput;
}>;


export type InviteMemberMutation = { inviteMember: { member: { id: string, status: MembershipStatus, invitationExpiresAt: string | null } } };

export type AcceptInvitationMutationVariables = Exact<{
  input: AcceptInvitationInput;
}>;


export type AcceptInvitationMutation = { acceptInvitation: { joinedCompanyId: string } };

export type InvitationsQueryVariables = Exact<{ [key: string]: never; }>;


export type InvitationsQuery = { invitations: { edges: Array<{ node: { id: string, companyName: string, roles: Array<string>, expiresAt: string } }> } };

export type JoinCompanyMutationVariables = Exact<{
  input: JoinCompanyInput;
}>;


export type JoinCompanyMutation = { joinCompany: { joinedCompanyId: string } };

export type MembersQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type MembersQuery = { members: { edges: Array<{ node: { id: string, email: string, status: MembershipStatus, roles: Array<string> } }> } };

export type RemoveMemberMutationVariables = Exact<{
  input: RemoveMemberInput;
}>;


export type RemoveMemberMutation = { removeMember: { deletedMemberId: string } };

export type RequestPasswordResetMutationVariables = Exact<{
  input: RequestPasswordResetInput;
}>;


export type RequestPasswordResetMutation = { requestPasswordReset: { email: string } };

export type ResetPasswordMutationVariables = Exact<{
  input: ResetPasswordInput;
}>;


export type ResetPasswordMutation = { resetPassword: { email: string } };

export type ChangePasswordMutationVariables = Exact<{
  input: ChangePasswordInput;
}>;


export type ChangePasswordMutation = { changePassword: { sessionToken: string } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const EmployeeLineFragmentDoc = new TypedDocumentString(`
    fragment EmployeeLine on Employee {
  id
  name
  email
  salary
  iban
  department {
    name
  }
}
    `, {"fragmentName":"EmployeeLine"}) as unknown as TypedDocumentString<EmployeeLineFragment, unknown>;
export const EventLineFragmentDoc = new TypedDocumentString(`
    fragment EventLine on AuditEvent {
  cursor
  occurredAt
  action
  severity
  actorId
  entity
  entityId
  before
  after
  data
  requestId
  hash
}
    `, {"fragmentName":"EventLine"}) as unknown as TypedDocumentString<EventLineFragment, unknown>;
export const ApiKeyLineFragmentDoc = new TypedDocumentString(`
    fragment ApiKeyLine on ApiKey {
  id
  name
  expiresAt
  revokedAt
}
    `, {"fragmentName":"ApiKeyLine"}) as unknown as TypedDocumentString<ApiKeyLineFragment, unknown>;
export const SignInDocument = new TypedDocumentString(`
    mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    sessionToken
    viewer {
      user {
        id
        name
        email
      }
      company {
        id
        name
      }
      roles
      permissions
    }
    mfaChallenge {
      token
      methods
    }
  }
}
    `) as unknown as TypedDocumentString<SignInMutation, SignInMutationVariables>;
export const CompleteSignInDocument = new TypedDocumentString(`
    mutation CompleteSignIn($input: CompleteSignInInput!) {
  completeSignIn(input: $input) {
    sessionToken
    deviceToken
    viewer {
      user {
        email
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CompleteSignInMutation, CompleteSignInMutationVariables>;
export const StartTotpEnrolmentDocument = new TypedDocumentString(`
    mutation StartTotpEnrolment {
  startTotpEnrolment {
    secret
    uri
    qrCode
  }
}
    `) as unknown as TypedDocumentString<StartTotpEnrolmentMutation, StartTotpEnrolmentMutationVariables>;
export const FinishTotpEnrolmentDocument = new TypedDocumentString(`
    mutation FinishTotpEnrolment($input: FinishTotpEnrolmentInput!) {
  finishTotpEnrolment(input: $input) {
    sessionToken
  }
}
    `) as unknown as TypedDocumentString<FinishTotpEnrolmentMutation, FinishTotpEnrolmentMutationVariables>;
export const StepUpDocument = new TypedDocumentString(`
    mutation StepUp($input: StepUpInput!) {
  stepUp(input: $input) {
    sessionToken
  }
}
    `) as unknown as TypedDocumentString<StepUpMutation, StepUpMutationVariables>;
export const RemoveFactorDocument = new TypedDocumentString(`
    mutation RemoveFactor($input: RemoveFactorInput!) {
  removeFactor(input: $input) {
    removedMethod
  }
}
    `) as unknown as TypedDocumentString<RemoveFactorMutation, RemoveFactorMutationVariables>;
export const EmployeesDocument = new TypedDocumentString(`
    query Employees($first: Int!, $after: String, $filter: EmployeeFilter) {
  employees(first: $first, after: $after, filter: $filter) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        ...EmployeeLine
      }
    }
  }
}
    fragment EmployeeLine on Employee {
  id
  name
  email
  salary
  iban
  department {
    name
  }
}`) as unknown as TypedDocumentString<EmployeesQuery, EmployeesQueryVariables>;
export const EmployeeDocument = new TypedDocumentString(`
    query Employee($id: ID!) {
  employee(id: $id) {
    ...EmployeeLine
  }
}
    fragment EmployeeLine on Employee {
  id
  name
  email
  salary
  iban
  department {
    name
  }
}`) as unknown as TypedDocumentString<EmployeeQuery, EmployeeQueryVariables>;
export const CompanyNameDocument = new TypedDocumentString(`
    query CompanyName {
  company {
    id
    name
  }
}
    `) as unknown as TypedDocumentString<CompanyNameQuery, CompanyNameQueryVariables>;
export const SetSalaryDocument = new TypedDocumentString(`
    mutation SetSalary($input: SetEmployeeSalaryInput!) {
  setEmployeeSalary(input: $input) {
    employee {
      id
      salary
    }
  }
}
    `) as unknown as TypedDocumentString<SetSalaryMutation, SetSalaryMutationVariables>;
export const RecordDocument = new TypedDocumentString(`
    query Record($last: Int!, $filter: AuditEventFilter) {
  auditEvents(last: $last, filter: $filter) {
    edges {
      node {
        ...EventLine
      }
    }
  }
}
    fragment EventLine on AuditEvent {
  cursor
  occurredAt
  action
  severity
  actorId
  entity
  entityId
  before
  after
  data
  requestId
  hash
}`) as unknown as TypedDocumentString<RecordQuery, RecordQueryVariables>;
export const LiveDocument = new TypedDocumentString(`
    subscription Live($after: String, $filter: AuditEventFilter) {
  auditEvents(after: $after, filter: $filter) {
    ...EventLine
  }
}
    fragment EventLine on AuditEvent {
  cursor
  occurredAt
  action
  severity
  actorId
  entity
  entityId
  before
  after
  data
  requestId
  hash
}`) as unknown as TypedDocumentString<LiveSubscription, LiveSubscriptionVariables>;
export const PayrollRunsDocument = new TypedDocumentString(`
    query PayrollRuns($first: Int!, $after: String) {
  payrollRuns(first: $first, after: $after) {
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        id
        period
        status
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PayrollRunsQuery, PayrollRunsQueryVariables>;
export const CreatePayrollRunDocument = new TypedDocumentString(`
    mutation CreatePayrollRun($input: CreatePayrollRunInput!) {
  createPayrollRun(input: $input) {
    payrollRun {
      id
      period
      status
      total
    }
  }
}
    `) as unknown as TypedDocumentString<CreatePayrollRunMutation, CreatePayrollRunMutationVariables>;
export const SubmitPayrollRunDocument = new TypedDocumentString(`
    mutation SubmitPayrollRun($input: SubmitPayrollRunInput!) {
  submitPayrollRun(input: $input) {
    payrollRun {
      id
      status
    }
  }
}
    `) as unknown as TypedDocumentString<SubmitPayrollRunMutation, SubmitPayrollRunMutationVariables>;
export const ApprovePayrollRunDocument = new TypedDocumentString(`
    mutation ApprovePayrollRun($input: ApprovePayrollRunInput!) {
  approvePayrollRun(input: $input) {
    payrollRun {
      id
      status
    }
  }
}
    `) as unknown as TypedDocumentString<ApprovePayrollRunMutation, ApprovePayrollRunMutationVariables>;
export const PayPayrollRunDocument = new TypedDocumentString(`
    mutation PayPayrollRun($input: PayPayrollRunInput!) {
  payPayrollRun(input: $input) {
    payrollRun {
      id
      status
    }
  }
}
    `) as unknown as TypedDocumentString<PayPayrollRunMutation, PayPayrollRunMutationVariables>;
export const DepartmentsDocument = new TypedDocumentString(`
    query Departments {
  departments(first: 1) {
    edges {
      node {
        id
        branch {
          id
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DepartmentsQuery, DepartmentsQueryVariables>;
export const CreateEmployeeDocument = new TypedDocumentString(`
    mutation CreateEmployee($input: CreateEmployeeInput!) {
  createEmployee(input: $input) {
    employee {
      id
      name
    }
  }
}
    `) as unknown as TypedDocumentString<CreateEmployeeMutation, CreateEmployeeMutationVariables>;
export const DeleteEmployeeDocument = new TypedDocumentString(`
    mutation DeleteEmployee($input: DeleteEmployeeInput!) {
  deleteEmployee(input: $input) {
    deletedEmployeeId
  }
}
    `) as unknown as TypedDocumentString<DeleteEmployeeMutation, DeleteEmployeeMutationVariables>;
export const GuestsDocument = new TypedDocumentString(`
    query Guests($name: String!) {
  employees(first: 50, filter: {name: $name}) {
    edges {
      node {
        id
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<GuestsQuery, GuestsQueryVariables>;
export const IssueTokensDocument = new TypedDocumentString(`
    mutation IssueTokens {
  issueTokens {
    accessToken
    expiresIn
    refreshToken
    refreshTokenExpiresAt
  }
}
    `) as unknown as TypedDocumentString<IssueTokensMutation, IssueTokensMutationVariables>;
export const RefreshTokensDocument = new TypedDocumentString(`
    mutation RefreshTokens($input: RefreshTokensInput!) {
  refreshTokens(input: $input) {
    accessToken
    expiresIn
    refreshToken
    refreshTokenExpiresAt
  }
}
    `) as unknown as TypedDocumentString<RefreshTokensMutation, RefreshTokensMutationVariables>;
export const SignOutDocument = new TypedDocumentString(`
    mutation SignOut {
  signOut {
    revokedSessionId
  }
}
    `) as unknown as TypedDocumentString<SignOutMutation, SignOutMutationVariables>;
export const CreateServiceAccountDocument = new TypedDocumentString(`
    mutation CreateServiceAccount($input: CreateServiceAccountInput!) {
  createServiceAccount(input: $input) {
    serviceAccount {
      id
      name
      roles
    }
  }
}
    `) as unknown as TypedDocumentString<CreateServiceAccountMutation, CreateServiceAccountMutationVariables>;
export const DisableServiceAccountDocument = new TypedDocumentString(`
    mutation DisableServiceAccount($input: DisableServiceAccountInput!) {
  disableServiceAccount(input: $input) {
    serviceAccount {
      id
      disabledAt
    }
  }
}
    `) as unknown as TypedDocumentString<DisableServiceAccountMutation, DisableServiceAccountMutationVariables>;
export const CreateApiKeyDocument = new TypedDocumentString(`
    mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    token
    apiKey {
      ...ApiKeyLine
    }
  }
}
    fragment ApiKeyLine on ApiKey {
  id
  name
  expiresAt
  revokedAt
}`) as unknown as TypedDocumentString<CreateApiKeyMutation, CreateApiKeyMutationVariables>;
export const RotateApiKeyDocument = new TypedDocumentString(`
    mutation RotateApiKey($input: RotateApiKeyInput!) {
  rotateApiKey(input: $input) {
    token
    apiKey {
      ...ApiKeyLine
    }
  }
}
    fragment ApiKeyLine on ApiKey {
  id
  name
  expiresAt
  revokedAt
}`) as unknown as TypedDocumentString<RotateApiKeyMutation, RotateApiKeyMutationVariables>;
export const RevokeApiKeyDocument = new TypedDocumentString(`
    mutation RevokeApiKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) {
    apiKey {
      ...ApiKeyLine
    }
  }
}
    fragment ApiKeyLine on ApiKey {
  id
  name
  expiresAt
  revokedAt
}`) as unknown as TypedDocumentString<RevokeApiKeyMutation, RevokeApiKeyMutationVariables>;
export const ApiKeysDocument = new TypedDocumentString(`
    query ApiKeys($first: Int!, $after: String) {
  apiKeys(first: $first, after: $after) {
    edges {
      node {
        ...ApiKeyLine
        lastUsedAt
        addresses
      }
    }
  }
}
    fragment ApiKeyLine on ApiKey {
  id
  name
  expiresAt
  revokedAt
}`) as unknown as TypedDocumentString<ApiKeysQuery, ApiKeysQueryVariables>;
export const StartPasskeyRegistrationDocument = new TypedDocumentString(`
    mutation StartPasskeyRegistration {
  startPasskeyRegistration {
    challengeId
    options
  }
}
    `) as unknown as TypedDocumentString<StartPasskeyRegistrationMutation, StartPasskeyRegistrationMutationVariables>;
export const FinishPasskeyRegistrationDocument = new TypedDocumentString(`
    mutation FinishPasskeyRegistration($input: FinishPasskeyRegistrationInput!) {
  finishPasskeyRegistration(input: $input) {
    sessionToken
  }
}
    `) as unknown as TypedDocumentString<FinishPasskeyRegistrationMutation, FinishPasskeyRegistrationMutationVariables>;
export const StartPasskeySignInDocument = new TypedDocumentString(`
    mutation StartPasskeySignIn {
  startPasskeySignIn {
    challengeId
    options
  }
}
    `) as unknown as TypedDocumentString<StartPasskeySignInMutation, StartPasskeySignInMutationVariables>;
export const FinishPasskeySignInDocument = new TypedDocumentString(`
    mutation FinishPasskeySignIn($input: FinishPasskeySignInInput!) {
  finishPasskeySignIn(input: $input) {
    sessionToken
    viewer {
      user {
        id
        name
        email
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FinishPasskeySignInMutation, FinishPasskeySignInMutationVariables>;
export const StartPasskeySecondFactorDocument = new TypedDocumentString(`
    mutation StartPasskeySecondFactor($input: StartPasskeySecondFactorInput!) {
  startPasskeySecondFactor(input: $input) {
    challengeId
    options
  }
}
    `) as unknown as TypedDocumentString<StartPasskeySecondFactorMutation, StartPasskeySecondFactorMutationVariables>;
export const FinishPasskeySecondFactorDocument = new TypedDocumentString(`
    mutation FinishPasskeySecondFactor($input: FinishPasskeySecondFactorInput!) {
  finishPasskeySecondFactor(input: $input) {
    sessionToken
  }
}
    `) as unknown as TypedDocumentString<FinishPasskeySecondFactorMutation, FinishPasskeySecondFactorMutationVariables>;
export const StartPasskeyStepUpDocument = new TypedDocumentString(`
    mutation StartPasskeyStepUp {
  startPasskeyStepUp {
    challengeId
    options
  }
}
    `) as unknown as TypedDocumentString<StartPasskeyStepUpMutation, StartPasskeyStepUpMutationVariables>;
export const FinishPasskeyStepUpDocument = new TypedDocumentString(`
    mutation FinishPasskeyStepUp($input: FinishPasskeyStepUpInput!) {
  finishPasskeyStepUp(input: $input) {
    sessionToken
  }
}
    `) as unknown as TypedDocumentString<FinishPasskeyStepUpMutation, FinishPasskeyStepUpMutationVariables>;
export const PasskeysDocument = new TypedDocumentString(`
    query Passkeys {
  passkeys(first: 20) {
    edges {
      node {
        id
        name
        isBackedUp
        createdAt
        lastUsedAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PasskeysQuery, PasskeysQueryVariables>;
export const RenamePasskeyDocument = new TypedDocumentString(`
    mutation RenamePasskey($input: RenamePasskeyInput!) {
  renamePasskey(input: $input) {
    passkey {
      id
      name
    }
  }
}
    `) as unknown as TypedDocumentString<RenamePasskeyMutation, RenamePasskeyMutationVariables>;
export const RevokePasskeyDocument = new TypedDocumentString(`
    mutation RevokePasskey($input: RevokePasskeyInput!) {
  revokePasskey(input: $input) {
    revokedPasskeyId
  }
}
    `) as unknown as TypedDocumentString<RevokePasskeyMutation, RevokePasskeyMutationVariables>;
export const SetLanguageDocument = new TypedDocumentString(`
    mutation SetLanguage($input: SetLanguageInput!) {
  setLanguage(input: $input) {
    user {
      language
    }
  }
}
    `) as unknown as TypedDocumentString<SetLanguageMutation, SetLanguageMutationVariables>;
export const SetSignUpModeDocument = new TypedDocumentString(`
    mutation SetSignUpMode($mode: SignUpMode!) {
  setSignInPolicy(input: {signUpMode: $mode}) {
    signInPolicy {
      signUpMode
      signUpRoles
    }
  }
}
    `) as unknown as TypedDocumentString<SetSignUpModeMutation, SetSignUpModeMutationVariables>;
export const SignUpDocument = new TypedDocumentString(`
    mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    email
  }
}
    `) as unknown as TypedDocumentString<SignUpMutation, SignUpMutationVariables>;
export const VerifyEmailDocument = new TypedDocumentString(`
    mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input) {
    outcome
  }
}
    `) as unknown as TypedDocumentString<VerifyEmailMutation, VerifyEmailMutationVariables>;
export const InviteMemberDocument = new TypedDocumentString(`
    mutation InviteMember($input: InviteMemberInput!) {
  inviteMember(input: $input) {
    member {
      id
      status
      invitationExpiresAt
    }
  }
}
    `) as unknown as TypedDocumentString<InviteMemberMutation, InviteMemberMutationVariables>;
export const AcceptInvitationDocument = new TypedDocumentString(`
    mutation AcceptInvitation($input: AcceptInvitationInput!) {
  acceptInvitation(input: $input) {
    joinedCompanyId
  }
}
    `) as unknown as TypedDocumentString<AcceptInvitationMutation, AcceptInvitationMutationVariables>;
export const InvitationsDocument = new TypedDocumentString(`
    query Invitations {
  invitations(first: 20) {
    edges {
      node {
        id
        companyName
        roles
        expiresAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<InvitationsQuery, InvitationsQueryVariables>;
export const JoinCompanyDocument = new TypedDocumentString(`
    mutation JoinCompany($input: JoinCompanyInput!) {
  joinCompany(input: $input) {
    joinedCompanyId
  }
}
    `) as unknown as TypedDocumentString<JoinCompanyMutation, JoinCompanyMutationVariables>;
export const MembersDocument = new TypedDocumentString(`
    query Members($first: Int!, $after: String) {
  members(first: $first, after: $after) {
    edges {
      node {
        id
        email
        status
        roles
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MembersQuery, MembersQueryVariables>;
export const RemoveMemberDocument = new TypedDocumentString(`
    mutation RemoveMember($input: RemoveMemberInput!) {
  removeMember(input: $input) {
    deletedMemberId
  }
}
    `) as unknown as TypedDocumentString<RemoveMemberMutation, RemoveMemberMutationVariables>;
export const RequestPasswordResetDocument = new TypedDocumentString(`
    mutation RequestPasswordReset($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) {
    email
  }
}
    `) as unknown as TypedDocumentString<RequestPasswordResetMutation, RequestPasswordResetMutationVariables>;
export const ResetPasswordDocument = new TypedDocumentString(`
    mutation ResetPassword($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    email
  }
}
    `) as unknown as TypedDocumentString<ResetPasswordMutation, ResetPasswordMutationVariables>;
export const ChangePasswordDocument = new TypedDocumentString(`
    mutation ChangePassword($input: ChangePasswordInput!) {
  changePassword(input: $input) {
    sessionToken
  }
}
    `) as unknown as TypedDocumentString<ChangePasswordMutation, ChangePasswordMutationVariables>;