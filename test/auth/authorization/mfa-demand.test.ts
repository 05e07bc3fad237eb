import { describe, expect, it } from 'vitest';
import { mfaDemand } from '../../../src/auth/authorization/mfa-demand.ts';
import { PLATFORM_ID, roles } from '../../../src/auth/authorization/permissions.ts';
import { defaultPolicy } from '../../../src/auth/authorization/sign-in-policy.ts';
import { actorWith, membership } from '../../support/sign-in/people.ts';

const DAY = 24 * 3600 * 1000;
const ago = (days: number) => new Date(Date.now() - days * DAY).toISOString();
const required = (parts: Parameters<typeof membership>[0], held: string[] = []) =>
  mfaDemand(membership(parts), held).required;

describe('[M5] a second factor is required', () => {
  const byDefault = ['admin', 'staff', 'company_admin', 'hr_admin', 'finance_admin'];
  it.each(Object.keys(roles))('of %s by default, or not', (role) => {
    expect(required({}, [role])).toBe(byDefault.includes(role));
  });

  it('of all users of the platform, whatever its policy', () => {
    const policy = { ...defaultPolicy, mfaRequired: false, mfaRoles: [] };
    const company = { id: PLATFORM_ID, name: 'Platform', currency: 'XXX' };
    for (const role of ['super_admin', 'platform_admin', 'nothing'])
      expect([role, required({ company, policy }, [role])]).toEqual([role, true]);
  });

  it('by the company, by a custom role, by a team’s role, and of one member', () => {
    const none = { ...defaultPolicy, mfaRoles: [] };
    expect(required({ policy: none }, ['company_admin'])).toBe(false);
    expect(required({ policy: { ...none, mfaRequired: true } }, ['client'])).toBe(true);
    expect(required({ policy: { ...none, mfaRoles: ['cashier'] } }, ['client', 'cashier'])).toBe(true);
    expect(required({ policy: none, mfaRequired: true }, ['client'])).toBe(true);
    const inTeam = actorWith({
      roles: ['client'],
      teams: [{ id: crypto.randomUUID(), roles: ['hr_admin'] }],
    });
    expect(inTeam.assurance?.demand.required).toBe(true);
  });
});

describe('[M5] the grace period', () => {
  const hr = (mfaGraceFrom: string | null, days = 7) =>
    actorWith({ roles: ['hr_admin'], mfaGraceFrom, policy: { ...defaultPolicy, mfaGraceDays: days } });

  it.each([
    [null, 7, false],
    [ago(6.9), 7, false],
    [ago(7.1), 7, true],
    [ago(0.001), 0, true],
    [ago(20), 30, false],
  ])('that began at %s and is %i days long is over: %s', (from, days, over) => {
    const actor = hr(from, days);
    expect(actor.assurance?.mustEnrol).toBe(over);
    expect([...actor.permissions].length === 0).toBe(over);
    expect(actor.can('employee.salary.read')).toBe(!over);
    expect(actor.accessScope('employee.salary.read')).toEqual(
      over ? expect.objectContaining({ branches: [] }) : 'company',
    );
  });

  it('is null for users without the requirement', () => {
    expect(actorWith({ roles: ['client'], mfaGraceFrom: ago(100) }).assurance).toMatchObject({
      mustEnrol: false,
      demand: { required: false, graceEnds: null },
    });
  });
});
