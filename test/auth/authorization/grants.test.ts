import { describe, expect, it } from 'vitest';
import { mayDefine, mayGrant } from '../../../src/auth/authorization/grants.ts';
import { type Permission, PLATFORM_ID, roles } from '../../../src/auth/authorization/permissions.ts';
import { administers, isAdministrator } from '../../../src/auth/authorization/roles.ts';
import { AppError } from '../../../src/errors.ts';
import { actorWith } from '../../support/sign-in/people.ts';

const codeOf = (run: () => void): string => {
  try {
    run();
    return 'allowed';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};
const custom = (permissions: string[], parts: object = {}) => ({
  level: 2,
  accessScope: 'company' as const,
  readOnly: false,
  permissions,
  ...parts,
});
const admin = actorWith({ roles: ['company_admin'] });
const hr = actorWith({ roles: ['hr_admin'] });

describe('granting roles', () => {
  it('[R3] gives an administrator of the company every role but the platform’s', () => {
    for (const [name, role] of Object.entries(roles)) {
      expect(
        codeOf(() => mayGrant(admin, [name], {})),
        name,
      ).toBe(role.level === 5 ? 'FORBIDDEN' : 'allowed');
    }
  });

  it('[R3] refuses a role with a permission that the actor lacks, though the level would do', () => {
    for (const name of ['finance_admin', 'reviewer', 'external_auditor'])
      expect(
        codeOf(() => mayGrant(hr, [name], {})),
        name,
      ).toBe('FORBIDDEN');
    for (const name of ['manager', 'company_member', 'staff'])
      expect(
        codeOf(() => mayGrant(hr, [name], {})),
        name,
      ).toBe('allowed');
  });

  it('[R3] refuses a level above the actor’s, also to take that role away', () => {
    const catalogue = { chief: custom(['company.read'], { level: 4 }) };
    expect(codeOf(() => mayGrant(hr, ['chief'], catalogue))).toBe('FORBIDDEN');
    expect(codeOf(() => mayGrant(hr, ['company_admin'], {}, 'change'))).toBe('FORBIDDEN');
    expect(codeOf(() => mayGrant(hr, ['finance_admin'], {}, 'change'))).toBe('allowed');
  });

  it('[R3] refuses the same permission over more rows than the actor’s own', () => {
    const catalogue = {
      branch_hr: custom(['member.write', 'role.write', 'employee.read'], { level: 3, accessScope: 'branch' }),
      reader: custom(['employee.read']),
      branch_reader: custom(['employee.read'], { accessScope: 'branch' }),
    };
    const actor = actorWith({ roles: ['branch_hr'], branchId: 'b1', customRoles: catalogue });
    expect(codeOf(() => mayGrant(actor, ['reader'], catalogue))).toBe('FORBIDDEN');
    expect(codeOf(() => mayGrant(actor, ['branch_reader'], catalogue))).toBe('allowed');
    expect(codeOf(() => mayDefine(actor, { slug: 'wider', ...custom(['employee.read']) }))).toBe('FORBIDDEN');
  });

  it('[R3] refuses an unknown role, and allows removing a deleted one', () => {
    for (const name of ['gone', 'constructor', '__proto__']) {
      expect(
        codeOf(() => mayGrant(admin, [name], {})),
        name,
      ).toBe('INVALID_INPUT');
      expect(
        codeOf(() => mayGrant(admin, [name], {}, 'change')),
        name,
      ).toBe('allowed');
    }
  });

  it('[R3] refuses platform_admin to grant roles, and super_admin to grant company roles', () => {
    const company = { id: PLATFORM_ID, name: 'Platform', currency: 'EUR' };
    const superAdmin = actorWith({ roles: ['super_admin'], company });
    expect(codeOf(() => mayGrant(superAdmin, ['super_admin', 'platform_admin'], {}))).toBe('allowed');
    expect(codeOf(() => mayGrant(superAdmin, ['company_admin'], {}))).toBe('FORBIDDEN');
    expect(actorWith({ roles: ['platform_admin'], company }).can('member.write')).toBe(false);
  });

  it('[R3] ignores permissions of a role that its access scope cannot narrow', () => {
    const catalogue = {
      branch_hr: custom(['member.write', 'audit.read', 'employee.read'], { level: 3, accessScope: 'branch' }),
    };
    const actor = actorWith({ roles: ['branch_hr'], branchId: 'b1', customRoles: catalogue });
    expect([...actor.permissions]).toEqual(['employee.read']);
  });
});

describe('defining a role', () => {
  it("[R3] accepts the actor's permissions up to their level", () => {
    expect(
      codeOf(() => mayDefine(admin, { slug: 'payroll_clerk', ...custom(['payroll.read', 'payroll.write']) })),
    ).toBe('allowed');
    expect(codeOf(() => mayDefine(admin, { slug: 'boss', ...custom(['company.read'], { level: 5 }) }))).toBe(
      'FORBIDDEN',
    );
    expect(codeOf(() => mayDefine(hr, { slug: 'payroll_clerk', ...custom(['payroll.read']) }))).toBe(
      'FORBIDDEN',
    );
  });

  it('[R3] refuses the platform’s permissions, unknown ones and a built-in’s name', () => {
    const everything = actorWith({
      roles: ['super_admin'],
      company: { id: PLATFORM_ID, name: 'Platform', currency: 'EUR' },
    });
    const permissions: (Permission | string)[] = [
      'platform.companies.read',
      'employee.everything',
      'constructor',
    ];
    for (const name of permissions)
      expect(
        codeOf(() => mayDefine(everything, { slug: 'own', ...custom([name]) })),
        name,
      ).toBe('INVALID_INPUT');
    expect(codeOf(() => mayDefine(admin, { slug: 'client', ...custom(['company.read']) }))).toBe(
      'INVALID_INPUT',
    );
  });
});

describe('a role that cannot be defined', () => {
  it.each([
    [
      'with a permission for the whole company in a narrower scope',
      { slug: 'own', ...custom(['audit.read'], { accessScope: 'branch' }) },
      'input.permissions',
    ],
    ['with the name of a built-in role', { slug: 'client', ...custom(['company.read']) }, 'input.slug'],
  ])('[R3] %s names the input', (_what, role, field) => {
    expect(() => mayDefine(admin, role)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', fields: { [field]: expect.any(String) } }),
    );
  });
});

describe('administrators', () => {
  it('[R3] are members with roles that manage members and roles, without a read-only role', () => {
    expect(Object.keys(roles).filter(isAdministrator)).toEqual([
      'super_admin',
      'company_admin',
      'head_office_admin',
      'admin',
    ]);
    expect(administers(['company_admin', 'client'], {})).toBe(true);
    expect(administers(['company_admin', 'view_only'], {})).toBe(false);
    expect(administers(['hr_admin'], {})).toBe(false);
  });
});
