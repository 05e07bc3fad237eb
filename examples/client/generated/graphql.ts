/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type AcceptInvitationInput = {
  /** Who has no account yet chooses it here. */
  password?: string | null | undefined;
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

export type ChangePasswordInput = {
  currentPassword: string;
  newPassword: string;
};

export type CompleteSignInByPasskeyInput = {
  challengeId: string;
  pendingToken: string;
  response: unknown;
  /** Ask this device for the password alone, for the days of the policy. */
  trustDevice?: boolean | null | undefined;
};

export type CompleteSignInInput = {
  code: string;
  method: SecondFactor;
  pendingToken: string;
  /** Ask this device for the password alone, for the days of the policy. */
  trustDevice?: boolean | null | undefined;
};

export type ConfirmTotpInput = {
  /** 6 digits. */
  code: string;
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

export type FinishPasskeyRegistrationInput = {
  challengeId: string;
  /** What you call it, as "Phone". */
  name: string;
  response: unknown;
};

export type FinishPasskeySignInInput = {
  challengeId: string;
  response: unknown;
  /** Ask this device for the password alone, for the days of the policy. */
  trustDevice?: boolean | null | undefined;
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

export type JoinCompanyInput = {
  companyId: string;
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

export type RefreshTokensInput = {
  refreshToken: string;
};

export type RemoveFactorInput = {
  method: SecondFactor;
};

/** Input of `removeMember`. */
export type RemoveMemberInput = {
  /** The member to change. */
  memberId: string;
};

export type RenamePasskeyInput = {
  name: string;
  passkeyId: string;
};

export type RequestPasswordResetInput = {
  email: string;
};

export type ResetPasswordInput = {
  password: string;
  token: string;
};

/** Input of `revokeApiKey`. */
export type RevokeApiKeyInput = {
  /** The key to revoke. */
  apiKeyId: string;
};

export type RevokePasskeyInput = {
  passkeyId: string;
};

/** Input of `rotateApiKey`. */
export type RotateApiKeyInput = {
  /** The key to replace. */
  apiKeyId: string;
  /** How many hours the old key keeps working, from 0 to 168. */
  overlapHours?: number;
};

/** A way to prove a second factor. */
export type SecondFactor =
  | 'backupCode'
  | 'email'
  | 'passkey'
  | 'sms'
  | 'totp';

/** Input of `setEmployeeSalary`. */
export type SetEmployeeSalaryInput = {
  /** The employee to change. */
  employeeId: string;
  /** The monthly gross salary in the currency of the company. */
  salary: string;
};

export type SetLanguageInput = {
  /** As browsers name it, `de` or `pt-BR`. */
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

export type SignInInput = {
  /** Of a device that you trust, where there is no cookie. */
  deviceToken?: string | null | undefined;
  email: string;
  password: string;
};

export type SignUpInput = {
  companyId: string;
  email: string;
  /** What mails to them are written in, as `de` or `pt-BR`. */
  language?: string | null | undefined;
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
  /** Everybody. */
  | 'OPEN';

/** `member`: you can sign in now. `waiting`: somebody of the company has to approve. */
export type SignUpOutcome =
  | 'member'
  | 'waiting';

export type StartPasskeySecondFactorInput = {
  pendingToken: string;
};

export type StepUpByPasskeyInput = {
  challengeId: string;
  response: unknown;
};

export type StepUpInput = {
  code: string;
  method: SecondFactor;
};

/** Input of `submitPayrollRun`. */
export type SubmitPayrollRunInput = {
  /** The payroll run. */
  payrollRunId: string;
};

export type VerifyEmailInput = {
  /** Who has no account yet chooses it here. */
  password?: string | null | undefined;
  token: string;
};

export type SignInMutationVariables = Exact<{
  input: SignInInput;
}>;


export type SignInMutation = { signIn: { sessionToken: string | null, viewer: { roles: Array<string>, permissions: Array<string>, user: { id: string, name: string, email: string }, company: { id: string, name: string } } | null, pending: { token: string, methods: Array<SecondFactor> } | null } };

export type CompleteSignInMutationVariables = Exact<{
  input: CompleteSignInInput;
}>;


export type CompleteSignInMutation = { completeSignIn: { sessionToken: string | null, deviceToken: string | null, viewer: { user: { email: string } } | null } };

export type EnrolTotpMutationVariables = Exact<{ [key: string]: never; }>;


export type EnrolTotpMutation = { enrolTotp: { secret: string, uri: string, qrCode: string } };

export type ConfirmTotpMutationVariables = Exact<{
  input: ConfirmTotpInput;
}>;


export type ConfirmTotpMutation = { confirmTotp: { sessionToken: string | null } };

export type StepUpMutationVariables = Exact<{
  input: StepUpInput;
}>;


export type StepUpMutation = { stepUp: { sessionToken: string | null } };

export type RemoveFactorMutationVariables = Exact<{
  input: RemoveFactorInput;
}>;


export type RemoveFactorMutation = { removeFactor: boolean };

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


export type IssueTokensMutation = { issueTokens: { accessToken: string, expiresIn: number, refreshToken: string, refreshExpiresAt: string } };

export type RefreshTokensMutationVariables = Exact<{
  input: RefreshTokensInput;
}>;


export type RefreshTokensMutation = { refreshTokens: { accessToken: string, expiresIn: number, refreshToken: string, refreshExpiresAt: string } };

export type TokenPairFragment = { accessToken: string, expiresIn: number, refreshToken: string, refreshExpiresAt: string };

export type SignOutMutationVariables = Exact<{ [key: string]: never; }>;


export type SignOutMutation = { signOut: boolean };

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


export type FinishPasskeyRegistrationMutation = { finishPasskeyRegistration: { sessionToken: string | null } };

export type StartPasskeySignInMutationVariables = Exact<{ [key: string]: never; }>;


export type StartPasskeySignInMutation = { startPasskeySignIn: { challengeId: string, options: unknown } };

export type FinishPasskeySignInMutationVariables = Exact<{
  input: FinishPasskeySignInInput;
}>;


export type FinishPasskeySignInMutation = { finishPasskeySignIn: { sessionToken: string | null, viewer: { user: { id: string, name: string, email: string } } | null } };

export type StartPasskeySecondFactorMutationVariables = Exact<{
  input: StartPasskeySecondFactorInput;
}>;


export type StartPasskeySecondFactorMutation = { startPasskeySecondFactor: { challengeId: string, options: unknown } };

export type CompleteSignInByPasskeyMutationVariables = Exact<{
  input: CompleteSignInByPasskeyInput;
}>;


export type CompleteSignInByPasskeyMutation = { completeSignInByPasskey: { sessionToken: string | null } };

export type StartPasskeyStepUpMutationVariables = Exact<{ [key: string]: never; }>;


export type StartPasskeyStepUpMutation = { startPasskeyStepUp: { challengeId: string, options: unknown } };

export type StepUpByPasskeyMutationVariables = Exact<{
  input: StepUpByPasskeyInput;
}>;


export type StepUpByPasskeyMutation = { stepUpByPasskey: { sessionToken: string | null } };

export type PasskeysQueryVariables = Exact<{ [key: string]: never; }>;


export type PasskeysQuery = { passkeys: Array<{ id: string, name: string, backedUp: boolean, createdAt: string, lastUsedAt: string | null }> };

export type RenamePasskeyMutationVariables = Exact<{
  input: RenamePasskeyInput;
}>;


export type RenamePasskeyMutation = { renamePasskey: { id: string, name: string } };

export type RevokePasskeyMutationVariables = Exact<{
  input: RevokePasskeyInput;
}>;


export type RevokePasskeyMutation = { revokePasskey: string };

export type SetLanguageMutationVariables = Exact<{
  input: SetLanguageInput;
}>;


export type SetLanguageMutation = { setLanguage: string };

export type SetSignUpModeMutationVariables = Exact<{
  mode: SignUpMode;
}>;


export type SetSignUpModeMutation = { setSignInPolicy: { signInPolicy: { signUpMode: SignUpMode, signUpRoles: Array<string> } } };

export type SignUpMutationVariables = Exact<{
  input: SignUpInput;
}>;


export type SignUpMutation = { signUp: boolean };

export type VerifyEmailMutationVariables = Exact<{
  input: VerifyEmailInput;
}>;


export type VerifyEmailMutation = { verifyEmail: SignUpOutcome };

export type InviteMemberMutationVariables = Exact<{
  input: InviteMemberInput;
}>;


export type InviteMemberMutation = { inviteMember: { member: { id: string, status: MembershipStatus, invitationExpiresAt: string | null } } };

export type AcceptInvitationMutationVariables = Exact<{
  input: AcceptInvitationInput;
}>;


export type AcceptInvitationMutation = { acceptInvitation: boolean };

export type InvitationsQueryVariables = Exact<{ [key: string]: never; }>;


export type InvitationsQuery = { invitations: Array<{ companyId: string, companyName: string, roles: Array<string>, invitedUntil: string }> };

export type JoinCompanyMutationVariables = Exact<{
  input: JoinCompanyInput;
}>;


export type JoinCompanyMutation = { joinCompany: boolean };

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


export type RequestPasswordResetMutation = { requestPasswordReset: boolean };

export type ResetPasswordMutationVariables = Exact<{
  input: ResetPasswordInput;
}>;


export type ResetPasswordMutation = { resetPassword: boolean };

export type ChangePasswordMutationVariables = Exact<{
  input: ChangePasswordInput;
}>;


export type ChangePasswordMutation = { changePassword: { sessionToken: string | null } };

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
export const TokenPairFragmentDoc = new TypedDocumentString(`
    fragment TokenPair on TokenPayload {
  accessToken
  expiresIn
  refreshToken
  refreshExpiresAt
}
    `, {"fragmentName":"TokenPair"}) as unknown as TypedDocumentString<TokenPairFragment, unknown>;
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
    pending {
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
export const EnrolTotpDocument = new TypedDocumentString(`
    mutation EnrolTotp {
  enrolTotp {
    secret
    uri
    qrCode
  }
}
    `) as unknown as TypedDocumentString<EnrolTotpMutation, EnrolTotpMutationVariables>;
export const ConfirmTotpDocument = new TypedDocumentString(`
    mutation ConfirmTotp($input: ConfirmTotpInput!) {
  confirmTotp(input: $input) {
    sessionToken
  }
}
    `) as unknown as TypedDocumentString<ConfirmTotpMutation, ConfirmTotpMutationVariables>;
export const StepUpDocument = new TypedDocumentString(`
    mutation StepUp($input: StepUpInput!) {
  stepUp(input: $input) {
    sessionToken
  }
}
    `) as unknown as TypedDocumentString<StepUpMutation, StepUpMutationVariables>;
export const RemoveFactorDocument = new TypedDocumentString(`
    mutation RemoveFactor($input: RemoveFactorInput!) {
  removeFactor(input: $input)
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
    ...TokenPair
  }
}
    fragment TokenPair on TokenPayload {
  accessToken
  expiresIn
  refreshToken
  refreshExpiresAt
}`) as unknown as TypedDocumentString<IssueTokensMutation, IssueTokensMutationVariables>;
export const RefreshTokensDocument = new TypedDocumentString(`
    mutation RefreshTokens($input: RefreshTokensInput!) {
  refreshTokens(input: $input) {
    ...TokenPair
  }
}
    fragment TokenPair on TokenPayload {
  accessToken
  expiresIn
  refreshToken
  refreshExpiresAt
}`) as unknown as TypedDocumentString<RefreshTokensMutation, RefreshTokensMutationVariables>;
export const SignOutDocument = new TypedDocumentString(`
    mutation SignOut {
  signOut
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
export const CompleteSignInByPasskeyDocument = new TypedDocumentString(`
    mutation CompleteSignInByPasskey($input: CompleteSignInByPasskeyInput!) {
  completeSignInByPasskey(input: $input) {
    sessionToken
  }
}
    `) as unknown as TypedDocumentString<CompleteSignInByPasskeyMutation, CompleteSignInByPasskeyMutationVariables>;
export const StartPasskeyStepUpDocument = new TypedDocumentString(`
    mutation StartPasskeyStepUp {
  startPasskeyStepUp {
    challengeId
    options
  }
}
    `) as unknown as TypedDocumentString<StartPasskeyStepUpMutation, StartPasskeyStepUpMutationVariables>;
export const StepUpByPasskeyDocument = new TypedDocumentString(`
    mutation StepUpByPasskey($input: StepUpByPasskeyInput!) {
  stepUpByPasskey(input: $input) {
    sessionToken
  }
}
    `) as unknown as TypedDocumentString<StepUpByPasskeyMutation, StepUpByPasskeyMutationVariables>;
export const PasskeysDocument = new TypedDocumentString(`
    query Passkeys {
  passkeys {
    id
    name
    backedUp
    createdAt
    lastUsedAt
  }
}
    `) as unknown as TypedDocumentString<PasskeysQuery, PasskeysQueryVariables>;
export const RenamePasskeyDocument = new TypedDocumentString(`
    mutation RenamePasskey($input: RenamePasskeyInput!) {
  renamePasskey(input: $input) {
    id
    name
  }
}
    `) as unknown as TypedDocumentString<RenamePasskeyMutation, RenamePasskeyMutationVariables>;
export const RevokePasskeyDocument = new TypedDocumentString(`
    mutation RevokePasskey($input: RevokePasskeyInput!) {
  revokePasskey(input: $input)
}
    `) as unknown as TypedDocumentString<RevokePasskeyMutation, RevokePasskeyMutationVariables>;
export const SetLanguageDocument = new TypedDocumentString(`
    mutation SetLanguage($input: SetLanguageInput!) {
  setLanguage(input: $input)
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
  signUp(input: $input)
}
    `) as unknown as TypedDocumentString<SignUpMutation, SignUpMutationVariables>;
export const VerifyEmailDocument = new TypedDocumentString(`
    mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input)
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
  acceptInvitation(input: $input)
}
    `) as unknown as TypedDocumentString<AcceptInvitationMutation, AcceptInvitationMutationVariables>;
export const InvitationsDocument = new TypedDocumentString(`
    query Invitations {
  invitations {
    companyId
    companyName
    roles
    invitedUntil
  }
}
    `) as unknown as TypedDocumentString<InvitationsQuery, InvitationsQueryVariables>;
export const JoinCompanyDocument = new TypedDocumentString(`
    mutation JoinCompany($input: JoinCompanyInput!) {
  joinCompany(input: $input)
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
  requestPasswordReset(input: $input)
}
    `) as unknown as TypedDocumentString<RequestPasswordResetMutation, RequestPasswordResetMutationVariables>;
export const ResetPasswordDocument = new TypedDocumentString(`
    mutation ResetPassword($input: ResetPasswordInput!) {
  resetPassword(input: $input)
}
    `) as unknown as TypedDocumentString<ResetPasswordMutation, ResetPasswordMutationVariables>;
export const ChangePasswordDocument = new TypedDocumentString(`
    mutation ChangePassword($input: ChangePasswordInput!) {
  changePassword(input: $input) {
    sessionToken
  }
}
    `) as unknown as TypedDocumentString<ChangePasswordMutation, ChangePasswordMutationVariables>;