/**
 * Permissions and built-in roles. Add a permission to `permissions` and to the roles that have it.
 * `writes` marks permissions that a read-only role never has (R5).
 */
export const permissions = {
  'company.read': { allows: 'see the company: name, currency', writes: false },
  'company.write': { allows: 'change the company', writes: true },
  'structure.read': { allows: 'see branches, departments and teams', writes: false },
  'structure.write': { allows: 'add and change branches and departments', writes: true },
  'team.write': { allows: 'add teams, their members and their roles', writes: true },
  'member.read': { allows: 'see members and their roles', writes: false },
  'member.write': { allows: 'invite, change and remove members', writes: true },
  'role.read': { allows: "see the company's own roles", writes: false },
  'role.write': { allows: "add and change the company's own roles", writes: true },
  'employee.read': { allows: 'see employees, without pay and papers', writes: false },
  'employee.write': { allows: 'add and change employees, without pay and papers', writes: true },
  'employee.delete': { allows: 'delete employees', writes: true },
  'employee.salary.read': { allows: 'see salaries', writes: false },
  'employee.salary.write': { allows: 'set salaries', writes: true },
  'employee.identity.read': { allows: 'see IBAN, civil id and passport', writes: false },
  'employee.identity.write': { allows: 'set IBAN, civil id and passport', writes: true },
  'attendance.read': { allows: 'see attendance', writes: false },
  'attendance.record': { allows: 'record attendance', writes: true },
  'attendance.approve': { allows: "approve others' attendance", writes: true },
  'payroll.read': { allows: 'see payroll runs and their amounts', writes: false },
  'payroll.write': { allows: 'create and submit payroll runs', writes: true },
  'payroll.approve': { allows: 'approve payroll runs that another user submitted', writes: true },
  'payroll.pay': { allows: 'pay approved payroll runs', writes: true },
  'security.read': { allows: 'see how people sign up and in', writes: false },
  'security.write': { allows: 'set how people sign up and in', writes: true },
  'apiKey.read': { allows: 'see service accounts and their API keys, never a key itself', writes: false },
  'apiKey.write': { allows: 'add service accounts, make, rotate and revoke their API keys', writes: true },
  'audit.read': { allows: "read the company's audit log", writes: false },
  'policy.read': { allows: 'export the policy map', writes: false },
  'platform.companies.read': { allows: 'list the companies, by name', writes: false },
  'platform.companies.write': { allows: 'add and delete companies', writes: true },
  'platform.health.read': { allows: 'see the health of the instances and the database', writes: false },
  'platform.jobs.read': { allows: 'see the queues of jobs of all companies', writes: false },
  'platform.jobs.write': { allows: 'retry and cancel jobs', writes: true },
  'platform.signingKeys.write': { allows: 'see and rotate the keys that sign access tokens', writes: true },
} as const satisfies Record<string, { allows: string; writes: boolean }>;

export type Permission = keyof typeof permissions;

/** Permissions whose rows are narrowed by branch, department, team or self. */
const narrowable: readonly Permission[] = [
  ...(['employee.read', 'employee.write', 'employee.delete'] as const),
  ...(['employee.salary.read', 'employee.salary.write'] as const),
  ...(['employee.identity.read', 'employee.identity.write'] as const),
  ...(['attendance.read', 'attendance.record', 'attendance.approve'] as const),
];
/** Whether rules and queries narrow the permission's rows to the access scope of its holder. */
export const isNarrowed = (permission: Permission): boolean => narrowable.includes(permission);

/**
 * The permissions that a service account can have, whatever its roles. Reserved for users: managing
 * accounts (members, roles, teams, keys, sign-in), and four-eyes steps. New permissions are
 * reserved for users until they are listed here.
 */
const forServices: readonly Permission[] = [
  ...(['company.read', 'structure.read', 'structure.write', 'member.read', 'role.read'] as const),
  ...(['employee.read', 'employee.write', 'employee.delete'] as const),
  ...(['employee.salary.read', 'employee.salary.write'] as const),
  ...(['employee.identity.read', 'employee.identity.write'] as const),
  ...(['attendance.read', 'attendance.record', 'payroll.read', 'audit.read', 'policy.read'] as const),
];
export const isForServices = (permission: Permission): boolean => forServices.includes(permission);

/** Permissions on data that is the same for all members, independent of access scope. */
const common: readonly Permission[] = [
  'company.read',
  'structure.read',
  'member.read',
  'role.read',
  'policy.read',
];

/**
 * Returns whether a role without company scope can have it: otherwise it would act on rows outside
 * the scope.
 */
export const fitsAccessScope = (permission: Permission, accessScope: AccessScopeName): boolean =>
  accessScope === 'company' || narrowable.includes(permission) || common.includes(permission);

/** Access scopes of roles, widest first. */
export const accessScopes = ['company', 'branch', 'department', 'team', 'self'] as const;
export type AccessScopeName = (typeof accessScopes)[number];

/**
 * `level`: 5 the platform, 4 a company's administration, 3 management, 2 staff, 1 readers and
 * people about themselves.
 */
