import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessScopeName, roles as builtIn } from '../../../src/auth/authorization/permissions.ts';
import { reader } from '../../../src/db/client.ts';
import {
  type FieldGuarantee,
  guarantees,
  type ModelGuarantee,
  type ModelName,
} from '../../../src/db/guarantees.gen.ts';
import { connect } from '../../support/db/companies.ts';
import { nodesOf } from '../../support/documents.ts';
import { type Answer, openWorld, type World } from '../../support/server/world.ts';

/** An employee of Acme as its row says, with the ids that clients use. */
type Worker = {
  id: string;
  email: string;
  userId: string | null;
  branchId: string;
  departmentId: string;
  teamId: string;
};

let world: World;
let owner: pg.Client;
let workers: Worker[];
/** One attendance for each employee, by the employee's id. */
let attendances: Map<string, string>;

const employeeRoles = Object.entries(builtIn).filter(
  ([, role]) => role.level < 5 && (role.permissions as readonly string[]).includes('employee.read'),
) as [string, { accessScope: AccessScopeName; permissions: readonly string[] }][];
const attendanceRoles = employeeRoles.filter(([, role]) => role.permissions.includes('attendance.read'));

beforeAll(async () => {
  world = await openWorld();
  owner = await connect(world.database.ownerUrl);
  const ofAcme = `WHERE e."companyId" = (SELECT id FROM "Company" WHERE name = 'Acme') ORDER BY e.name`;
  workers = (await owner.query(`SELECT e.* FROM "Employee" e ${ofAcme}`)).rows;
  const found = await owner.query(
    `SELECT e.id AS employee, a.id FROM "Employee" e JOIN "Attendance" a ON a."employeeId" = e.id ${ofAcme}`,
  );
  attendances = new Map(found.rows.map((row) => [row.employee, row.id]));
});
afterAll(async () => {
  await owner?.end();
  await world?.end();
});

const gid = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64');
const as = async (role: string, query: string, variables = {}) =>
  world.ask(query, variables, await world.signIn(role));
const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code;
const me = (role: string) => workers.find(({ email }) => email === `${role}@acme.example`) as Worker;

/**
 * What the rows themselves say that a role with this reach covers; the demo puts everybody's own
 * record where they work.
 */
function covered(role: string, accessScope: AccessScopeName): Worker[] {
  const own = me(role);
  const same: Record<AccessScopeName, (worker: Worker) => boolean> = {
    company: () => true,
    branch: ({ branchId }) => branchId === own.branchId,
    department: ({ departmentId }) => departmentId === own.departmentId,
    team: ({ teamId }) => teamId === own.teamId,
    self: ({ id }) => id === own.id,
  };
  return workers.filter(same[accessScope]);
}
const emails = (list: { email: string }[]) => list.map(({ email }) => email).sort();
const outside = (role: string, accessScope: AccessScopeName) =>
  workers.filter((one) => !covered(role, accessScope).includes(one));

test('[T5] the scene has roles of every accessScope, each seeing some and, but for the company, not all', () => {
  expect(new Set(employeeRoles.map(([, { accessScope }]) => accessScope))).toEqual(
    new Set(['company', 'branch', 'department', 'team', 'self']),
  );
  const sizes = Object.fromEntries(
    employeeRoles.map(([role, { accessScope }]) => [accessScope, covered(role, accessScope).length]),
  );
  expect(sizes.company).toBe(workers.length);
  expect(sizes.company).toBeGreaterThan(sizes.branch as number);
  expect(sizes.branch).toBeGreaterThan(sizes.department as number);
  expect(sizes.self).toBe(1);
});

