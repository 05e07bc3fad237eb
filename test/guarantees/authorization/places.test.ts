import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Query } from '../../../src/db/sql.ts';
import { placeProblems } from '../../../src/db/startup/places.ts';
import { type AccessScope, withTenant } from '../../../src/db/tenant/context.ts';
import { withTransaction } from '../../../src/db/transaction.ts';
import { connect } from '../../support/db/companies.ts';
import { nodesOf } from '../../support/documents.ts';
import { globalId, newcomer, openWorld, rowsOf, uuidOf, type World } from '../../support/server/world.ts';
import { codeOf, mutate } from '../../support/sign-in/factors.ts';

type Place = { branchId: string; departmentId: string; teamId: string };

let world: World;
let owner: pg.Client;
let north: Place;
let south: Place;
/** Another department of the same branch as `north`. */
let next: Place;
beforeAll(async () => {
  world = await openWorld();
  owner = await connect(world.database.ownerUrl);
  const { data } = await world.ask(
    '{ branches(first: 10) { edges { node { name id departments(first: 10) { edges { node { id teams(first: 10) { edges { node { id } } } } } } } } } }',
    {},
    await world.signIn('company_admin'),
  );
  const branches = nodesOf(data.branches);
  const placeAt = (index: number, at: number): Place => {
    const branch = branches[index];
    const department = nodesOf(branch.departments)[at];
    return { branchId: branch.id, departmentId: department.id, teamId: nodesOf(department.teams)[0].id };
  };
  const [own] = await rowsOf(
    world,
    `SELECT b.name FROM "Membership" m JOIN "Branch" b ON b.id = m."branchId" WHERE m.email = 'branch_manager@acme.example'`,
  );
  const here = branches.findIndex(({ name }: { name: string }) => name === own.name);
  [north, next, south] = [placeAt(here, 0), placeAt(here, 1), placeAt(1 - here, 0)];
});
afterAll(async () => {
  await owner?.end();
  await world?.end();
});

const someone = (place: object) => ({
  ...place,
  name: 'Zoe',
  email: `${crypto.randomUUID()}@acme.example`,
  startedOn: '2026-02-01',
});
const create = async (role: string, place: object) =>
  mutate(world, 'createEmployee', someone(place), '{ id }', await world.signIn(role));
const hired = async (place: object): Promise<string> =>
  (await create('hr_admin', place)).data.createEmployee.employee.id;
const move = async (token: string, employeeId: string, place: object) =>
  codeOf(await mutate(world, 'updateEmployee', { employeeId, ...place }, '{ id }', token));
const rowOf = async (id: string) =>
  (
    await rowsOf(world, 'SELECT * FROM "Employee" WHERE id = $1', [
      Buffer.from(id, 'base64').toString().slice(9),
    ])
  )[0];

/** Places that do not belong together, as changes of `north`. */
const torn = (): [string, Partial<Place>][] => [
  ['a department of another branch', { departmentId: south.departmentId, teamId: undefined as never }],
  ['a team of another department', { teamId: next.teamId }],
  ['a team of another branch', { teamId: south.teamId }],
  ['another branch alone', { branchId: south.branchId }],
];

describe('[S5] places that a write names belong together', () => {
  for (const role of ['branch_manager', 'hr_admin'])
    it(`[S5] refuses a new employee with places that do not belong together, by ${role}`, async () => {
      expect(codeOf(await create(role, north))).toBe('ok');
      for (const [what, change] of torn())
        expect([what, codeOf(await create(role, { ...north, ...change }))]).toEqual([what, 'NOT_FOUND']);
    });

  it('[S5] refuses a move that tears places apart, and changes nothing', async () => {
    const id = await hired(north);
    const before = await rowOf(id);
    for (const role of ['branch_manager', 'hr_admin'])
      for (const [what, change] of torn())
        expect([what, await move(await world.signIn(role), id, { ...north, ...change })]).toEqual([
          what,
          'NOT_FOUND',
        ]);
    expect(await rowOf(id)).toEqual(before);
  });

  it('[S5] moves an employee within the branch, and out of it only with a scope that covers both', async () => {
    const id = await hired(north);
    const manager = await world.signIn('branch_manager');
    expect(await move(manager, id, next)).toBe('ok');
    expect(await move(manager, id, south)).toBe('NOT_FOUND');
    expect(await move(await world.signIn('hr_admin'), id, south)).toBe('ok');
    expect(await move(manager, id, north)).toBe('NOT_FOUND');
  });

  it('[S5] removes an employee who moves to another department from the team, unless a team there is named', async () => {
    const id = await hired(north);
    const { teamId: _, ...department } = next;
    expect(await move(await world.signIn('hr_admin'), id, department)).toBe('ok');
    expect((await rowOf(id)).teamId).toBeNull();
    const team = { teamId: next.teamId };
    expect(await move(await world.signIn('hr_admin'), id, { ...department, ...team })).toBe('ok');
    expect(await move(await world.signIn('hr_admin'), id, department)).toBe('ok');
    expect((await rowOf(id)).teamId).not.toBeNull();
  });

  it('[S5] gives a member the branch of the department, and refuses a department of another branch or of none', async () => {
    const admin = await world.signIn('company_admin');
    const invite = (place: object) =>
      mutate(
        world,
        'inviteMember',
        { email: `${crypto.randomUUID()}@x.example`, name: 'X', roles: ['client'], ...place },
        '{ id }',
        admin,
      );
    const { branchId, departmentId } = north;
    expect(codeOf(await invite({ branchId, departmentId }))).toBe('ok');
    expect(codeOf(await invite({ branchId: south.branchId, departmentId }))).toBe('NOT_FOUND');
    expect(codeOf(await invite({ departmentId }))).toBe('ok');
    const { errors } = await invite({ branchId: null, departmentId });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      fields: { 'input.branchId': expect.any(String) },
    });
    const { id } = await newcomer(world, ['client']);
    const assign = async (place: object) =>
      codeOf(
        await mutate(world, 'setMemberRoles', { memberId: id, roles: ['client'], ...place }, '{ id }', admin),
      );
    expect(await assign({ departmentId: south.departmentId })).toBe('ok');
    expect(await assign({ departmentId })).toBe('ok');
    const [row] = await rowsOf(world, 'SELECT "branchId" FROM "Membership" WHERE id = $1', [uuidOf(id)]);
    expect(globalId('Branch', row.branchId)).toBe(branchId);
    expect(await assign({ branchId: null })).toBe('INVALID_INPUT');
    expect(await assign({ branchId: south.branchId })).toBe('NOT_FOUND');
    expect(await assign({ branchId: null, departmentId: null })).toBe('ok');
  });
});