export type RoleDefinition = {
  level: number;
  accessScope: AccessScopeName;
  readOnly: boolean;
  permissions: readonly Permission[];
};

/**
 * The reserved company of the platform: its members are the platform's administrators, its chain
 * takes events of no company.
 */
export const PLATFORM_ID = '00000000-0000-7000-8000-000000000000';
export const PLATFORM_LEVEL = 5;

export const isPermission = (name: string): name is Permission => Object.hasOwn(permissions, name);
export const isPlatformPermission = (name: string): boolean => name.startsWith('platform.');

const everythingOfTheCompany = (Object.keys(permissions) as Permission[]).filter(
  (name) => !isPlatformPermission(name),
);
const surroundings: Permission[] = ['company.read', 'structure.read'];
const ownWork: Permission[] = [...surroundings, 'employee.read', 'attendance.read', 'attendance.record'];

// Members cannot grant permissions that they lack (R3), so administrators have all; four eyes
// prevents self-approval.
const administration: RoleDefinition = {
  level: 4,
  accessScope: 'company',
  readOnly: false,
  permissions: everythingOfTheCompany,
};

/** The built-in roles (R2), which cannot be changed; companies add custom roles. */
export const roles = {
  // The platform reads its own members and companies' names, never a company's members. Only
  // super_admin appoints others.
  super_admin: {
    level: PLATFORM_LEVEL,
    accessScope: 'company',
    readOnly: false,
    permissions: [
      ...(['platform.companies.read', 'platform.companies.write', 'audit.read', 'policy.read'] as const),
      ...(['member.read', 'member.write', 'role.read', 'role.write'] as const),
      ...(['security.read', 'security.write'] as const),
      ...(['platform.health.read', 'platform.jobs.read', 'platform.jobs.write'] as const),
      'platform.signingKeys.write',
    ],
  },
  platform_admin: {
    level: PLATFORM_LEVEL,
    accessScope: 'company',
    readOnly: false,
    permissions: [
      'platform.companies.read',
      'platform.companies.write',
      'platform.health.read',
      'platform.jobs.read',
      'platform.jobs.write',
      'audit.read',
      'policy.read',
      'member.read',
      'role.read',
    ],
  },

  company_admin: administration,
  head_office_admin: administration,
  admin: administration,

  hr_admin: {
    level: 3,
    accessScope: 'company',
    readOnly: false,
    permissions: [
      ...ownWork,
      ...([
        'structure.write',
        'team.write',
        'member.read',
        'member.write',
        'role.read',
        'attendance.approve',
      ] as const),
      ...(['employee.write', 'employee.delete', 'employee.salary.read', 'employee.salary.write'] as const),
      ...(['employee.identity.read', 'employee.identity.write'] as const),
    ],
  },
  // Pays approved payroll; IBANs stay masked, identity numbers are not readable.
  finance_admin: {
    level: 3,
    accessScope: 'company',
    readOnly: false,
    permissions: [
      ...surroundings,
      ...([
        'employee.read',
        'employee.salary.read',
        'attendance.read',
        'payroll.read',
        'payroll.write',
        'payroll.pay',
      ] as const),
    ],
  },
  branch_manager: {
    level: 3,
    accessScope: 'branch',
    readOnly: false,
    permissions: [...ownWork, 'employee.write', 'attendance.approve'],
  },
  manager: {
    level: 3,
    accessScope: 'department',
    readOnly: false,
    permissions: [...ownWork, 'attendance.approve'],
  },

  // Approves, and changes nothing that it would have to approve (four eyes).
  reviewer: {
    level: 2,
    accessScope: 'company',
    readOnly: false,
    permissions: [
      ...surroundings,
      ...([
        'employee.read',
        'attendance.read',
        'attendance.approve',
        'payroll.read',
        'payroll.approve',
      ] as const),
    ],
  },
  staff: { level: 2, accessScope: 'team', readOnly: false, permissions: ownWork },
  operator: { level: 2, accessScope: 'self', readOnly: false, permissions: ownWork },

  // Reads the audit log and the policy, but no payroll, which would show salaries.
  external_auditor: {
    level: 1,
    accessScope: 'company',
    readOnly: true,
    permissions: [
      ...surroundings,
      ...([
        'member.read',
        'role.read',
        'employee.read',
        'attendance.read',
        'audit.read',
        'policy.read',
        'apiKey.read',
      ] as const),
    ],
  },
  view_only: {
    level: 1,
    accessScope: 'company',
    readOnly: true,
    permissions: [...surroundings, 'employee.read'],
  },
  company_member: { level: 1, accessScope: 'self', readOnly: false, permissions: ownWork },
  client: { level: 1, accessScope: 'self', readOnly: false, permissions: ['company.read'] },
} as const satisfies Record<string, RoleDefinition>;

export type RoleName = keyof typeof roles;

export const builtInRoleNames = Object.keys(roles) as RoleName[];

/** Returns a built-in role by its name; undefined for custom and unknown roles. */
export const builtInRole = (name: string): RoleDefinition | undefined =>
  Object.hasOwn(roles, name) ? roles[name as RoleName] : undefined;
