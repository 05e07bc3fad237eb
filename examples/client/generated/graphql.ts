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
    `, {"hash":"sha256:44aecc8e8f56ac790cac13827e9eb466edf6fc20b8b58cfbe84d372ec7f186cd"}) as unknown as TypedDocumentString<SignInMutation, SignInMutationVariables>;
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
    `, {"hash":"sha256:77ef5e123610eb5b4257f9b97ef1eaf9668a5cd718998c5a49d580457511c4c4"}) as unknown as TypedDocumentString<CompleteSignInMutation, CompleteSignInMutationVariables>;
export const StartTotpEnrolmentDocument = new TypedDocumentString(`
    mutation StartTotpEnrolment {
  startTotpEnrolment {
    secret
    uri
    qrCode
  }
}
    `, {"hash":"sha256:e9cb937f2cc0fcd1de53677f1cb458316fa4eaefffe2f60db7254eaac9a5a782"}) as unknown as TypedDocumentString<StartTotpEnrolmentMutation, StartTotpEnrolmentMutationVariables>;
export const FinishTotpEnrolmentDocument = new TypedDocumentString(`
    mutation FinishTotpEnrolment($input: FinishTotpEnrolmentInput!) {
  finishTotpEnrolment(input: $input) {
    sessionToken
  }
}
    `, {"hash":"sha256:a19cda32721ad5106508b19222dfe0a7e19fbf55c7ac4c0fc719dd16f99f08e0"}) as unknown as TypedDocumentString<FinishTotpEnrolmentMutation, FinishTotpEnrolmentMutationVariables>;
export const StepUpDocument = new TypedDocumentString(`
    mutation StepUp($input: StepUpInput!) {
  stepUp(input: $input) {
    sessionToken
  }
}
    `, {"hash":"sha256:46025990500a82531d49f2ab675cf1ac20cb00a0350f19f508acd804418e4d38"}) as unknown as TypedDocumentString<StepUpMutation, StepUpMutationVariables>;
export const RemoveFactorDocument = new TypedDocumentString(`
    mutation RemoveFactor($input: RemoveFactorInput!) {
  removeFactor(input: $input) {
    removedMethod
  }
}
    `, {"hash":"sha256:e068ef51ab8dbbd8ce7fe4e520f338f4be01cdb59568bec53d709561ac3a5925"}) as unknown as TypedDocumentString<RemoveFactorMutation, RemoveFactorMutationVariables>;
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
}`, {"hash":"sha256:8400322116da6cb91781c6467fa3dfb24c465538d3deee7e7471426c4c490236"}) as unknown as TypedDocumentString<EmployeesQuery, EmployeesQueryVariables>;
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
}`, {"hash":"sha256:fe741a4bf82692782c3c81ae63fdcb50541755c4b38f1f01a38a5955fa8da307"}) as unknown as TypedDocumentString<EmployeeQuery, EmployeeQueryVariables>;
export const CompanyNameDocument = new TypedDocumentString(`
    query CompanyName {
  company {
    id
    name
  }
}
    `, {"hash":"sha256:4cb7c50f0646f3cb42a4493b122a0bae1e291df3fa214f1ae8bdb5ff45a7f5a0"}) as unknown as TypedDocumentString<CompanyNameQuery, CompanyNameQueryVariables>;
export const SetSalaryDocument = new TypedDocumentString(`
    mutation SetSalary($input: SetEmployeeSalaryInput!) {
  setEmployeeSalary(input: $input) {
    employee {
      id
      salary
    }
  }
}
    `, {"hash":"sha256:b8380e382550e593fd47e293c59bfe1f262b30aeee06c3933ffd0c624469a004"}) as unknown as TypedDocumentString<SetSalaryMutation, SetSalaryMutationVariables>;
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
}`, {"hash":"sha256:d64ec21b2e8f71ff4c266966b3a76aa4701af012ff671521c4d44fb4a2edaabe"}) as unknown as TypedDocumentString<RecordQuery, RecordQueryVariables>;
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
}`, {"hash":"sha256:2c51ee4674741db5f5158277ea67e1f49306de562c02e02d9d7aa50bb05138dd"}) as unknown as TypedDocumentString<LiveSubscription, LiveSubscriptionVariables>;
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
    `, {"hash":"sha256:4684125c65a41ba4f6d5a8b28283a2aac30702c88ea1f7b4dc125e48a553831a"}) as unknown as TypedDocumentString<PayrollRunsQuery, PayrollRunsQueryVariables>;
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
    `, {"hash":"sha256:6e1ca59a075e3af95d37d54b8c8d41d434410debfd0cf09983a61093f2e6f059"}) as unknown as TypedDocumentString<CreatePayrollRunMutation, CreatePayrollRunMutationVariables>;