describe.each(employeeRoles)('employees, as %s sees them', (role, { accessScope }) => {
  test(`[T5] lists and counts, page by page, are those of the ${accessScope}`, async () => {
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { data, errors } = await as(
        role,
        'query ($after: String) { employees(first: 3, after: $after) { totalCount edges { cursor node { email } } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
      expect(errors).toBeUndefined();
      expect(data.employees.totalCount).toBe(covered(role, accessScope).length);
      seen.push(...data.employees.edges.map(({ node }: { node: { email: string } }) => node.email));
      after = data.employees.pageInfo.endCursor;
      more = data.employees.pageInfo.hasNextPage;
    }
    expect(seen.sort()).toEqual(emails(covered(role, accessScope)));
  });

  test(`[T5] single reads and node find the ${accessScope}'s, and nothing out of it`, async () => {
    const inside = covered(role, accessScope).map(({ id }) => gid('Employee', id));
    for (const id of [inside[0] as string, inside.at(-1) as string]) {
      const { data, errors } = await as(
        role,
        'query ($id: ID!) { employee(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }',
        { id },
      );
      expect({ data, errors }).toEqual({
        data: { employee: { id }, node: { id }, nodes: [{ id }] },
        errors: undefined,
      });
    }
    for (const { id } of outside(role, accessScope).slice(0, 4)) {
      for (const [read, code, nothing] of [
        ['employee(id: $id) { id email }', 'NOT_FOUND', null],
        ['node(id: $id) { id ... on Employee { email } }', undefined, { node: null }],
        ['nodes(ids: [$id]) { id }', undefined, { nodes: [null] }],
      ] as const) {
        const [answer, missing] = await Promise.all(
          [id, crypto.randomUUID()].map((one) =>
            as(role, `query ($id: ID!) { ${read} }`, { id: gid('Employee', one) }),
          ),
        );
        expect(answer?.errors, read).toEqual(missing?.errors);
        expect(answer?.data, read).toEqual(missing?.data);
        expect([codeOf(answer as Answer), answer?.data], read).toEqual([code, nothing]);
      }
    }
  });

  test(`[T5] filters and orders find nothing out of the ${accessScope}`, async () => {
    const list =
      'query ($filter: EmployeeFilter, $order: EmployeeOrder) { employees(first: 50, filter: $filter, order: $order) { totalCount edges { node { email } } } }';
    const order = { field: 'CREATED_AT', direction: 'DESC' };
    for (const column of ['branchId', 'departmentId', 'teamId'] as const) {
      const type = { branchId: 'Branch', departmentId: 'Department', teamId: 'Team' }[column];
      for (const place of new Set(workers.map((worker) => worker[column]))) {
        const { data } = await as(role, list, { filter: { [column]: gid(type, place) }, order });
        const expected = covered(role, accessScope).filter((worker) => worker[column] === place);
        expect(data.employees.totalCount).toBe(expected.length);
        expect(emails(data.employees.edges.map(({ node }: { node: Worker }) => node))).toEqual(
          emails(expected),
        );
      }
    }
    const byName = await as(role, list, { filter: { name: 'a' }, order });
    const all = await as('company_admin', list, { filter: { name: 'a' }, order });
    const inScope = new Set(emails(covered(role, accessScope)));
    expect(emails(byName.data.employees.edges.map(({ node }: { node: Worker }) => node))).toEqual(
      emails(all.data.employees.edges.map(({ node }: { node: Worker }) => node)).filter((email) =>
        inScope.has(email),
      ),
    );
  });

  test(`[T5] a department's employees are those of the ${accessScope}`, async () => {
    const EMPLOYEES = 'employees(first: 20) { edges { node { email } } }';
    const [direct, through] = [
      await as(role, `{ departments(first: 10) { edges { node { id ${EMPLOYEES} } } } }`),
      await as(role, `{ company { departments(first: 20) { edges { node { ${EMPLOYEES} } } } } }`),
    ];
    expect([direct.errors, through.errors]).toEqual([undefined, undefined]);
    const data = { ...direct.data, ...through.data };
    type Nested = { employees: { edges: { node: Worker }[] } };
    const nested = (list: Nested[]) =>
      emails(list.flatMap(({ employees }) => employees.edges.map(({ node }) => node)));
    expect(nodesOf(data.departments)).toHaveLength(4); // the structure itself is everybody's who may see it
    expect(nested(nodesOf(data.departments))).toEqual(emails(covered(role, accessScope)));
    expect(nested(nodesOf(data.company.departments))).toEqual(emails(covered(role, accessScope)));
  });
});

