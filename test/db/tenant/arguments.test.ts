import { describe, expect, it } from 'vitest';
import type { AccessScope, Tenant } from '../../../src/db/tenant/context.ts';
import {
  ownRows,
  scopedCursor,
  scopedUnique,
  scopedWhere,
  scopeSelection,
} from '../../../src/db/tenant/scope.ts';

const onlySelf: AccessScope = { branches: [], departments: [], teams: [], self: 'u' };
/** Reads the whole company, or own rows only. */
const all: Tenant = { companyId: 'c', userId: 'u', accessScope: () => 'company' };
const self: Tenant = { ...all, accessScope: () => onlySelf };
const none: Tenant = { companyId: null, userId: null };

const own = { companyId: 'c' };
const mine = { OR: [{ userId: 'u' }] };
const NO_ROW = '00000000-0000-0000-0000-000000000000';

describe('[T3] the rows of a tenant', () => {
  it('[T3] are the company’s or the user’s, and none without one', () => {
    expect(ownRows('Branch', all)).toEqual([own]);
    expect(ownRows('Company', all)).toEqual([{ id: 'c' }]);
    expect(ownRows('Session', all)).toEqual([{ userId: 'u' }]);
    expect(ownRows('Branch', none)).toEqual([{ companyId: NO_ROW }]);
    expect(ownRows('Session', none)).toEqual([{ userId: NO_ROW }]);
  });

  it('[T5] are narrowed to the access scope', () => {
    expect(ownRows('Employee', self)).toEqual([own, mine]);
    expect(ownRows('Employee', all)).toEqual([own]);
  });

  it('[T3] cannot be read of a model that is neither a company’s nor a user’s', () => {
    expect(() => ownRows('SigningKey', all)).toThrow(/SigningKey is neither a company's nor a user's/);
  });
});

describe('[T3] a filter', () => {
  it('[T3] is put beside the tenant’s rows and other demands, whatever it says of the company', () => {
    const asked = { companyId: 'other', name: 'x' };
    expect(scopedWhere('Branch', asked, all, [{ a: 1 }])).toEqual({ AND: [asked, own, { a: 1 }] });
    for (const nothing of [undefined, null])
      expect(scopedWhere('Branch', nothing, all, [{ a: 1 }])).toEqual({ AND: [own, { a: 1 }] });
    const bare = Object.assign(Object.create(null), { name: 'x' });
    expect(scopedWhere('Branch', bare, all)).toEqual({ AND: [{ name: 'x' }, own] });
  });

  it('[T5] sees only rows in reach through a relation, inside logic and operators too', () => {
    const narrowed = { AND: [{ name: 'x' }, mine] };
    const filter = (where: object) => (scopedWhere('Branch', where, self).AND as unknown[])[0];
    expect(filter({ employees: { some: { name: 'x' } } })).toEqual({ employees: { some: narrowed } });
    expect(filter({ employees: { none: {} } })).toEqual({ employees: { none: { AND: [{}, mine] } } });
    expect(filter({ NOT: { OR: [{ employees: { some: { name: 'x' } } }] } })).toEqual({
      NOT: { OR: [{ employees: { some: narrowed } }] },
    });
    expect((scopedWhere('Attendance', { employee: { name: 'x' } }, self).AND as unknown[])[0]).toEqual({
      employee: narrowed,
    });
  });

  it('[T5] is left alone through a relation whose rows are all in reach', () => {
    for (const where of [
      { employees: { every: { name: 'x' } } },
      { employees: { some: { branch: { name: 'x' } } } },
      { departments: { some: undefined }, name: { in: ['x'] } },
    ])
      expect((scopedWhere('Branch', where, all).AND as unknown[])[0]).toEqual(where);
  });

  it('[T5] by every or isNot is refused where it would reveal rows out of reach', () => {
    expect(() => scopedWhere('Branch', { employees: { every: {} } }, self)).toThrow(/out of reach/);
    expect(() => scopedWhere('Attendance', { employee: { isNot: {} } }, self)).toThrow(/out of reach/);
    expect(() => scopedWhere('Branch', { employees: { some: {}, every: {} } }, self)).toThrow(/out of reach/);
  });

  it('[T3] by an empty OR matches no row, which Prisma would drop', () => {
    const [given] = scopedWhere('Branch', { OR: [] }, all).AND as unknown[];
    expect(given).toEqual({ OR: [{ companyId: { in: [] } }] });
    const [other] = scopedWhere('Branch', { AND: [] }, all).AND as unknown[];
    expect(other).toEqual({ AND: [] });
  });
});

describe('[T3] a unique key and a cursor', () => {
  it('[T3] stay, with the tenant’s rows beside them', () => {
    const key = { key: { companyId: 'c', id: 'r' } };
    expect(scopedUnique('Branch', key, all)).toEqual({ ...key, AND: [own] });
    expect(scopedUnique('Branch', { ...key, AND: { a: 1 } }, all, [{ b: 1 }])).toEqual({
      ...key,
      AND: [{ a: 1 }, own, { b: 1 }],
    });
    expect(scopedUnique('Branch', undefined, all)).toEqual({ AND: [own] });
    scopedCursor(key, all);
    scopedCursor({ id: 'r' }, all);
    scopedCursor(undefined, all);
  });

  it('[T3] of another company are not found', () => {
    const foreign = { key: { companyId: 'other', id: 'r' } };
    expect(() => scopedUnique('Branch', foreign, all)).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
    expect(() => scopedCursor(foreign, all)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(() => scopedCursor({ key: {} }, all)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });
});

describe('[T5] a selection', () => {
  const select = (model: 'Branch' | 'Attendance' | 'Employee' | 'Department', args: object, tenant = self) =>
    scopeSelection(model, args as never, tenant);

  it('[T5] lists and counts rows in reach only', () => {
    const narrowed = { AND: [{ name: 'x' }, own, mine] };
    expect(
      select('Branch', { include: { employees: { where: { name: 'x' } } }, select: { name: true } }),
    ).toEqual({
      args: { include: { employees: { where: narrowed } }, select: { name: true } },
      demands: [],
    });
    expect(select('Branch', { select: { employees: true } }).args).toEqual({
      select: { employees: { where: { AND: [own, mine] } } },
    });
    expect(
      select('Branch', {
        select: { _count: { select: { employees: { where: { name: 'x' } }, memberships: false } } },
      }).args,
    ).toEqual({ select: { _count: { select: { employees: { where: narrowed }, memberships: false } } } });
    expect(select('Branch', { select: { _count: true } }).args).toEqual({
      select: {
        _count: {
          select: {
            departments: { where: { AND: [own] } },
            employees: { where: { AND: [own, mine] } },
            memberships: { where: { AND: [own] } },
          },
        },
      },
    });
  });

  it('[T5] demands that a required parent is in reach, however deep', () => {
    expect(select('Attendance', { include: { employee: true } })).toEqual({
      args: { include: { employee: true } },
      demands: [{ employee: mine }],
    });
    expect(select('Attendance', { include: { employee: true } }, all).demands).toEqual([]);
    expect(select('Attendance', { include: { employee: false } }).demands).toEqual([]);
    const deep = { include: { employee: { include: { attendance: true } } } };
    expect(select('Attendance', deep, all).args).toEqual({
      include: { employee: { include: { attendance: { where: { AND: [own] } } } } },
    });
  });

  it('[T5] of an optional parent with a limited reach is refused', () => {
    const asked = { include: { memberships: { include: { employee: true } } } };
    expect(() => select('Branch', asked)).toThrow(/Membership.employee: an optional relation/);
    expect(select('Branch', asked, all).demands).toEqual([]);
  });
});