export const SubmitPayrollRunDocument = new TypedDocumentString(`
    mutation SubmitPayrollRun($input: SubmitPayrollRunInput!) {
  submitPayrollRun(input: $input) {
    payrollRun {
      id
      status
    }
  }
}
    `, {"hash":"sha256:263ad9b37778372af7fddac810a8bb88e2a8efa4c9e0c38ed4a8ed5a2241c7f2"}) as unknown as TypedDocumentString<SubmitPayrollRunMutation, SubmitPayrollRunMutationVariables>;
export const ApprovePayrollRunDocument = new TypedDocumentString(`
    mutation ApprovePayrollRun($input: ApprovePayrollRunInput!) {
  approvePayrollRun(input: $input) {
    payrollRun {
      id
      status
    }
  }
}
    `, {"hash":"sha256:6f9914a0b7df33aa6b19acf42c05d44ac41415f5bb674b3dc7f963729c1835fb"}) as unknown as TypedDocumentString<ApprovePayrollRunMutation, ApprovePayrollRunMutationVariables>;
export const PayPayrollRunDocument = new TypedDocumentString(`
    mutation PayPayrollRun($input: PayPayrollRunInput!) {
  payPayrollRun(input: $input) {
    payrollRun {
      id
      status
    }
  }
}
    `, {"hash":"sha256:6d0afac7120c9c75b98ae26daefe09664160c633d8bc03c42198a0773afb73fb"}) as unknown as TypedDocumentString<PayPayrollRunMutation, PayPayrollRunMutationVariables>;
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
    `, {"hash":"sha256:9f53fc2fabf773480a599bd034e305f164d79448f6fdb6fe3314fba4a864521e"}) as unknown as TypedDocumentString<DepartmentsQuery, DepartmentsQueryVariables>;
export const CreateEmployeeDocument = new TypedDocumentString(`
    mutation CreateEmployee($input: CreateEmployeeInput!) {
  createEmployee(input: $input) {
    employee {
      id
      name
    }
  }
}
    `, {"hash":"sha256:5ad7b93d8f04427fb8cc016115d19d3f3c6dd4524d0d9ec6309208733cb05af7"}) as unknown as TypedDocumentString<CreateEmployeeMutation, CreateEmployeeMutationVariables>;
export const DeleteEmployeeDocument = new TypedDocumentString(`
    mutation DeleteEmployee($input: DeleteEmployeeInput!) {
  deleteEmployee(input: $input) {
    deletedEmployeeId
  }
}
    `, {"hash":"sha256:dfe1be09b3e31bf834ff9c95057ce9a40c338e811838ff84f1cdec091600d45d"}) as unknown as TypedDocumentString<DeleteEmployeeMutation, DeleteEmployeeMutationVariables>;
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
    `, {"hash":"sha256:b76f4783643b860900fff2f8eb5efd9079407461d9660180c54a783b7becaf21"}) as unknown as TypedDocumentString<GuestsQuery, GuestsQueryVariables>;
export const IssueTokensDocument = new TypedDocumentString(`
    mutation IssueTokens {
  issueTokens {
    accessToken
    expiresIn
    refreshToken
    refreshTokenExpiresAt
  }
}
    `, {"hash":"sha256:a2371e6ff91c871bfed31e9f2fb6b2379a58f393befa4694f9f72e9d1afc06bb"}) as unknown as TypedDocumentString<IssueTokensMutation, IssueTokensMutationVariables>;
