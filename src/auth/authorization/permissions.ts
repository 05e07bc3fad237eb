/**
 * Who may do what, as data. A new permission goes into `permissions`, and into the roles that hold it; nothing else changes.
 * `writes` is what a read-only role can never do (R5).
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
  'payroll.approve': { allows: 'approve payroll runs that somebody else submitted', writes: true },
  'payroll.pay': { allows: 'pay approved payroll runs', writes: true },
  'security.read': { allows: 'see how people sign up and in', writes: false },
  'security.write': { allows: 'set how people sign up and in', writes: true },
  'apiKey.read': { allows: 'see service accounts and their API keys, never a key itself', writes: false },
  'apiKey.write': { allows: 'add service accounts, make, rotate and revoke their API keys', writes: true },
  'audit.read': { allows: "read the company's record", writes: false },
  'policy.read': { allows: 'export the policy map', writes: false },
  'platform.companies.read': { allows: 'list the companies, by name', writes: false },
  'platform.companies.write': { allows: 'add and delete companies', writes: true },
  'platform.signingKeys.write': { allows: 'see and rotate the keys that sign access tokens', writes: true },
} as const satisfies Record<string, { allows: string; writes: boolean }>;

export type Permission = keyof typeof permissions;

/** What can be held for a branch, a department, a team or oneself: rules and queries narrow its rows. */
const narrowable: readonly Permission[] = [
  ...(['employee.read', 'employee.write', 'employee.delete'] as const),
  ...(['employee.salary.read', 'employee.salary.write'] as const),
  ...(['employee.identity.read', 'employee.identity.write'] as const),
  ...(['attendance.read', 'attendance.record', 'attendance.approve'] as const),
];
/** Whether rules and queries narrow the permission's rows to the access scope of its holder. */
export const isNarrowed = (permission: Permission): boolean => narrowable.includes(permission);

/**
 * All that a service account can hold, whatever its roles say. Not among it, and so for people alone: what manages accounts (members, roles,
 * teams, keys, sign-in), and what needs four eyes, which an API key has none of. A new permission is for people until it is listed here.
 */
const forServices: readonly Permission[] = [
  ...(['company.read', 'structure.read', 'structure.write', 'member.read', 'role.read'] as const),
  ...(['employee.read', 'employee.write', 'employee.delete'] as const),
  ...(['employee.salary.read', 'employee.salary.write'] as const),
  ...(['employee.identity.read', 'employee.identity.write'] as const),
  ...(['attendance.read', 'attendance.record', 'payroll.read', 'audit.read', 'policy.read'] as const),
];
export const isForServices = (permission: Permission): boolean => forServices.includes(permission);

/** What is the same for everybody in the company, however far they reach. */
const common: readonly Permission[] = [
  'company.read',
  'structure.read',
  'member.read',
  'role.read',
  'policy.read',
];

/** Whether a role that reaches less than the company can hold it: if neither of the two, it would act on rows out of reach. */
export const fitsAccessScope = (permission: Permission, accessScope: AccessScopeName): boolean =>
  accessScope === 'company' || narrowable.includes(permission) || common.includes(permission);

/** How far a role's permissions go inside the company, widest first. */
export const accessScopes = ['company', 'branch', 'department', 'team', 'self'] as const;
export type AccessScopeName = (typeof accessScopes)[number];

/** `level`: 5 the platform, 4 a company's administration, 3 management, 2 staff, 1 readers and people about themselves. */
export type RoleDefinition = {
  level: number;
  accessScope: AccessScopeName;
  readOnly: boolean;
  permissions: readonly Permission[];
};

/** The reserved company of the platform: its members are the platform's administrators, its chain takes events of no company. */
export const PLATFORM_ID = '00000000-0000-7000-8000-000000000000';
export const PLATFORM_LEVEL = 5;

export const isPermission = (name: string): name is Permission => Object.hasOwn(permissions, name);
export const isPlatformPermission = (name: string): boolean => name.startsWith('platform.');

const everythingOfTheCompany = (Object.keys(permissions) as Permission[]).filter(
  (name) => !isPlatformPermission(name),
);
const surroundings: Permission[] = ['company.read', 'structure.read'];
const ownWork: Permission[] = [...surroundings, 'employee.read', 'attendance.read', 'attendance.record'];

// Nobody grants what they do not hold (R3), so administrators hold everything; four eyes keep them from approving themselves.
const administration: RoleDefinition = {
  level: 4,
  accessScope: 'company',
  readOnly: false,
  permissions: everythingOfTheCompany,
};

/** The built-in roles (R2). They cannot be changed; a company adds its own beside them. */
export const roles = {
  // The platform sees its own members and companies' names, never a company's people. Only super_admin appoints others.
  super_admin: {
    level: PLATFORM_LEVEL,
    accessScope: 'company',
    readOnly: false,
    permissions: [
      ...(['platform.companies.read', 'platform.companies.write', 'audit.read', 'policy.read'] as const),
      ...(['member.read', 'member.write', 'role.read', 'role.write'] as const),
      ...(['security.read', 'security.write'] as const),
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
  // Pays what a reviewer approved; IBANs stay masked, papers are none of its business.
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

  // The second pair of eyes: approves, and changes nothing that it would have to approve.
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

  // Sees what happened and by which rules, but no amount: payroll would show salaries.
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

/** A built-in role by its name; `undefined` for a company's own roles and for names that are no role. */
export const builtInRole = (name: string): RoleDefinition | undefined =>
  Object.hasOwn(roles, name) ? roles[name as RoleName] : undefined;
