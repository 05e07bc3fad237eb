import { describe, expect, it } from 'vitest';
import { checkRights, type Structure } from '../../../src/auth/rights/check.ts';
import { rightsOf } from '../../../src/auth/rights/rights.ts';
import { actorWith, membership } from '../../support/sign-in/people.ts';

const role = (accessScope: 'company' | 'branch' | 'department' | 'team' | 'self', parts: object = {}) => ({
  ...{ level: 2, permissions: ['employee.read', 'company.read'], accessScope, readOnly: false },
  ...parts,
});
const catalogue = {
  everywhere: role('company'),
  branch: role('branch'),
  department: role('department'),
  team: role('team'),
  self: role('self'),
  common: role('branch', { permissions: ['company.read'] }),
  silent: role('branch', { permissions: ['employee.write'], readOnly: true }),
};
type Name = keyof typeof catalogue;
type Place = {
  branchId?: string;
  department?: { id: string; branchId: string };
  teams?: { id: string; departmentId: string; department: { branchId: string } }[];
};
const team = (id: string, departmentId: string, branchId: string) => ({
  ...{ id, departmentId, department: { branchId } },
});

/** An actor with one role in branch b1, department d1 and team t1. */
const holder = (name: Name) =>
  actorWith({
    ...{ roles: [name], branchId: 'b1', departmentId: 'd1', teams: [{ id: 't1', roles: [] }] },
    customRoles: catalogue,
  });
/** The rights of a member with this role in a place. */
const rightsIn = (name: string, { branchId, department, teams = [] }: Place) =>
  rightsOf(
    membership({
      ...{ id: 'm', roles: [name], customRoles: catalogue },
      ...{ branchId: branchId ?? null, departmentId: department?.id ?? null },
      teams: teams.map(({ id }) => ({ id, roles: [] })),
    }),
    true,
  );
function structureOf({ department, teams = [] }: Place): Structure {
  const departments = [
    ...(department ? [department] : []),
    ...teams.map(({ departmentId, department: { branchId } }) => ({ id: departmentId, branchId })),
  ];
  return {
    branchOf: new Map(departments.map(({ id, branchId }) => [id, branchId])),
    departmentOf: new Map(teams.map(({ id, departmentId }) => [id, departmentId])),
  };
}
function allowed(held: Name, given: string, where: Place): boolean {
  const after = new Map([['Membership m', rightsIn(given, where)]]);
  try {
    checkRights(holder(held), {
      ...{ before: new Map(), after, direct: new Set(), structure: structureOf(where) },
    });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'FORBIDDEN' });
    return false;
  }
}

describe('[T5] a role is assigned', () => {
  it.each<[string, Name, Name, Place, boolean]>([
    ['anywhere by a holder for the company', 'everywhere', 'branch', { branchId: 'b2' }, true],
    ['in the actor’s branch', 'branch', 'branch', { branchId: 'b1' }, true],
    ['not in another branch', 'branch', 'branch', { branchId: 'b2' }, false],
    ['without a branch', 'branch', 'branch', {}, true],
    [
      'in a department of the branch',
      'branch',
      'department',
      { department: { id: 'd9', branchId: 'b1' } },
      true,
    ],
    [
      'in the actor’s department',
      'department',
      'department',
      { department: { id: 'd1', branchId: 'b1' } },
      true,
    ],
    [
      'not in a department of another branch',
      'branch',
      'department',
      { department: { id: 'd2', branchId: 'b2' } },
      false,
    ],
    ['without a department', 'department', 'department', {}, true],
    ['in the actor’s team', 'team', 'team', { teams: [team('t1', 'd1', 'b1')] }, true],
    ['in a team of the department', 'department', 'team', { teams: [team('t9', 'd1', 'b1')] }, true],
    ['in a team of the branch', 'branch', 'team', { teams: [team('t9', 'd9', 'b1')] }, true],
    ['not in another team', 'team', 'team', { teams: [team('t2', 'd1', 'b1')] }, false],
    [
      'not in two teams of which one is outside',
      'team',
      'team',
      { teams: [team('t1', 'd1', 'b1'), team('t2', 'd2', 'b2')] },
      false,
    ],
    ['for one’s own rows wherever', 'branch', 'self', { branchId: 'b2' }, true],
    ['wherever, when nothing in it is narrowed', 'branch', 'common', { branchId: 'b2' }, true],
    ['wherever, when it is read-only and could only write', 'branch', 'silent', { branchId: 'b2' }, true],
  ])('[T5][R3] %s', (_what, held, given, where, expected) => {
    expect(allowed(held, given, where)).toBe(expected);
  });

  it('[T5][R3] to several members, when none of them is outside', () => {
    const change = (branches: string[]) =>
      checkRights(holder('branch'), {
        ...{ before: new Map(), direct: new Set(), structure: structureOf({}) },
        after: new Map(
          branches.map((branchId) => [`Membership ${branchId}`, rightsIn('branch', { branchId })]),
        ),
      });
    expect(change(['b1']).gained).toBe(true);
    expect(() => change(['b1', 'b2'])).toThrow(
      'This gives employee.read for rows outside your access scope.',
    );
  });

  it('[R3] freely, when the company does not have it: it gives nothing', () => {
    expect(allowed('branch', 'gone', { branchId: 'b2' })).toBe(true);
  });
});