export const RefreshTokensDocument = new TypedDocumentString(`
    mutation RefreshTokens($input: RefreshTokensInput!) {
  refreshTokens(input: $input) {
    accessToken
    expiresIn
    refreshToken
    refreshTokenExpiresAt
  }
}
    `, {"hash":"sha256:c81a300fa8d092b7d5295111584e2d3c356d21783d20dc1ac37be6ba61ca6e94"}) as unknown as TypedDocumentString<RefreshTokensMutation, RefreshTokensMutationVariables>;
export const SignOutDocument = new TypedDocumentString(`
    mutation SignOut {
  signOut {
    revokedSessionId
  }
}
    `, {"hash":"sha256:1ce9c64cad1b4144aad96d2d39e8ca4776a4fd5ecf50a8e74e52ce5080ed9157"}) as unknown as TypedDocumentString<SignOutMutation, SignOutMutationVariables>;
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
    `, {"hash":"sha256:5f9fb62fcfd393a4bea9f6cc50660017fce76a45e6776470a12dca0595f22413"}) as unknown as TypedDocumentString<CreateServiceAccountMutation, CreateServiceAccountMutationVariables>;
export const DisableServiceAccountDocument = new TypedDocumentString(`
    mutation DisableServiceAccount($input: DisableServiceAccountInput!) {
  disableServiceAccount(input: $input) {
    serviceAccount {
      id
      disabledAt
    }
  }
}
    `, {"hash":"sha256:0537272499991b356cb9106b6233556561306f63fa4e92c4ffd285d37bf53975"}) as unknown as TypedDocumentString<DisableServiceAccountMutation, DisableServiceAccountMutationVariables>;
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
}`, {"hash":"sha256:810b90c763022f88073e25a5a310f2e9703befe65a92e930bd0d56b577b211e0"}) as unknown as TypedDocumentString<CreateApiKeyMutation, CreateApiKeyMutationVariables>;
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
}`, {"hash":"sha256:ea5bdd5230f6bbd6e06956902bbcb6bd6a5dbcfb0532ad3c56b5cb6d9d11c95a"}) as unknown as TypedDocumentString<RotateApiKeyMutation, RotateApiKeyMutationVariables>;
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
}`, {"hash":"sha256:da7725bd9820eaf59a23acb4e07d3860b6071f72b1d3b57818c23fe661e67585"}) as unknown as TypedDocumentString<RevokeApiKeyMutation, RevokeApiKeyMutationVariables>;
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
}`, {"hash":"sha256:09857257fbf8181c33346a8b0542627f7e3355cb340e87c583db90b7d7e8d98b"}) as unknown as TypedDocumentString<ApiKeysQuery, ApiKeysQueryVariables>;
export const StartPasskeyRegistrationDocument = new TypedDocumentString(`
    mutation StartPasskeyRegistration {
  startPasskeyRegistration {
    challengeId
    options
  }
}
    `, {"hash":"sha256:dbf26ca461e743ebd28c0aaa4250e2319857202772833dea7f62bbe63dd8d3bf"}) as unknown as TypedDocumentString<StartPasskeyRegistrationMutation, StartPasskeyRegistrationMutationVariables>;
export const FinishPasskeyRegistrationDocument = new TypedDocumentString(`
    mutation FinishPasskeyRegistration($input: FinishPasskeyRegistrationInput!) {
  finishPasskeyRegistration(input: $input) {
    sessionToken
  }
}
    `, {"hash":"sha256:a1ac3a4101538e3f04de80bb807f32f929056139b1bb79be580d851a5ffe4be7"}) as unknown as TypedDocumentString<FinishPasskeyRegistrationMutation, FinishPasskeyRegistrationMutationVariables>;
export const StartPasskeySignInDocument = new TypedDocumentString(`
    mutation StartPasskeySignIn {
  startPasskeySignIn {
    challengeId
    options
  }
}
    `, {"hash":"sha256:cc71336edfab8e864d9133d3c3f6e32f87d4b89a2292e8b67db2039853ee77ba"}) as unknown as TypedDocumentString<StartPasskeySignInMutation, StartPasskeySignInMutationVariables>;
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
    `, {"hash":"sha256:31bfefec98c54e8e20f46305c502a329d86d6ec0d92fc4a9ad133a84002a8fd7"}) as unknown as TypedDocumentString<FinishPasskeySignInMutation, FinishPasskeySignInMutationVariables>;
