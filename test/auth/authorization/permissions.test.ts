import { describe, expect, it } from 'vitest';
import {
  type Permission,
  permissions,
  type RoleDefinition,
  roles,
} from '../../../src/auth/authorization/permissions.ts';
import { actorWith } from '../../support/sign-in/people.ts';

const all = Object.entries(roles) as [string, RoleDefinition][];
const holders = (permission: Permission) =>
  all.filter(([, role]) => role.permissions.includes(permission)).map(([name]) => name);
const administrators = ['company_admin', 'head_office_admin', 'admin'];

describe('built-in roles', () => {
  it('[R2] are these sixteen, each on its level', () => {
    const levels = Object.fromEntries(all.map(([name, role]) => [name, role.level]));
    expect(levels).toEqual({
      super_admin: 5,
      platform_admin: 5,
      company_admin: 4,
      head_office_admin: 4,
      admin: 4,
      hr_admin: 3,
      finance_admin: 3,
      branch_manager: 3,
      manager: 3,
      reviewer: 2,
      staff: 2,
      operator: 2,
      external_auditor: 1,
      view_only: 1,
      company_member: 1,
      client: 1,
    });
  });

  it('[R2] name only permissions of the catalogue, each once', () => {
    for (const [name, role] of all) {
      expect(
        role.permissions.filter((permission) => !Object.hasOwn(permissions, permission)),
        name,
      ).toEqual([]);
      expect(new Set(role.permissions).size, name).toBe(role.permissions.length);
    }
  });

  it('[R2] leave no permission without a holder', () => {
    for (const permission of Object.keys(permissions) as Permission[])
      expect(holders(permission), permission).not.toEqual([]);
  });

  it('[R2] keep salaries to administration, hr and finance, and papers to administration and hr', () => {
    expect(holders('employee.salary.read')).toEqual([...administrators, 'hr_admin', 'finance_admin']);
    expect(holders('employee.salary.write')).toEqual([...administrators, 'hr_admin']);
    expect(holders('employee.identity.read')).toEqual([...administrators, 'hr_admin']);
  });

  it('[R2] let finance prepare and pay payroll that a reviewer approves', () => {
    expect(holders('payroll.write')).toEqual([...administrators, 'finance_admin']);
    expect(holders('payroll.approve')).toEqual([...administrators, 'reviewer']);
    expect(holders('payroll.pay')).toEqual([...administrators, 'finance_admin']);
  });

  it('[R2] show payroll only to roles with company scope', () => {
    for (const name of holders('payroll.read'))
      expect(roles[name as keyof typeof roles].accessScope, name).toBe('company');
  });

  it("[R2] of the platform read no company's employees, and only they have platform permissions", () => {
    const platform = ['super_admin', 'platform_admin'];
    expect(holders('platform.companies.read')).toEqual(platform);
    expect(holders('platform.companies.write')).toEqual(platform);
    for (const name of platform) {
      const outside = roles[name as 'super_admin'].permissions.filter(
        (p) => !/^(platform|member|role|security|audit|policy)\./.test(p),
      );
      expect(outside, name).toEqual([]);
    }
  });

  it('[R5] that are read-only have no permission that writes', () => {
    const readOnly = all.filter(([, role]) => role.readOnly);
    expect(readOnly.map(([name]) => name)).toEqual(['external_auditor', 'view_only']);
    for (const [name, role] of readOnly)
      expect(
        role.permissions.filter((p) => permissions[p].writes),
        name,
      ).toEqual([]);
  });

  it.each(all.filter(([, role]) => role.level < 5))(
    '[R2] %s becomes an actor with exactly its permissions',
    (name, role) => {
      expect([...actorWith({ roles: [name] }).permissions].sort()).toEqual([...role.permissions].sort());
    },
  );
});