describe.each(attendanceRoles)('attendance, as %s sees it', (role, { accessScope }) => {
  const FIELDS = 'id employee { email attendance(first: 3) { edges { node { employee { email } } } } }';

  test(`[T5] lists, filters and relations are those of the ${accessScope}`, async () => {
    const { data, errors } = await as(
      role,
      `{ attendance(first: 30) { edges { node { ${FIELDS} } } } employees(first: 30) { edges { node { email attendance(first: 3) { edges { node { id } } } } } } }`,
    );
    expect(errors).toBeUndefined();
    expect(emails(nodesOf(data.attendance).map(({ employee }) => employee))).toEqual(
      emails(covered(role, accessScope)),
    );
    const backwards = nodesOf(data.attendance).flatMap(({ employee }) =>
      nodesOf(employee.attendance).map((one) => one.employee),
    );
    expect(emails(backwards)).toEqual(emails(covered(role, accessScope)));
    const nested = nodesOf(data.employees).flatMap(({ attendance }) =>
      nodesOf(attendance).map(({ id }) => id as string),
    );
    expect(nested.sort()).toEqual(
      covered(role, accessScope)
        .map(({ id }) => gid('Attendance', attendances.get(id) as string))
        .sort(),
    );
    for (const worker of [
      ...covered(role, accessScope).slice(0, 2),
      ...outside(role, accessScope).slice(0, 3),
    ]) {
      const answer = await as(
        role,
        'query ($id: ID!) { attendance(employeeId: $id) { edges { node { id } } } }',
        {
          id: gid('Employee', worker.id),
        },
      );
      expect(answer.data.attendance.edges).toHaveLength(covered(role, accessScope).includes(worker) ? 1 : 0);
    }
  });

  test(`[T5] node finds no attendance out of the ${accessScope}`, async () => {
    const read = (id: string) =>
      as(role, 'query ($id: ID!) { node(id: $id) { id } }', { id: gid('Attendance', id) });
    const inside = attendances.get(covered(role, accessScope)[0]?.id as string) as string;
    expect((await read(inside)).data.node.id).toBe(gid('Attendance', inside));
    const missing = await read(crypto.randomUUID());
    expect([codeOf(missing), missing.data]).toEqual([undefined, { node: null }]);
    for (const { id } of outside(role, accessScope).slice(0, 3)) {
      const { data, errors } = await read(attendances.get(id) as string);
      expect({ data, errors }).toEqual({ data: missing.data, errors: missing.errors });
    }
  });
});

