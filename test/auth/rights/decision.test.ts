import { describe, expect, it } from 'vitest';
import type { Actor } from '../../../src/auth/authorization/actor.ts';
import type { Membership } from '../../../src/auth/authorization/identity.ts';
import type { AccessScopeName } from '../../../src/auth/authorization/permissions.ts';
import { checkRights } from '../../../src/auth/rights/check.ts';
import { gainsOf, loses, type Rights, rightsOf } from '../../../src/auth/rights/rights.ts';
import { AppError } from '../../../src/errors.ts';
import { actorWith, membership } from '../../support/sign-in/people.ts';

const role = (permissions: string[], level: number, accessScope: AccessScopeName = 'company') => ({
  ...{ slug: '', permissions, level, accessScope, readOnly: false },
});
const customRoles = {
  reader: role(['employee.read'], 2),
  recorder: role(['employee.read', 'attendance.record'], 2),
  branchReader: role(['employee.read'], 2, 'branch'),
  departmentReader: role(['employee.read'], 2, 'department'),
  teamReader: role(['employee.read'], 2, 'team'),
  selfReader: role(['employee.read'], 2, 'self'),
  third: role(['employee.read'], 3),
  powerless: role([], 3),
  ...Object.fromEntries(
    (['company', 'branch', 'department', 'team', 'self'] as const).map((scope) => [
      `${scope}Common`,
      role(['company.read'], 2, scope),
    ]),
  ),
  mute: { ...role([], 1), readOnly: true },
};
type Parts = Partial<Omit<Membership, 'customRoles'>>;
const rights = (roles: string[], parts: Parts = {}, usable = true): Rights =>
  rightsOf(membership({ ...parts, id: 'm', customRoles, roles }), usable);
const actor = (roles: string[], parts: Parts = {}): Actor => actorWith({ ...parts, customRoles, roles });

const structure = { branchOf: new Map([['d1', 'b1']]), departmentOf: new Map([['t1', 'd1']]) };

