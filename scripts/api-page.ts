import type { GraphQLField, GraphQLSchema } from 'graphql';
import { type PolicyLine, policyMap } from '../src/schema/policy/policy-map.ts';

/** What people do, in the order of the page, with the operations for it. A name is a whole one. */
export const GROUPS: Record<string, string[]> = {
  'Sign in and out': [
    ...['signIn', 'completeSignIn', 'requestCode', 'startPasskeySignIn', 'finishPasskeySignIn'],
    ...['startPasskeySecondFactor', 'finishPasskeySecondFactor', 'issueTokens', 'refreshTokens', 'signOut'],
  ],
  'Join a company': [
    ...['signUp', 'verifyEmail', 'acceptInvitation', 'invitations', 'joinCompany', 'switchCompany'],
  ],
  'Manage your account': [
    ...['viewer', 'changePassword', 'setLanguage', 'sessions', 'revokeSession', 'revokeOtherSessions'],
    ...['revokeAllSessions', 'trustedDevices', 'revokeTrustedDevice'],
  ],
  'Manage your second factors': [
    ...[
      'secondFactors',
      'startTotpEnrolment',
      'finishTotpEnrolment',
      'addContactFactor',
      'confirmContactFactor',
    ],
    ...[
      'passkeys',
      'startPasskeyRegistration',
      'finishPasskeyRegistration',
      'renamePasskey',
      'revokePasskey',
    ],
    ...['regenerateBackupCodes', 'removeFactor', 'stepUp', 'startPasskeyStepUp', 'finishPasskeyStepUp'],
  ],
  'Recover an account': [
    ...['requestPasswordReset', 'resetPassword', 'unlockAccount', 'setRecoveryEmail', 'verifyRecoveryEmail'],
    ...['startRecovery', 'recoverAccount'],
  ],
  'Manage people': [
    ...[
      'employees',
      'employee',
      'createEmployee',
      'updateEmployee',
      'setEmployeeIdentity',
      'setEmployeeMember',
    ],
    ...['deleteEmployee', 'attendance', 'recordAttendance', 'approveAttendance'],
  ],
  Pay: [
    ...['setEmployeeSalary', 'payrollRuns', 'createPayrollRun', 'submitPayrollRun', 'approvePayrollRun'],
    'payPayrollRun',
  ],
  'Organise the company': [
    ...['company', 'branches', 'createBranch', 'departments', 'createDepartment', 'teams', 'createTeam'],
    ...['setTeamRoles', 'addTeamMember', 'removeTeamMember'],
  ],
  'Administer members and roles': [
    ...['members', 'inviteMember', 'resendInvitation', 'setMemberRoles', 'suspendMember', 'restoreMember'],
    ...['unlockMember', 'removeMember', 'signUpRequests', 'approveSignUp', 'refuseSignUp', 'roles'],
    ...['createRole', 'updateRole'],
  ],
  'Administer security': [
    ...['signInPolicy', 'setSignInPolicy', 'factorAdoption', 'requireMemberFactor', 'resetMemberGrace'],
    ...['disableMemberFactors', 'policies'],
  ],
  'Connect other systems': [
    ...['serviceAccounts', 'createServiceAccount', 'disableServiceAccount', 'apiKeys', 'createApiKey'],
    ...['rotateApiKey', 'revokeApiKey'],
  ],
  Audit: ['auditEvents'],
  'Run the platform': [
    'companies',
    'createCompany',
    'deleteCompany',
    'signingKeys',
    'rotateSigningKeys',
    'systemHealth',
    'systemHealthSeries',
    ...['jobQueues', 'jobs', 'retryJob', 'cancelJob'],
  ],
  'Find any object': ['node', 'nodes'],
};
/** Operations of types that a product adds. */
const OWN = 'Your own types';

type Operation = GraphQLField<unknown, unknown> & { root: string };

/** Returns docs/api.md: each operation once, by what people do, with what it requires. */
export function apiPage(schema: GraphQLSchema): string {
  const lines = new Map(policyMap(schema).map((line) => [`${line.type}.${line.field}`, line]));
  const operations = operationsOf(schema);
  const row = (operation: Operation) => rowOf(operation, lines.get(`${operation.root}.${operation.name}`));
  const sections = [...Object.entries(GROUPS), [OWN, ownOf(operations)] as const].flatMap(
    ([title, names]) => {
      const found = names.flatMap((name) => operations.filter((operation) => operation.name === name));
      return found.length > 0 ? [`## ${title}\n\n${HEADER}\n${found.map(row).join('\n')}\n`] : [];
    },
  );
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

const INTRODUCTION = `# API

All operations by what people do. [schema.graphql](../schema.graphql) has their inputs and results, [errors.md](errors.md) the error
codes, [sign-in.md](sign-in.md) the flows of signing in. Each mutation takes one \`input\` and returns a payload; each list is a connection
with \`first\`, \`last\`, \`after\` and \`before\`.

*Requires* is what the server checks before the operation runs: the permission, or who may call it. "Recent second factor" holds for
users who have one. Which objects an operation reads or changes follows from the access scope of the caller.

Generated from the schema by \`node scripts/docs.ts\`.
`;
const HEADER = '| Operation | Kind | What it does | Requires |\n|---|---|---|---|';

function operationsOf(schema: GraphQLSchema): Operation[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {}).map((field) => ({ ...field, root: root?.name ?? '' })),
  );
}

function ownOf(operations: Operation[]): string[] {
  const grouped = new Set(Object.values(GROUPS).flat());
  return [...new Set(operations.map(({ name }) => name).filter((name) => !grouped.has(name)))].sort();
}

const rowOf = ({ name, root, description }: Operation, line: PolicyLine | undefined): string =>
  `| \`${name}\` | ${root.toLowerCase()} | ${description} | ${line ? requirementOf(line) : ''} |`;

const CALLERS: Record<string, string> = {
  public: 'nothing',
  authenticated: 'a user or an API key',
  signedIn: 'a user',
};

function requirementOf({ access, stepUp }: PolicyLine): string {
  const permissions = access.split(' and ').map((name) => `\`${name}\``);
  return `${CALLERS[access] ?? permissions.join(' and ')}${stepUp ? ', recent second factor' : ''}`;
}
