import { describe, expect, it, vi } from 'vitest';
import { actorOf } from '../../../src/auth/authorization/actor.ts';
import { PLATFORM_ID, permissions, roles } from '../../../src/auth/authorization/permissions.ts';
import { policyOf } from '../../../src/auth/authorization/sign-in-policy.ts';
import { actorWith, membership, PERSON, sessionIn } from '../../support/sign-in/people.ts';

const platform = { id: PLATFORM_ID, name: 'Platform', currency: 'EUR' };

describe('an actor', () => {
  it('[R4] has the union of direct and team roles', () => {
    const actor = actorWith({
      roles: ['company_member'],
      teams: [
        { id: 't1', roles: ['reviewer'] },
        { id: 't2', roles: ['finance_admin'] },
      ],
    });
    expect(actor.roles).toEqual(['company_member', 'reviewer', 'finance_admin']);
    expect(actor.level).toBe(3);
    for (const permission of ['attendance.record', 'payroll.approve', 'payroll.pay'] as const) {
      expect(actor.can(permission), permission).toBe(true);
    }
    expect(actor.can('employee.salary.write')).toBe(false);
  });

  it('[R4] loses a team role with the team', () => {
    expect(actorWith({ roles: ['company_member'], teams: [] }).can('payroll.approve')).toBe(false);
  });

  it('[R5] with one read-only role, direct or by a team, keeps no permission that writes', () => {
    for (const actor of [
      actorWith({ roles: ['company_admin', 'view_only'] }),
      actorWith({ roles: ['company_admin'], teams: [{ id: 't', roles: ['external_auditor'] }] }),
    ]) {
      expect(actor.readOnly).toBe(true);
      expect([...actor.permissions].filter((permission) => permissions[permission].writes)).toEqual([]);
      expect(actor.can('employee.salary.read')).toBe(true);
    }
  });

  it('[R5] with a read-only custom role cannot write', () => {
    const watcher = {
      level: 2,
      accessScope: 'company' as const,
      readOnly: true,
      permissions: ['employee.read', 'employee.write'],
    };
    const actor = actorWith({ roles: ['watcher'], customRoles: { watcher } });
    expect([...actor.permissions]).toEqual(['employee.read']);
  });

  it('[T5] has an access scope for each permission, from the roles that grant it', () => {
    const actor = actorWith({
      roles: ['manager', 'staff'],
      departmentId: 'd1',
      branchId: 'b1',
      teams: [{ id: 't1', roles: [] }],
    });
    expect(actor.accessScope('employee.read')).toEqual({
      branches: [],
      departments: ['d1'],
      teams: ['t1'],
      self: PERSON.id,
    });
    expect(actor.accessScope('attendance.approve')).toEqual({
      branches: [],
      departments: ['d1'],
      teams: [],
      self: PERSON.id,
    });
    expect(actorWith({ roles: ['manager', 'hr_admin'] }).accessScope('employee.read')).toBe('company');
  });

  it('[T5] reads only their own rows without the permission, or with a branch role and no branch', () => {
    const self = { branches: [], departments: [], teams: [], self: PERSON.id };
    expect(actorWith({ roles: ['client'] }).accessScope('employee.read')).toEqual(self);
    expect(actorWith({ roles: ['branch_manager'] }).accessScope('employee.read')).toEqual(self);
    expect(actorWith({ roles: ['branch_manager'], branchId: 'b1' }).accessScope('employee.read')).toEqual({
      ...self,
      branches: ['b1'],
    });
  });

  it.each([
    ['branch_manager', { branches: ['b1'] }],
    ['manager', { departments: ['d1'] }],
    ['staff', { teams: ['t1'] }],
    ['operator', {}],
  ])('[T5] as %s has a scope over places of its role’s kind only', (role, places) => {
    const actor = actorWith({
      ...{ roles: [role], branchId: 'b1', departmentId: 'd1' },
      teams: [{ id: 't1', roles: [] }],
    });
    const none = { branches: [], departments: [], teams: [], self: PERSON.id };
    expect(actor.accessScope('employee.read')).toEqual({ ...none, ...places });
  });

  it('[R4] has scope over one team by its role, and over all their teams by a direct role', () => {
    const teams = [
      { id: 't1', roles: ['staff'] },
      { id: 't2', roles: [] },
    ];
    expect(actorWith({ teams }).accessScope('employee.read')).toMatchObject({ teams: ['t1'] });
    expect(actorWith({ teams, roles: ['staff'] }).accessScope('employee.read')).toMatchObject({
      teams: ['t1', 't2'],
    });
  });

  it('[R2] gets no permission from a platform role outside the platform or from an unknown role', () => {
    const actor = actorWith({ roles: ['super_admin', 'constructor', 'gone'] });
    expect([actor.roles, actor.level, actor.permissions.size]).toEqual([[], 0, 0]);
    expect(actorWith({ roles: ['super_admin'], company: platform }).can('platform.companies.write')).toBe(
      true,
    );
  });

  it('[R3] gets no platform permission, platform level or unknown permission from a custom role', () => {
    const forged = {
      level: 5,
      accessScope: 'company' as const,
      readOnly: false,
      permissions: ['platform.companies.read', 'toString', 'audit.read'],
    };
    const actor = actorWith({ roles: ['forged'], customRoles: { forged }, company: platform });
    expect([[...actor.permissions], actor.level]).toEqual([['audit.read'], 4]);
  });

  it("[R3] keeps a built-in role as it is when the company's own has the same name", () => {
    const client = {
      level: 4,
      accessScope: 'company' as const,
      readOnly: false,
      permissions: ['audit.read'],
    };
    expect([...actorWith({ roles: ['client'], customRoles: { client } }).permissions]).toEqual(
      roles.client.permissions,
    );
  });

  it('[T1] is of the session’s company or of the named one, case-insensitively; otherwise none', () => {
    const [one, two] = [membership(), membership({ company: platform })];
    const identity = {
      session: sessionIn(one.company.id),
      user: PERSON,
      memberships: [one, two],
    };
    expect(actorOf(identity)?.companyId).toBe(one.company.id);
    expect(actorOf(identity, one.company.id.toUpperCase())?.companyId).toBe(one.company.id);
    expect(actorOf(identity, PLATFORM_ID)?.companyId).toBe(PLATFORM_ID);
    expect(actorOf(identity, PERSON.id)).toBeNull();
    expect(actorOf({ ...identity, session: sessionIn(null) })).toBeNull();
  });

  it('[S8] is the same object for the same identity, and another one in another session of the membership', () => {
    const held = membership({ roles: ['staff'] });
    const identity = { session: sessionIn(held.company.id), user: PERSON, memberships: [held] };
    const first = actorOf(identity);
    expect(actorOf(identity)).toBe(first);
    const session = { ...identity.session, id: 'another' };
    expect(actorOf({ ...identity, session })?.sessionId).toBe('another');
    expect(actorOf(identity)?.sessionId).toBe(identity.session.id);
  });

  it('[M8] is computed again when the grace period ends meanwhile', () => {
    const ends = Date.now() + 3_600_000;
    const graceFrom = new Date(ends - policyOf(null).mfaGraceDays * 86_400_000).toISOString();
    const held = membership({ roles: ['staff'], mfaRequired: true, mfaGraceFrom: graceFrom });
    const identity = { session: sessionIn(held.company.id), user: PERSON, memberships: [held] };
    // the database's clock counts, which another test of this process may have measured some
    // milliseconds off
    const clock = vi
      .spyOn(Date, 'now')
      .mockReturnValueOnce(ends - 60_000)
      .mockReturnValue(ends + 60_000);
    try {
      const [at, after] = [actorOf(identity), actorOf(identity)];
      expect([at?.assurance?.mustEnrol, after?.assurance?.mustEnrol]).toEqual([false, true]);
      expect(after?.can('employee.read')).toBe(false);
    } finally {
      clock.mockRestore();
    }
  });
});
