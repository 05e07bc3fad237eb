import { describe, expect, it } from 'vitest';
import { covers } from '../../../src/auth/rights/check.ts';
import type { AccessScope } from '../../../src/db/tenant/context.ts';
import { everywhere } from '../../../src/schema/core/authorization-rules.ts';

const scope = (changes: object = {}): AccessScope => ({
  ...{ branches: [], departments: [], teams: [], self: 'me' },
  ...changes,
});
/** Teams t1 and t2 lie in departments d1 and d2 of branches b1 and b2. */
const structure = {
  branchOf: new Map([
    ['d1', 'b1'],
    ['d2', 'b2'],
  ]),
  departmentOf: new Map([
    ['t1', 'd1'],
    ['t2', 'd2'],
  ]),
};

describe('[R3] an access scope covers places', () => {
  it.each([
    ['its own team', { teams: ['t1'] }, { teams: ['t1'] }, true],
    ['a team of its department', { departments: ['d1'] }, { teams: ['t1'] }, true],
    ['a team of its branch', { branches: ['b1'] }, { teams: ['t1'] }, true],
    ['a department of its branch', { branches: ['b1'] }, { departments: ['d1'] }, true],
    ['one of two teams only', { teams: ['t1'] }, { teams: ['t1', 't2'] }, false],
    ['one of two departments only', { branches: ['b1'] }, { departments: ['d1', 'd2'] }, false],
    ['one of two branches only', { branches: ['b1'] }, { branches: ['b1', 'b2'] }, false],
    ['the department of its team', { teams: ['t1'] }, { departments: ['d1'] }, false],
    ['the branch of its department', { departments: ['d1'] }, { branches: ['b1'] }, false],
    ['a team in no known department', { branches: ['b1'] }, { teams: ['t9'] }, false],
  ])('[R3] %s', (_what, held, places, expected) => {
    expect(covers(scope(held), scope(places), structure)).toBe(expected);
  });

  it('[R3] no place covers the whole company, which covers all', () => {
    expect(covers(scope({ branches: ['b1', 'b2'] }), 'company', structure)).toBe(false);
    expect(covers('company', scope({ teams: ['t2'] }), structure)).toBe(true);
  });
});

describe('[T5] a rule for the whole company', () => {
  const actor = (held: boolean, reached: AccessScope) =>
    ({ actor: { can: () => held, accessScope: () => reached } }) as never;

  it('[T5] refuses a holder whose permission reaches a branch, and who does not hold it', () => {
    const rule = everywhere('employee.salary.read');
    expect(rule({}, {}, actor(true, 'company'))).toBe(true);
    expect(rule({}, {}, actor(true, scope({ branches: ['b1'] })))).toBe(false);
    expect(rule({}, {}, actor(false, 'company'))).toBe(false);
    expect(rule({}, {}, { actor: null } as never)).toBe(false);
  });
});