describe('changes outside the access scope', () => {
  const everything = async () =>
    (
      await owner.query(
        'SELECT (SELECT json_agg(e ORDER BY id) FROM "Employee" e)::text AS e, (SELECT json_agg(a ORDER BY id) FROM "Attendance" a)::text AS a',
      )
    ).rows[0];
  /**
   * The answer to a mutation; NOT_FOUND must look as for a row that isn't there, and leave all rows
   * as they were.
   */
  async function refused(role: string, mutation: string, type: string, id: string, more = {}): Promise<void> {
    const before = await everything();
    const name = { Employee: 'employeeId', Attendance: 'attendanceId' }[type] as string;
    const [answer, missing] = [
      await as(role, mutation, { input: { [name]: gid(type, id), ...more } }),
      await as(role, mutation, { input: { [name]: gid(type, crypto.randomUUID()), ...more } }),
    ];
    expect(codeOf(answer)).toBe('NOT_FOUND');
    expect(answer).toMatchObject({ data: missing.data, errors: missing.errors });
    expect(await everything()).toEqual(before);
  }
  const approve =
    'mutation ($input: ApproveAttendanceInput!) { approveAttendance(input: $input) { attendance { status } } }';
  const update =
    'mutation ($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { employee { jobTitle branch { id } } } }';
  const record =
    'mutation ($input: RecordAttendanceInput!) { recordAttendance(input: $input) { attendance { minutes } } }';

  for (const [role, accessScope] of [
    ['branch_manager', 'branch'],
    ['manager', 'department'],
  ] as const) {
    test(`[T5] ${role} approves attendance of the ${accessScope} and of no other`, async () => {
      for (const { id } of outside(role, accessScope))
        await refused(role, approve, 'Attendance', attendances.get(id) as string);
      const other = covered(role, accessScope).find(({ id }) => id !== me(role).id) as Worker;
      const answer = await as(role, approve, {
        input: { attendanceId: gid('Attendance', attendances.get(other.id) as string) },
      });
      expect(answer.data?.approveAttendance.attendance).toEqual({ status: 'APPROVED' });
    });
  }

  for (const [role, accessScope] of [
    ['staff', 'team'],
    ['operator', 'self'],
    ['company_member', 'self'],
    ['manager', 'department'],
  ] as const) {
    test(`[T5] ${role} records attendance for the ${accessScope} only`, async () => {
      for (const { id } of outside(role, accessScope).slice(0, 4))
        await refused(role, record, 'Employee', id, { workedOn: '2026-02-02', minutes: 60 });
      const answer = await as(role, record, {
        input: { employeeId: gid('Employee', me(role).id), workedOn: '2026-02-03', minutes: 60 },
      });
      expect(answer.data?.recordAttendance.attendance).toEqual({ minutes: 60 });
    });
  }

  test('[T5] branch_manager changes employees of the branch and of no other', async () => {
    for (const { id } of outside('branch_manager', 'branch'))
      await refused('branch_manager', update, 'Employee', id, { jobTitle: 'Mine' });
    const answer = await as('branch_manager', update, {
      input: { employeeId: gid('Employee', me('branch_manager').id), jobTitle: 'Head' },
    });
    expect(answer.data?.updateEmployee.employee.jobTitle).toBe('Head');
  });

  test('[T5] a row cannot be created in, or moved to, a place outside the access scope', async () => {
    const away = outside('branch_manager', 'branch')[0] as Worker;
    const mine = covered('branch_manager', 'branch').find(
      ({ id }) => id !== me('branch_manager').id,
    ) as Worker;
    const before = await everything();
    const place = {
      branchId: gid('Branch', away.branchId),
      departmentId: gid('Department', away.departmentId),
    };
    const moved = await as('branch_manager', update, {
      input: { employeeId: gid('Employee', mine.id), ...place },
    });
    expect(codeOf(moved)).toBe('NOT_FOUND');
    const create =
      'mutation ($input: CreateEmployeeInput!) { createEmployee(input: $input) { employee { id } } }';
    const newcomer = { name: 'New', email: 'new@acme.example', startedOn: '2026-01-01' };
    expect(codeOf(await as('branch_manager', create, { input: { ...newcomer, ...place } }))).toBe(
      'NOT_FOUND',
    );
    expect(await everything()).toEqual(before);
    const here = {
      branchId: gid('Branch', mine.branchId),
      departmentId: gid('Department', mine.departmentId),
    };
    expect((await as('branch_manager', create, { input: { ...newcomer, ...here } })).errors).toBeUndefined();
    const anywhere = await as('hr_admin', update, {
      input: { employeeId: gid('Employee', mine.id), ...place },
    });
    expect(anywhere.data?.updateEmployee.employee.branch.id).toBe(place.branchId);
  });
});

