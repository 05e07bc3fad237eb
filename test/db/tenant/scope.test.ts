import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reader } from '../../../src/db/client.ts';
import type { Reader } from '../../../src/db/reader.ts';
import { type AccessScope, withTenant } from '../../../src/db/tenant/context.ts';
import { connect } from '../../support/db/companies.ts';
import { openWorld, type World } from '../../support/server/world.ts';

/**
 * An employee in a department with others, and Acme as a member reads it whose employee.read
 * reaches their own row alone.
 */
let world: World;
let owner: pg.Client;
let me: { id: string; companyId: string; userId: string; departmentId: string };
let colleague: { id: string; name: string };
let mine: Reader;

beforeAll(async () => {
  world = await openWorld();
  owner = await connect(world.database.ownerUrl);
  me = (await owner.query(`SELECT * FROM "Employee" WHERE email = 'company_member@acme.example'`)).rows[0];
  const others = 'SELECT id, name FROM "Employee" WHERE "departmentId" = $1 AND id <> $2';
  colleague = (await owner.query(others, [me.departmentId, me.id])).rows[0];
  const onlySelf: AccessScope = { branches: [], departments: [], teams: [], self: me.userId };
  const tenant = { companyId: me.companyId, userId: me.userId, accessScope: () => onlySelf };
  mine = reader(world.services.db, tenant);
});
afterAll(async () => {
  await owner?.end();
  await world?.end();
});

describe('rows behind a relation and outside the access scope', () => {
  it('[T5] answers no question of a filter', async () => {
    const having = (name: string) => mine.department.count({ where: { employees: { some: { name } } } });
    expect(await having(colleague.name)).toBe(0);
    const own = await mine.employee.findFirstOrThrow({ where: { id: me.id } });
    expect(await having(own.name)).toBe(1);
    const without = await mine.department.findMany({ where: { employees: { none: { id: colleague.id } } } });
    expect(without.map(({ id }) => id)).toContain(me.departmentId);
    const nested = { AND: [{ NOT: { OR: [{ employees: { some: { id: colleague.id } } }] } }] };
    expect((await mine.department.findMany({ where: nested })).map(({ id }) => id)).toContain(
      me.departmentId,
    );
    expect(await mine.attendance.count({ where: { employee: { name: colleague.name } } })).toBe(0);
  });

  it.each(['every', 'isNot'])(
    '[T5] `%s`, which reveals hidden rows by omission, is refused',
    async (operator) => {
      const asked =
        operator === 'every'
          ? mine.department.findMany({ where: { employees: { every: { id: me.id } } } })
          : mine.attendance.findMany({ where: { employee: { isNot: { id: me.id } } } });
      await expect(asked).rejects.toThrow('out of reach');
    },
  );

  it('[T5] are not counted, for one relation or all', async () => {
    const where = { id: me.departmentId };
    const one = await mine.department.findFirstOrThrow({
      where,
      include: { _count: { select: { employees: true } } },
    });
    expect(one._count.employees).toBe(1);
    const filtered = await mine.department.findFirstOrThrow({
      where,
      select: { _count: { select: { employees: { where: { id: colleague.id } } } } },
    });
    expect(filtered._count.employees).toBe(0);
    const all = await mine.department.findFirstOrThrow({ where, include: { _count: true } });
    expect(all._count.employees).toBe(1);
  });

  it('[T5] is not listed, however deep', async () => {
    const seen = await mine.company.findFirstOrThrow({
      select: { departments: { select: { employees: { select: { id: true } } } } },
    });
    expect(seen.departments.flatMap(({ employees }) => employees)).toEqual([{ id: me.id }]);
  });
});

describe('a deleted row', () => {
  it('[T5] are not shown through a relation', async () => {
    const row = { key: { companyId: me.companyId, id: crypto.randomUUID() } };
    const onlyOwn: AccessScope = { branches: [], departments: [], teams: [], self: me.userId };
    const asked = (include: object) => async () =>
      withTenant({ companyId: me.companyId, userId: me.userId, accessScope: () => onlyOwn }, async () =>
        world.services.db.attendance.delete({ where: row, include } as never),
      );
    await expect(asked({ employee: true })).rejects.toThrow('read it before the row is deleted');
    await expect(asked({})).rejects.toThrow('outside of a transaction');
  });
});

describe('a tenant with an empty access scope', () => {
  let unlinked: Reader;
  beforeAll(() => {
    unlinked = reader(world.services.db, { companyId: me.companyId, userId: me.userId });
  });

  it('[T5] finds no row, however the question is put', async () => {
    expect(await unlinked.employee.count()).toBe(0);
    expect((await unlinked.employee.aggregate({ _count: true }))._count).toBe(0);
    expect(await unlinked.employee.groupBy({ by: ['departmentId'] })).toEqual([]);
    expect(await unlinked.employee.findMany({ distinct: ['id'] })).toEqual([]);
    expect(await unlinked.attendance.findMany({ take: -1, orderBy: { id: 'asc' } })).toEqual([]);
    const { _count } = await unlinked.department.findFirstOrThrow({
      where: { id: me.departmentId },
      select: { _count: { select: { employees: true } } },
    });
    expect(_count.employees).toBe(0);
    const asked = { where: { employees: { some: {} } } };
    expect(await unlinked.department.count(asked)).toBe(0);
    expect(await unlinked.department.findMany({ ...asked, distinct: ['id'] })).toEqual([]);
  });
});

describe('an empty OR', () => {
  it('[T5] match no row, beside other conditions too', async () => {
    for (const where of [{ OR: [] }, { AND: [{ OR: [] }] }, { companyId: me.companyId, OR: [] }]) {
      expect(await mine.branch.count({ where })).toBe(0);
      expect(await mine.branch.findMany({ where, distinct: ['id'] })).toEqual([]);
      expect(await mine.department.count({ where: { branch: where } })).toBe(0);
    }
    expect(await mine.branch.count({ where: { NOT: { OR: [] } } })).toBe(await mine.branch.count());
  });
});

describe('a cursor', () => {
  it('[T5] on a row outside the access scope answers as for a missing row', async () => {
    const from = (id: string) =>
      mine.employee.findMany({
        cursor: { key: { companyId: me.companyId, id } },
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
      });
    const backwards = (id: string) =>
      mine.employee.findMany({
        cursor: { key: { companyId: me.companyId, id } },
        orderBy: [{ name: 'desc' }, { id: 'desc' }],
      });
    expect((await from(me.id)).map(({ id }) => id)).toEqual([me.id]);
    for (const id of [colleague.id, crypto.randomUUID()])
      expect([await from(id), await backwards(id)]).toEqual([[], []]);
  });
});

describe('a key with a part missing', () => {
  it.each([
    ['no id', (companyId: string) => ({ key: { companyId, id: undefined } })],
    ['no id at all', (companyId: string) => ({ key: { companyId } })],
    ['nothing', () => ({})],
    ['undefined', () => ({ id: undefined })],
  ])('[T3] finds no other row: %s', async (_name, where) => {
    const unique = { where: where(me.companyId) } as never;
    const refusal = /expected a complete unique key/;
    await expect((async () => mine.employee.findUnique(unique))()).rejects.toThrow(refusal);
    await expect((async () => mine.employee.findUniqueOrThrow(unique))()).rejects.toThrow(refusal);
  });
});