/** What `checkRights` says: what was gained, or the code of its error. */
function decide(
  by: Actor,
  before: Rights | undefined,
  after: Rights | undefined,
  holder = 'Membership m',
  direct = false,
): boolean | string {
  const map = (one: Rights | undefined) => new Map(one ? [[holder, one]] : []);
  const change = { before: map(before), after: map(after), structure };
  try {
    return checkRights(by, { ...change, direct: new Set(direct ? [holder] : []) }).gained;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('[R3] a change of rights', () => {
  const second = actor(['recorder']);

  it('[R3] gains what the actor holds, and reports the gain', () => {
    expect(decide(second, rights(['reader']), rights(['recorder']))).toBe(true);
    expect(decide(second, undefined, rights(['recorder']))).toBe(true);
  });

  it('[R3] without a gain is reported as none', () => {
    expect(decide(second, rights(['recorder']), rights(['reader']))).toBe(false);
    expect(decide(second, rights(['reader']), rights(['reader']))).toBe(false);
    expect(decide(second, rights(['reader']), undefined)).toBe(false);
  });

  it('[R3] to a permission that the actor lacks is refused', () => {
    expect(decide(actor(['reader']), rights(['reader']), rights(['recorder']))).toBe('FORBIDDEN');
  });

  it('[R3] to a level above the actor’s is refused, and to the same level is not', () => {
    expect(decide(second, rights(['reader']), rights(['third']))).toBe('FORBIDDEN');
    expect(decide(actor(['third']), rights(['reader']), rights(['third']))).toBe(true);
  });

  it.each([
    ['lose a permission', rights(['recorder', 'third']), rights(['third'])],
    ['lose their level', rights(['third']), rights(['reader'])],
    ['be suspended', rights(['third']), rights(['third'], {}, false)],
    ['be removed', rights(['third']), undefined],
  ])('[R3] a holder of a higher level cannot %s', (_what, before, after) => {
    expect(decide(second, before, after)).toBe('FORBIDDEN');
    expect(decide(actor(['third', 'recorder']), before, after)).toBe(false);
  });

  it('[R3] that leaves a superior’s rights is refused only when it was made to the superior’s own row', () => {
    expect(decide(second, rights(['third']), rights(['third']))).toBe(false);
    expect(decide(second, rights(['third']), rights(['third']), 'Membership m', true)).toBe('FORBIDDEN');
  });

  it.each(['ServiceAccount', 'ApiKey', 'SignInPolicy'])(
    '[R3][A7] takes rights from a %s of any level',
    (model) => {
      expect(decide(second, rights(['third']), undefined, `${model} x`, true)).toBe(false);
      expect(decide(second, rights(['third']), rights(['reader']), `${model} x`, true)).toBe(false);
    },
  );

  it('[R3][A3] gives at sign-up no role above level 2, at any level of the approver', () => {
    expect(decide(actor(['third']), undefined, rights(['third']), 'SignInPolicy p')).toBe('CONFLICT');
    expect(decide(actor(['third']), undefined, rights(['reader']), 'SignInPolicy p')).toBe(true);
  });
});

describe('[T5] the scope of a gained permission', () => {
  const at = { branchId: 'b1', departmentId: 'd1', teams: [{ id: 't1', roles: [] }] };
  const scopes = ['reader', 'branchReader', 'departmentReader', 'teamReader', 'selfReader'];

  it.each(scopes.flatMap((held) => scopes.map((given) => [held, given] as const)))(
    '[T5][R3] held by %s and given by %s is refused when it is wider',
    (held, given) => {
      const isWider = scopes.indexOf(given) < scopes.indexOf(held);
      const before = rights([], at);
      expect(decide(actor([held], at), before, rights([given], at))).toBe(isWider ? 'FORBIDDEN' : true);
    },
  );

  it.each(scopes.flatMap((held) => scopes.map((given) => [held, given] as const)))(
    '[T5][R3] held by %s and given by %s to a role, which works nowhere yet, is refused when it is wider',
    (held, given) => {
      const isWider = scopes.indexOf(given) < scopes.indexOf(held);
      expect(decide(actor([held], at), rights([]), rights([given]), 'Role r')).toBe(
        isWider ? 'FORBIDDEN' : true,
      );
    },
  );

  it('[T5][R3] counts for a permission that is the same everywhere, too', () => {
    const names = ['company', 'branch', 'department', 'team', 'self'].map((name) => `${name}Common`);
    for (const [held, heldBy] of names.entries())
      for (const [given, givenBy] of names.entries())
        expect([heldBy, givenBy, decide(actor([heldBy], at), rights([], at), rights([givenBy], at))]).toEqual(
          [heldBy, givenBy, given < held ? 'FORBIDDEN' : true],
        );
  });

  it('[T5][R4] of a team’s role is that team', () => {
    const teams = [
      { id: 't1', roles: ['teamReader'] },
      { id: 't2', roles: [] },
    ];
    expect(rights([], { teams })).toMatchObject({
      level: 2,
      named: new Map([['employee.read', 'team']]),
      placed: new Map([['employee.read', { branches: [], departments: [], teams: ['t1'], self: 'm' }]]),
    });
  });

  it('[T5][R3] is refused for a place outside the actor’s, though it is of the same kind', () => {
    const by = actor(['branchReader'], { branchId: 'b1' });
    expect(decide(by, undefined, rights(['branchReader'], { branchId: 'b2' }))).toBe('FORBIDDEN');
    expect(decide(by, undefined, rights(['branchReader'], { branchId: 'b1' }))).toBe(true);
  });

  it('[T5][R3] grows when its holder moves', () => {
    const [here, there] = ['b1', 'b2'].map((branchId) => rights(['branchReader'], { branchId }));
    expect(gainsOf(here, there)).toEqual([
      {
        permission: 'employee.read',
        scope: 'branch',
        places: { branches: ['b2'], departments: [], teams: [], self: 'm' },
      },
    ]);
    expect(gainsOf(here, here)).toEqual([]);
  });
});

describe('[R5] a read-only role', () => {
  it('[R5] takes writing permissions, and its end gives them back', () => {
    const [muted, free] = [rights(['recorder', 'mute']), rights(['recorder'])];
    expect(gainsOf(muted, free).map(({ permission }) => permission)).toEqual(['attendance.record']);
    expect(loses(free, muted)).toBe(true);
    expect(loses(muted, free)).toBe(false);
  });
});

describe('[R3] rights that cannot be used', () => {
  it('[R3] are gained as a whole when they become usable, and not before', () => {
    const [blocked, usable] = [rights(['reader'], {}, false), rights(['reader'])];
    expect(gainsOf(blocked, usable)).toHaveLength(1);
    expect(gainsOf(blocked, blocked)).toEqual([]);
    expect(gainsOf(usable, blocked)).toEqual([]);
    expect(gainsOf(usable, undefined)).toEqual([]);
  });

  it('[R3] are less, even of a role without permissions', () => {
    const [usable, blocked] = [rights(['powerless']), rights(['powerless'], {}, false)];
    expect([loses(usable, blocked), loses(blocked, usable), loses(blocked, blocked)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