export const StartPasskeySecondFactorDocument = new TypedDocumentString(`
    mutation StartPasskeySecondFactor($input: StartPasskeySecondFactorInput!) {
  startPasskeySecondFactor(input: $input) {
    challengeId
    options
  }
}
    `, {"hash":"sha256:b60da308d2082040cff6ce292221802b71a6b729c41cb3392a1fcb3406464b9a"}) as unknown as TypedDocumentString<StartPasskeySecondFactorMutation, StartPasskeySecondFactorMutationVariables>;
export const FinishPasskeySecondFactorDocument = new TypedDocumentString(`
    mutation FinishPasskeySecondFactor($input: FinishPasskeySecondFactorInput!) {
  finishPasskeySecondFactor(input: $input) {
    sessionToken
  }
}
    `, {"hash":"sha256:b2d4dfee53cab554cc7d385529ff40cf022ae76c0d7b7341d459363226a2db3b"}) as unknown as TypedDocumentString<FinishPasskeySecondFactorMutation, FinishPasskeySecondFactorMutationVariables>;
export const StartPasskeyStepUpDocument = new TypedDocumentString(`
    mutation StartPasskeyStepUp {
  startPasskeyStepUp {
    challengeId
    options
  }
}
    `, {"hash":"sha256:704c1bfbe0b666bed1ebaf89bf2dcc49c5c1812178bdacb66b2a94db47ecdd70"}) as unknown as TypedDocumentString<StartPasskeyStepUpMutation, StartPasskeyStepUpMutationVariables>;
export const FinishPasskeyStepUpDocument = new TypedDocumentString(`
    mutation FinishPasskeyStepUp($input: FinishPasskeyStepUpInput!) {
  finishPasskeyStepUp(input: $input) {
    sessionToken
  }
}
    `, {"hash":"sha256:78687daddbcad4c44768d0dff48a0eaeca8847cc1e68bf9d7a46efff5a0b73be"}) as unknown as TypedDocumentString<FinishPasskeyStepUpMutation, FinishPasskeyStepUpMutationVariables>;
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
    `, {"hash":"sha256:1e9bf5217d9ca6005f33ce03d5c6eb85c6010394603a4b4985f52fe2dcf662f4"}) as unknown as TypedDocumentString<PasskeysQuery, PasskeysQueryVariables>;
export const RenamePasskeyDocument = new TypedDocumentString(`
    mutation RenamePasskey($input: RenamePasskeyInput!) {
  renamePasskey(input: $input) {
    passkey {
      id
      name
    }
  }
}
    `, {"hash":"sha256:437444caf43420dc87b96844041c89cf06829cbab6b2a3264487c28cb97f84fd"}) as unknown as TypedDocumentString<RenamePasskeyMutation, RenamePasskeyMutationVariables>;
export const RevokePasskeyDocument = new TypedDocumentString(`
    mutation RevokePasskey($input: RevokePasskeyInput!) {
  revokePasskey(input: $input) {
    revokedPasskeyId
  }
}
    `, {"hash":"sha256:65e6e1da8eb57d9427d870962ff263cb2728160633f80b07df7d37e97f36e588"}) as unknown as TypedDocumentString<RevokePasskeyMutation, RevokePasskeyMutationVariables>;
export const SetLanguageDocument = new TypedDocumentString(`
    mutation SetLanguage($input: SetLanguageInput!) {
  setLanguage(input: $input) {
    user {
      language
    }
  }
}
    `, {"hash":"sha256:245e1f31840a53ab5d1377ce1e4399378a2c097c2e80a45aa656564bdb227097"}) as unknown as TypedDocumentString<SetLanguageMutation, SetLanguageMutationVariables>;
export const SetSignUpModeDocument = new TypedDocumentString(`
    mutation SetSignUpMode($mode: SignUpMode!) {
  setSignInPolicy(input: {signUpMode: $mode}) {
    signInPolicy {
      signUpMode
      signUpRoles
    }
  }
}
    `, {"hash":"sha256:839ca3c1a86ddd6894a2e3d5edc239246eab17607efca56920705aeec1ce39ef"}) as unknown as TypedDocumentString<SetSignUpModeMutation, SetSignUpModeMutationVariables>;
export const SignUpDocument = new TypedDocumentString(`
    mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    email
  }
}
    `, {"hash":"sha256:8fb9321a875aa37f9ad66ed97a86dcf4ade80f1e493303a3cb9e588b6b13a83d"}) as unknown as TypedDocumentString<SignUpMutation, SignUpMutationVariables>;
export const VerifyEmailDocument = new TypedDocumentString(`
    mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input) {
    outcome
  }
}
    `, {"hash":"sha256:68360a9df593c4094ff51cb929d1f5434e2044bc3728f2ea2462fd54598c379b"}) as unknown as TypedDocumentString<VerifyEmailMutation, VerifyEmailMutationVariables>;
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
    `, {"hash":"sha256:defc3a7f54ab42436a9e66e4a29cac0f7d3ad5125552a94ba40699cc5b05ed82"}) as unknown as TypedDocumentString<InviteMemberMutation, InviteMemberMutationVariables>;
