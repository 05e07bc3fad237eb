import { describe, expect, it } from 'vitest';
import type { AccessScope, Tenant } from '../../../src/db/tenant/context.ts';
import {
  hidesConflicts,
  placeColumns,
  placedWhere,
  visibleWhere,
} from '../../../src/db/tenant/visibility.ts';

const tenant = (accessScope?: AccessScope): Tenant => ({
  ...{ companyId: 'c', userId: 'u' },
  ...(accessScope && { accessScope: () => accessScope }),
});
const scope = (parts: object = {}): AccessScope => ({
  ...{ branches: [], departments: [], teams: [], self: 'u' },
  ...parts,
});
const noRow = { companyId: { in: [] } };

describe('[T5] the rows that an access scope shows', () => {
  it.each([
    ['a branch', { branches: ['b'] }, [{ branchId: { in: ['b'] } }, { userId: 'u' }]],
    ['a department', { departments: ['d'] }, [{ departmentId: { in: ['d'] } }, { userId: 'u' }]],
    ['two teams', { teams: ['t', 'v'] }, [{ teamId: { in: ['t', 'v'] } }, { userId: 'u' }]],
    ['nothing but oneself', {}, [{ userId: 'u' }]],
  ])('[T5] of %s, and one’s own', (_what, parts, ways) => {
    expect(visibleWhere('Employee', tenant(scope(parts)))).toEqual({ OR: ways });
  });

  it('[T5] through a relation for a model that follows another', () => {
    expect(visibleWhere('Attendance', tenant(scope({ branches: ['b'] })))).toEqual({
      OR: [{ employee: { branchId: { in: ['b'] } } }, { employee: { userId: 'u' } }],
    });
  });

  it('[T5] are all rows for the whole company and for models without limits, and none without a caller', () => {
    expect(visibleWhere('Employee', tenant('company'))).toBe(null);
    expect(visibleWhere('Branch', tenant(scope()))).toBe(null);
    expect(visibleWhere('Employee', tenant())).toEqual(noRow);
  });
});

describe('[T5] the rows where an access scope can put something', () => {
  it('[T5] do not include one’s own', () => {
    expect(placedWhere('Employee', tenant(scope({ branches: ['b'] })))).toEqual({
      OR: [{ branchId: { in: ['b'] } }],
    });
    expect(placedWhere('Employee', tenant(scope()))).toEqual(noRow);
  });

  it('[T5] are all for the whole company and for models without limits, and none without a caller', () => {
    expect(placedWhere('Employee', tenant('company'))).toBe(null);
    expect(placedWhere('Branch', tenant(scope()))).toBe(null);
    expect(placedWhere('Employee', tenant())).toEqual(noRow);
  });

  it('[T5] are named by columns of the model itself', () => {
    expect(placeColumns('Employee')).toEqual(['branchId', 'departmentId', 'teamId']);
    expect(placeColumns('Attendance')).toEqual([]);
    expect(placeColumns('Branch')).toEqual([]);
  });
});

describe('a unique key', () => {
  it.each([
    ['may be held by a row out of sight, where it does not name the place', 'Employee', scope(), true],
    ['is held in sight only, where it names the row that has the place', 'Attendance', scope(), false],
    ['is held in sight only, for the whole company', 'Employee', 'company', false],
    ['is held in sight only, in a model without limits', 'Branch', scope(), false],
  ] as const)('[S15] %s', (_what, model, accessScope, hidden) => {
    expect(hidesConflicts(model, tenant(accessScope))).toBe(hidden);
  });
});
