import { describe, expect, it } from 'vitest';
import { maySeat, type Seat } from '../../../src/auth/authorization/role-assignment.ts';
import { actorWith } from '../../support/sign-in/people.ts';

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
const seat = (parts: Partial<Seat>): Seat => ({ branchId: null, department: null, teams: [], ...parts });
const team = (id: string, departmentId: string, branchId: string) => ({
  ...{ id, departmentId, department: { branchId } },
});

/** An actor with one role in branch b1, department d1 and team t1. */
const holder = (name: Name) =>
  actorWith({
    ...{ roles: [name], branchId: 'b1', departmentId: 'd1', teams: [{ id: 't1', roles: [] }] },
    customRoles: catalogue,
  });
const allowed = (held: Name, given: Name, where: Partial<Seat>) =>
  maySeat(holder(held), [given], catalogue, async () => [seat(where)]).then(
    () => true,
    (error) => {
      expect(error).toMatchObject({ code: 'FORBIDDEN' });
      return false;
    },
  );

describe('[T5] a role is assigned', () => {
  it.each<[string, Name, Name, Partial<Seat>, boolean]>([
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
  ])('[T5][R3] %s', async (_what, held, given, where, expected) => {
    expect(await allowed(held, given, where)).toBe(expected);
  });

  it('[T5][R3] in no place when one of several is outside', async () => {
    const seats = async () => [seat({ branchId: 'b1' }), seat({ branchId: 'b2' })];
    await expect(maySeat(holder('branch'), ['common', 'branch'], catalogue, seats)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('The role branch gives employee.read'),
    });
  });

  it('[R3] without loading places for an actor without limits, and for an unknown role', async () => {
    const never = () => Promise.reject(new Error('loaded'));
    await maySeat(holder('everywhere'), ['branch'], catalogue, never);
    await maySeat(holder('branch'), ['gone'], catalogue, never);
  });
});