test('[T5] a new place applies from the next request on', async () => {
  const list = async () =>
    (
      await as(
        'manager',
        '{ employees(first: 50) { totalCount } attendance(first: 100) { edges { node { id } } } }',
      )
    ).data;
  const before = await list();
  const members = await as(
    'company_admin',
    '{ members(first: 100) { edges { node { id email } } } departments(first: 20) { edges { node { id name branch { id } } } } }',
  );
  const member = nodesOf(members.data.members).find(
    ({ email }: { email: string }) => email === 'manager@acme.example',
  );
  const elsewhere = nodesOf(members.data.departments).find(
    ({ id }: { id: string }) => id !== gid('Department', me('manager').departmentId),
  );
  const set = await as(
    'company_admin',
    'mutation ($input: SetMemberRolesInput!) { setMemberRoles(input: $input) { member { roles } } }',
    {
      input: {
        memberId: member.id,
        roles: ['manager'],
        branchId: elsewhere.branch.id,
        departmentId: elsewhere.id,
      },
    },
  );
  expect(set.errors).toBeUndefined();
  const { rows } = await owner.query(
    'SELECT count(*)::int AS n FROM "Employee" WHERE "departmentId" = $1 OR "userId" = $2',
    [Buffer.from(elsewhere.id, 'base64').toString().split(':')[1], me('manager').userId],
  );
  expect((await list()).employees.totalCount).toBe(rows[0].n);
  expect(before.employees.totalCount).toBeGreaterThan(0);
});

/** Each model with @visible, a new one too, against its rows as PostgreSQL has them. */
const narrowed = (Object.keys(guarantees) as ModelName[]).filter((model) => guarantees[model].visible);

describe.each(narrowed)('every %s', (model) => {
  const { read: _, ...paths } = guarantees[model].visible as NonNullable<ModelGuarantee['visible']>;
  type Where = { branch?: string; department?: string; team?: string; self?: string };
  let rows: (Where & { id: string })[];

  beforeAll(async () => {
    const joins = new Map<string, string>();
    const columns = Object.entries(paths).map(([dimension, path]) => {
      const [column, ...relations] = path.split('.').reverse();
      let [from, alias] = [model, 't'];
      for (const relation of relations.reverse()) {
        const { on = [], relation: to } = guarantees[from].fields[relation] as FieldGuarantee;
        const next = `${alias}_${relation}`;
        const met = on.map(([here, there]) => `${alias}."${here}" = ${next}."${there}"`).join(' AND ');
        joins.set(next, `JOIN "${guarantees[to as ModelName].table}" ${next} ON ${met}`);
        [from, alias] = [to as ModelName, next];
      }
      return `${alias}."${column}" AS ${dimension}`;
    });
    const ofAcme = `WHERE t."companyId" = (SELECT id FROM "Company" WHERE name = 'Acme')`;
    const from = `"${guarantees[model].table}" t ${[...joins.values()].join(' ')}`;
    rows = (await owner.query(`SELECT t.id, ${columns.join(', ')} FROM ${from} ${ofAcme}`)).rows;
  });

  test.each(Object.keys(paths) as (keyof typeof paths)[])(
    '[T5] is read in the access scope of a %s, one by one, listed and counted',
    async (dimension) => {
      const [{ companyId }] = (
        await owner.query(`SELECT id AS "companyId" FROM "Company" WHERE name = 'Acme'`)
      ).rows;
      const self = me('manager').userId as string;
      const place = dimension === 'self' ? self : (me('manager')[`${dimension}Id`] as string);
      const list = (one: string) => (one === dimension ? [place] : []);
      const accessScope = {
        branches: list('branch'),
        departments: list('department'),
        teams: list('team'),
        self,
      };
      const db = reader(world.services.db, { companyId, userId: self, accessScope: () => accessScope });
      const delegate = db[(model[0]?.toLowerCase() + model.slice(1)) as 'employee'];
      const covered = rows.filter((row) => row[dimension] === place || row.self === self);
      expect(covered.length, `rows of ${model} in the demo`).toBeGreaterThan(0);
      expect(covered.length, `rows of ${model} in the demo, out of reach`).toBeLessThan(rows.length);
      const found = await delegate.findMany({ select: { id: true } });
      expect(found.map(({ id }) => id).sort()).toEqual(covered.map(({ id }) => id).sort());
      expect(await delegate.count()).toBe(covered.length);
      for (const row of rows) {
        const one = await delegate.findUnique({
          where: { key: { companyId, id: row.id } },
          select: { id: true },
        });
        expect(one?.id).toBe(covered.includes(row) ? row.id : undefined);
      }
    },
  );
});