describe('[S5] each place that a write names is in the access scope of its permission', () => {
  /** A member whose own employee record is in the south, with a role of this access scope. */
  async function worker(accessScope: string, place: Partial<Place>) {
    const admin = await world.signIn('company_admin');
    const slug = `own_${crypto.randomUUID().slice(0, 8)}`;
    const role = {
      slug,
      name: 'Own',
      level: 2,
      accessScope: accessScope.toUpperCase(),
      permissions: ['company.read', 'employee.read', 'employee.write'],
    };
    expect(codeOf(await mutate(world, 'createRole', role, '{ id }', admin))).toBe('ok');
    const { id, token } = await newcomer(world, [slug]);
    const { branchId = null, departmentId = null } = place;
    const placed = { memberId: id, roles: [slug], branchId, departmentId };
    expect(codeOf(await mutate(world, 'setMemberRoles', placed, '{ id }', admin))).toBe('ok');
    const own = (await mutate(world, 'createEmployee', someone({ ...south, memberId: id }), '{ id }', admin))
      .data.createEmployee.employee.id;
    return { token, own: own as string };
  }

  it('[S5][T5] refuses members to move their own record by the self rule', async () => {
    const { token, own } = await worker('self', {});
    expect(await move(token, own, { jobTitle: 'Welder' })).toBe('ok');
    for (const place of [north, south, { teamId: null }])
      expect(await move(token, own, place)).toBe('NOT_FOUND');
  });

  it('[S5][T5] refuses to move one’s own record from another branch, or to keep it outside the access scope', async () => {
    const { token, own } = await worker('branch', { branchId: north.branchId });
    expect(await move(token, own, { jobTitle: 'Welder' })).toBe('ok');
    expect(await move(token, own, north)).toBe('NOT_FOUND');
    expect(await move(token, own, { teamId: null })).toBe('NOT_FOUND');
  });

  it('[S5][T5] keeps a department’s writer within the department', async () => {
    const { token } = await worker('department', {
      branchId: north.branchId,
      departmentId: north.departmentId,
    });
    const id = await hired(north);
    expect(await move(token, id, { teamId: null })).toBe('ok');
    expect(await move(token, id, next)).toBe('NOT_FOUND');
    const create = (place: object) => mutate(world, 'createEmployee', someone(place), '{ id }', token);
    expect(codeOf(await create(north))).toBe('ok');
    expect(codeOf(await create(next))).toBe('NOT_FOUND');
  });
});

