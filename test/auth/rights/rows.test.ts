import { describe, expect, it } from 'vitest';
import type { RecordedChange } from '../../../src/audit/record/declaration.ts';
import { defaultPolicy } from '../../../src/auth/authorization/sign-in-policy.ts';
import { catalogueIn, holdersIn, type RightsRows, rowsBefore } from '../../../src/auth/rights/rows.ts';

const role = (slug: string, level: number) => ({
  ...{ slug, level, permissions: ['employee.read'], accessScope: 'company' as const, readOnly: false },
});
const member = {
  ...{ status: 'active' as const, roles: ['reader'], branchId: 'b', departmentId: null },
  ...{ mfaRequired: false, mfaGraceFrom: null, invitedUntil: null },
};
const key = { serviceAccountId: 's', expiresAt: null, revokedAt: null };
const policy = { ...defaultPolicy, signUpMode: 'closed', signUpRoles: ['reader'] };
const rows = (parts: { [Model in keyof RightsRows]?: object }): RightsRows =>
  ({
    ...{ Membership: new Map(), TeamMember: new Map(), Team: new Map(), ServiceAccount: new Map() },
    ...{
      ApiKey: new Map(),
      SignInPolicy: new Map(),
      Role: new Map([
        ['1', role('reader', 2)],
        ['2', role('chief', 4)],
      ]),
    },
    ...Object.fromEntries(
      Object.entries(parts).map(([model, table]) => [model, new Map(Object.entries(table))]),
    ),
  }) as RightsRows;

const now = new Date('2026-03-01T12:00:00Z');
const past = '2026-03-01T11:59:59Z';
const future = '2026-03-01T12:00:01Z';
/** The level of each holder, and whether the rights can be used. */
const holders = (parts: { [Model in keyof RightsRows]?: object }) => {
  const {
    'Role 1': _one,
    'Role 2': _two,
    ...others
  } = Object.fromEntries(
    [...holdersIn('c', rows(parts), now)].map(([id, { level, usable }]) => [id, [level, usable]]),
  );
  return others;
};

describe('[R3] the holders of rights', () => {
  it('[R3] are the roles themselves, by their own definition', () => {
    const found = holdersIn('c', rows({}), now);
    expect([...found].map(([id, { level }]) => [id, level])).toEqual([
      ['Role 1', 2],
      ['Role 2', 4],
    ]);
    expect(catalogueIn(rows({}))).toEqual({ reader: role('reader', 2), chief: role('chief', 4) });
  });

  it('[R3][R4] are members, by their own roles and those of their teams', () => {
    const parts = {
      Membership: { m: member, n: { ...member, roles: [] } },
      TeamMember: { 1: { teamId: 't', membershipId: 'n' }, 2: { teamId: 'unknown', membershipId: 'm' } },
      Team: { t: { departmentId: 'd', roles: ['chief'] } },
    };
    expect(holders(parts)).toEqual({
      'Membership m': [2, true],
      'Membership n': [4, true],
      'Team t': [4, true],
    });
  });

  it.each([
    ['active', {}, true],
    ['suspended', { status: 'suspended' }, false],
    ['invited for good', { status: 'invited' }, true],
    ['invited until later', { status: 'invited', invitedUntil: future }, true],
    ['invited until now', { status: 'invited', invitedUntil: now }, false],
    ['invited until before', { status: 'invited', invitedUntil: past }, false],
    ['active after an invitation', { invitedUntil: past }, true],
    ['in their grace period', { mfaRequired: true, mfaGraceFrom: past }, true],
    ['past their grace period', { mfaRequired: true, mfaGraceFrom: '2025-03-01T12:00:00Z' }, false],
  ])('[R3] can use their rights or not: members %s', (_what, parts, usable) => {
    expect(holders({ Membership: { m: { ...member, ...parts } } })).toEqual({ 'Membership m': [2, usable] });
  });

  it('[R3][M5] include members past the grace period that a team’s role sets', () => {
    const parts = {
      Membership: { m: { ...member, roles: [], mfaGraceFrom: '2025-03-01T12:00:00Z' } },
      TeamMember: { 1: { teamId: 't', membershipId: 'm' } },
      Team: { t: { departmentId: 'd', roles: ['chief'] } },
      SignInPolicy: { p: { ...policy, mfaRoles: ['chief'] } },
    };
    expect(holders(parts)['Membership m']).toEqual([4, false]);
  });

  it.each([
    ['valid', {}, {}, [2, true]],
    ['valid until later', {}, { expiresAt: future }, [2, true]],
    ['expired', {}, { expiresAt: past }, [2, false]],
    ['revoked', {}, { revokedAt: past }, [2, false]],
    ['of a disabled account', { disabledAt: past }, {}, [2, false]],
    ['of no known account', {}, { serviceAccountId: 'x' }, [0, true]],
  ])('[R3][A7] include API keys: %s', (_what, account, parts, expected) => {
    const found = holders({
      ServiceAccount: { s: { roles: ['reader'], disabledAt: null, ...account } },
      ApiKey: { k: { ...key, ...parts } },
    });
    expect(found).toEqual({ 'ServiceAccount s': [2, !('disabledAt' in account)], 'ApiKey k': expected });
  });

  it.each(['open', 'domain', 'approval', 'invitation', 'closed'])(
    '[R3][A3] include sign-up by the mode %s',
    (mode) => {
      const found = holders({ SignInPolicy: { p: { ...policy, signUpMode: mode } } });
      expect(found).toEqual(['open', 'domain'].includes(mode) ? { 'SignInPolicy p': [2, true] } : {});
    },
  );
});

describe('[R3] the rows before a command', () => {
  const change = (entityId: string, before?: object, after?: object) =>
    ({ action: 'role.updated', entity: 'Role', entityId, before, after }) as RecordedChange;
  const after = rows({ Role: { 1: role('reader', 3), 2: role('chief', 4) } });
  const levels = ({ Role }: RightsRows) => [...Role].map(([id, { level }]) => [id, level]);

  it('[R3] undo a change, a creation and a deletion, and leave the rows after it alone', () => {
    const before = rowsBefore(after, [
      change('1', { level: 2 }, { level: 3 }),
      change('2', undefined, role('chief', 4)),
      change('9', role('gone', 1)),
    ]);
    expect(levels(before)).toEqual([
      ['1', 2],
      ['9', 1],
    ]);
    expect(before.Role.get('1')).toEqual(role('reader', 2));
    expect(levels(after)).toEqual([
      ['1', 3],
      ['2', 4],
    ]);
  });

  it('[R3] undo several changes of one row from the last to the first', () => {
    expect(levels(rowsBefore(after, [change('1', { level: 1 }), change('1', { level: 2 })]))[0]).toEqual([
      '1',
      1,
    ]);
  });

  it('[R3] take no notice of changes of other models', () => {
    const other = { ...change('1', { name: 'x' }), entity: 'Branch' } as RecordedChange;
    expect(rowsBefore(after, [other, { ...other, before: undefined } as RecordedChange])).toEqual(after);
  });
});