export const AcceptInvitationDocument = new TypedDocumentString(`
    mutation AcceptInvitation($input: AcceptInvitationInput!) {
  acceptInvitation(input: $input) {
    joinedCompanyId
  }
}
    `, {"hash":"sha256:51ad16b947366d9c8e195ef600c1d69d3851888ebfd63ed378c17e57c2e61400"}) as unknown as TypedDocumentString<AcceptInvitationMutation, AcceptInvitationMutationVariables>;
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
    `, {"hash":"sha256:fce3c52c71066cdfce78a2d702c7b9521ac8502dc424673e5b97d64a9b90b75e"}) as unknown as TypedDocumentString<InvitationsQuery, InvitationsQueryVariables>;
export const JoinCompanyDocument = new TypedDocumentString(`
    mutation JoinCompany($input: JoinCompanyInput!) {
  joinCompany(input: $input) {
    joinedCompanyId
  }
}
    `, {"hash":"sha256:25abdd525866eb9c648d07573bc8a3fce69a7a4de230fef7ed25bc57152b6b13"}) as unknown as TypedDocumentString<JoinCompanyMutation, JoinCompanyMutationVariables>;
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
    `, {"hash":"sha256:ef188e26086255805268a31a0af922f0d8fd853eb7a48acbd6df43a0977c9fdd"}) as unknown as TypedDocumentString<MembersQuery, MembersQueryVariables>;
export const RemoveMemberDocument = new TypedDocumentString(`
    mutation RemoveMember($input: RemoveMemberInput!) {
  removeMember(input: $input) {
    deletedMemberId
  }
}
    `, {"hash":"sha256:f142d703e3ae63fd76638b3021a5caf1d3b41f68c554fb6aabadaaae9c575e84"}) as unknown as TypedDocumentString<RemoveMemberMutation, RemoveMemberMutationVariables>;
export const RequestPasswordResetDocument = new TypedDocumentString(`
    mutation RequestPasswordReset($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) {
    email
  }
}
    `, {"hash":"sha256:6bd0b2411c4b68be66edeb6fd660cabd92810235d8470a009825ef98c742216e"}) as unknown as TypedDocumentString<RequestPasswordResetMutation, RequestPasswordResetMutationVariables>;
export const ResetPasswordDocument = new TypedDocumentString(`
    mutation ResetPassword($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    email
  }
}
    `, {"hash":"sha256:03f7b80b60623f2d9dcfad5489fe2e88b3c3f7adb6013811934f8eed8f261599"}) as unknown as TypedDocumentString<ResetPasswordMutation, ResetPasswordMutationVariables>;
export const ChangePasswordDocument = new TypedDocumentString(`
    mutation ChangePassword($input: ChangePasswordInput!) {
  changePassword(input: $input) {
    sessionToken
  }
}
    `, {"hash":"sha256:e47e49939732a0f779244239d6ff50af470ba7494dba2b5c988de7f03d724d41"}) as unknown as TypedDocumentString<ChangePasswordMutation, ChangePasswordMutationVariables>;