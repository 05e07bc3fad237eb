import { describe, expect, it } from 'vitest';
import type { Actor } from '../../../src/auth/authorization/actor.ts';
import { type Permission, PLATFORM_ID, roles } from '../../../src/auth/authorization/permissions.ts';
import { requireDefinable, requireKnownRoles } from '../../../src/auth/authorization/role-definition.ts';
import {
  administers,
  type CustomRole,
  isAdministrator,
  type RoleCatalogue,
} from '../../../src/auth/authorization/roles.ts';
import { checkRights } from '../../../src/auth/rights/check.ts';
import { type Rights, rightsOf } from '../../../src/auth/rights/rights.ts';
import { AppError } from '../../../src/errors.ts';
import { actorWith, membership } from '../../support/sign-in/people.ts';

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
const HOLDER = 'Membership m';
const rightsBy = (roles: string[], customRoles: RoleCatalogue): Rights =>
  rightsOf(membership({ id: 'm', roles, customRoles }), true);
function change(actor: Actor, before: Rights | undefined, after: Rights | undefined, direct = false) {
  const holding = (rights: Rights | undefined) => new Map(rights ? [[HOLDER, rights]] : []);
  const structure = { branchOf: new Map<string, string>(), departmentOf: new Map<string, string>() };
  checkRights(actor, {
    ...{ before: holding(before), after: holding(after), structure },
    direct: new Set(direct ? [HOLDER] : []),
  });
}
/** A member gets these roles, who had none. */
function grant(actor: Actor, names: string[], catalogue: RoleCatalogue): void {
  requireKnownRoles(names, catalogue);
  change(actor, undefined, rightsBy(names, catalogue));
}
/** A member with these roles loses them. */
const take = (actor: Actor, names: string[], catalogue: RoleCatalogue): void =>
  change(actor, rightsBy(names, catalogue), rightsBy([], catalogue), true);
function define(actor: Actor, { slug, ...role }: CustomRole & { slug: string }): void {
  requireDefinable({ slug, ...role });
  change(actor, undefined, rightsBy([slug], { [slug]: role }));
}
const admin = actorWith({ roles: ['company_admin'] });
const hr = actorWith({ roles: ['hr_admin'] });

describe('granting roles', () => {
  it('[R3] gives an administrator of the company every role but the platform’s', () => {
    for (const [name, role] of Object.entries(roles)) {
      expect(
        codeOf(() => grant(admin, [name], {})),
        name,
      ).toBe(role.level === 5 ? 'FORBIDDEN' : 'allowed');
    }
  });

  it('[R3] refuses a role with a permission that the actor lacks, though the level would do', () => {
    for (const name of ['finance_admin', 'reviewer', 'external_auditor'])
      expect(
        codeOf(() => grant(hr, [name], {})),
        name,
      ).toBe('FORBIDDEN');
    for (const name of ['manager', 'company_member', 'staff'])
      expect(
        codeOf(() => grant(hr, [name], {})),
        name,
      ).toBe('allowed');
  });

  it('[R3] refuses a level above the actor’s, also to take that role away', () => {
    const catalogue = { chief: custom(['company.read'], { level: 4 }) };
    expect(codeOf(() => grant(hr, ['chief'], catalogue))).toBe('FORBIDDEN');
    expect(codeOf(() => take(hr, ['company_admin'], {}))).toBe('FORBIDDEN');
    expect(codeOf(() => take(hr, ['finance_admin'], {}))).toBe('allowed');
  });

  it('[R3] refuses the same permission over more rows than the actor’s own', () => {
    const catalogue = {
      branch_hr: custom(['member.write', 'role.write', 'employee.read'], { level: 3, accessScope: 'branch' }),
      reader: custom(['employee.read']),
      branch_reader: custom(['employee.read'], { accessScope: 'branch' }),
    };
    const actor = actorWith({ roles: ['branch_hr'], branchId: 'b1', customRoles: catalogue });
    expect(codeOf(() => grant(actor, ['reader'], catalogue))).toBe('FORBIDDEN');
    expect(codeOf(() => grant(actor, ['branch_reader'], catalogue))).toBe('allowed');
    expect(codeOf(() => define(actor, { slug: 'wider', ...custom(['employee.read']) }))).toBe('FORBIDDEN');
  });

  it('[R3] refuses an unknown role, and allows removing a deleted one', () => {
    for (const name of ['gone', 'constructor', '__proto__']) {
      expect(
        codeOf(() => grant(admin, [name], {})),
        name,
      ).toBe('INVALID_INPUT');
      expect(
        codeOf(() => take(admin, [name], {})),
        name,
      ).toBe('allowed');
    }
  });

  it('[R3] refuses platform_admin to grant roles, and super_admin to grant company roles', () => {
    const company = { id: PLATFORM_ID, name: 'Platform', currency: 'EUR' };
    const superAdmin = actorWith({ roles: ['super_admin'], company });
    expect(codeOf(() => grant(superAdmin, ['super_admin', 'platform_admin'], {}))).toBe('allowed');
    expect(codeOf(() => grant(superAdmin, ['company_admin'], {}))).toBe('FORBIDDEN');
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
      codeOf(() => define(admin, { slug: 'payroll_clerk', ...custom(['payroll.read', 'payroll.write']) })),
    ).toBe('allowed');
    expect(codeOf(() => define(hr, { slug: 'boss', ...custom(['company.read'], { level: 4 }) }))).toBe(
      'FORBIDDEN',
    );
    expect(codeOf(() => define(hr, { slug: 'payroll_clerk', ...custom(['payroll.read']) }))).toBe(
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
        codeOf(() => define(everything, { slug: 'own', ...custom([name]) })),
        name,
      ).toBe('INVALID_INPUT');
    expect(codeOf(() => define(admin, { slug: 'client', ...custom(['company.read']) }))).toBe(
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
    expect(() => requireDefinable(role)).toThrow(
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