describe('[T5][R3] a record that its mover may then see or do more with', () => {
  /**
   * A member who may move employees of the company, and has this permission in the department of
   * `north` only.
   */
  async function mover(permission: string, accessScope: string) {
    const admin = await world.signIn('company_admin');
    const define = async (scope: string, permissions: string[]) => {
      const slug = `own_${crypto.randomUUID().slice(0, 8)}`;
      const role = { slug, name: slug, level: 2, accessScope: scope, permissions };
      expect(codeOf(await mutate(world, 'createRole', role, '{ id }', admin))).toBe('ok');
      return slug;
    };
    const roles = [
      await define('COMPANY', ['company.read', 'employee.read', 'employee.write']),
      await define(accessScope, [permission]),
    ];
    const { id, token } = await newcomer(world, roles);
    const { branchId, departmentId } = north;
    const placed = { memberId: id, roles, branchId, departmentId };
    expect(codeOf(await mutate(world, 'setMemberRoles', placed, '{ id }', admin))).toBe('ok');
    return token;
  }

  it.each([
    ['employee.salary.read', 'DEPARTMENT', 'next'],
    ['employee.identity.read', 'DEPARTMENT', 'south'],
    ['employee.salary.write', 'BRANCH', 'south'],
    ['attendance.approve', 'DEPARTMENT', 'next'],
  ])('[T5][R3] is not moved by a holder of %s in the %s from %s', async (permission, scope, from) => {
    const token = await mover(permission, scope);
    const places: Record<string, Place> = { next, south };
    const id = await hired(places[from] as Place);
    const before = await rowOf(id);
    expect(await move(token, id, north)).toBe('FORBIDDEN');
    expect(await rowOf(id)).toEqual(before);
  });

  it('[T5][R3] is moved within the places of the permission, out of them, and between others', async () => {
    const token = await mover('employee.salary.read', 'BRANCH');
    const id = await hired(north);
    for (const place of [next, north, south]) expect(await move(token, id, place)).toBe('ok');
    expect(await move(token, id, { teamId: null })).toBe('ok');
    expect(await move(token, id, next)).toBe('FORBIDDEN');
  });
});

describe('[S5] a bulk update of a narrowed tenant', () => {
  it.each(['branchId', 'departmentId', 'teamId', 'userId'])(
    '[S5][T5] is refused when it sets %s alone',
    async (column) => {
      const [row] = await rowsOf(
        world,
        'SELECT "companyId", "branchId", "userId" FROM "Employee" WHERE "userId" IS NOT NULL LIMIT 1',
      );
      const reached: AccessScope = { branches: [row.branchId], departments: [], teams: [], self: row.userId };
      const tenant = { companyId: row.companyId, userId: row.userId, accessScope: () => reached };
      const update = () =>
        world.services.db.$transaction((tx) =>
          withTransaction(tx, () => tx.employee.updateMany({ data: { [column]: crypto.randomUUID() } })),
        );
      await expect(withTenant(tenant, update)).rejects.toThrow(`${column} decides who may see the row`);
    },
  );
});

describe('[S5] the database ties places together', () => {
  const through: Query = async (sql, values) => (await owner.query(sql, values)).rows;

  it.each([
    ['Employee', '"departmentId"', 'Department'],
    ['Membership', '"departmentId"', 'Department'],
  ])('[S5] refuses %s with a department of another branch from raw SQL', async (table) => {
    const sql = `UPDATE "${table}" t SET "departmentId" = d.id FROM "Department" d
      WHERE d."companyId" = t."companyId" AND d."branchId" <> t."branchId"`;
    await expect(owner.query(sql)).rejects.toThrow('foreign key');
  });

  it('[S5] refuses a membership with a department and no branch from raw SQL', async () => {
    await expect(
      owner.query('UPDATE "Membership" SET "branchId" = NULL WHERE "departmentId" IS NOT NULL'),
    ).rejects.toThrow('Membership_place_check');
  });

  it('[S5] finds each table that could contain inconsistent places', async () => {
    expect(await placeProblems(through)).toEqual([]);
    const key = (name: string, columns: string, table: string, there: string) =>
      `CONSTRAINT ${name} FOREIGN KEY ("companyId", ${columns}) REFERENCES "${table}" ("companyId", ${there})`;
    const columns = '"companyId" uuid NOT NULL, "branchId" uuid, "departmentId" uuid NOT NULL, "teamId" uuid';
    const branch = key('b', '"branchId"', 'Branch', 'id');
    const loose = key('d', '"departmentId"', 'Department', 'id');
    const tied = key('d', '"branchId", "departmentId"', 'Department', '"branchId", id');
    const looseTeam = key('t', '"teamId"', 'Team', 'id');
    const problemsOf = async (...constraints: string[]) => {
      await owner.query(`CREATE TABLE "Torn" (${[columns, ...constraints].join(', ')})`);
      try {
        return await placeProblems(through);
      } finally {
        await owner.query('DROP TABLE "Torn"');
      }
    };
    expect(await problemsOf(branch, loose)).toEqual([expect.stringContaining('"Department" and a "Branch"')]);
    expect(await problemsOf(branch, tied)).toEqual([
      expect.stringContaining('takes "departmentId" without "branchId"'),
    ]);
    const check = 'CHECK ("departmentId" IS NULL OR "branchId" IS NOT NULL)';
    expect(await problemsOf(branch, tied, check)).toEqual([]);
    expect(await problemsOf(branch, tied, check, looseTeam)).toEqual([
      expect.stringContaining('"Team" and a "Department"'),
    ]);
    expect(await problemsOf(branch, looseTeam)).toEqual([expect.stringContaining('"Team" and a "Branch"')]);
  });

  it('[S5] finds a column of @visible that refers to no place', async () => {
    await owner.query('BEGIN');
    await owner.query('ALTER TABLE "Employee" DROP CONSTRAINT "Employee_companyId_departmentId_teamId_fkey"');
    expect(await placeProblems(through)).toEqual([
      expect.stringContaining('"Employee"."teamId" has no foreign key to "Team"'),
    ]);
    await owner.query('ROLLBACK');
  });
});
