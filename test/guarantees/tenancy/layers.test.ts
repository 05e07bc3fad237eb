import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { closeServices, openServer, openServices } from '../../../src/app.ts';
import { callerOf } from '../../../src/auth/request/caller.ts';
import { command, execute } from '../../../src/domain/command.ts';
import type { Services } from '../../../src/services.ts';
import { connect } from '../../support/db/companies.ts';
import { databaseUrl } from '../../support/server/global-setup.ts';
import { type Answer, asker, openWorld, type World } from '../../support/server/world.ts';

/** The three walls between companies (T7). Only a test here takes them down. */
const walls = vi.hoisted(() => ({ rule: true, extension: true, rls: true }));

// the field's rule: a row's company is the actor's own
vi.mock('../../../src/schema/core/authorization-rules.ts', async (original) => {
  const rules = await original<typeof import('../../../src/schema/core/authorization-rules.ts')>();
  type Make = (...args: never[]) => ((row: never) => object) & { rule: unknown };
  const removable = (make: Make) =>
    ((...args: never[]) => {
      const check = make(...args);
      const open = (...asked: Parameters<typeof check>) =>
        walls.rule ? check(...asked) : { signedIn: true };
      return Object.assign(open, { rule: check.rule });
    }) as Make;
  return {
    ...rules,
    companyRow: removable(rules.companyRow as unknown as Make),
    companyItself: removable(rules.companyItself as unknown as Make),
  };
});
// Prisma's tenant extension: each query is narrowed to the company
vi.mock('../../../src/db/tenant/extension.ts', async (original) => {
  const { tenantExtension } = await original<typeof import('../../../src/db/tenant/extension.ts')>();
  const removable: typeof tenantExtension = (operation) =>
    walls.extension ? tenantExtension(operation) : operation.query((operation.args ?? {}) as never);
  return { tenantExtension: removable };
});
// row-level security is taken down by a role that it does not bind; start-up refuses that one,
// unless the check is left out
vi.mock('../../../src/db/startup/checks.ts', async (original) => {
  const safety = await original<typeof import('../../../src/db/startup/checks.ts')>();
  const verifyDatabase: typeof safety.verifyDatabase = async (query) =>
    walls.rls ? safety.verifyDatabase(query) : undefined;
  return { ...safety, verifyDatabase };
});

type Side = { services: Services; server: FastifyInstance; ask: World['ask'] };

let world: World;
let owner: pg.Client;
let unbound: Side;
let role: string;
let unboundUrl: string;
const globex: Record<string, string> = {};
let acmeEmployees: number;

beforeAll(async () => {
  world = await openWorld();
  owner = await connect(world.database.ownerUrl);
  role = `bulwark_unbound_${crypto.randomUUID().slice(0, 8)}`;
  await owner.query(`CREATE ROLE ${role} LOGIN BYPASSRLS PASSWORD 'unbound' IN ROLE bulwark_app`);
  const name = new URL(world.database.ownerUrl).pathname.slice(1);
  unboundUrl = databaseUrl(world.database.ownerUrl, name, { name: role, password: 'unbound' });
  walls.rls = false;
  const services = await openServices(world.config, { app: unboundUrl, platform: null }, world.services.log);
  walls.rls = true;
  const server = openServer(services);
  unbound = {
    services,
    server,
    ask: asker(`${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`),
  };
  await brand();
});
afterAll(async () => {
  await unbound?.server.close();
  if (unbound) await closeServices(unbound.services);
  await world?.end();
  // the role holds nothing in the database that is gone
  const root = await connect(databaseUrl(world.database.ownerUrl, 'postgres'));
  await root.query(`DROP ROLE IF EXISTS ${role}`);
  await Promise.all([root.end(), owner?.end()]);
});
afterEach(() => void Object.assign(walls, { rule: true, extension: true, rls: true }));

/**
 * One row of Globex of each table that the probes ask for, and every text of Globex made to tell
 * where it comes from.
 */
async function brand(): Promise<void> {
  const { rows } = await owner.query(`SELECT id FROM "Company" WHERE name = 'Globex'`);
  globex.Company = rows[0].id;
  await owner.query('SET session_replication_role = replica');
  for (const table of ['Employee', 'Branch', 'Department', 'Team', 'Membership']) {
    const named = `UPDATE "${table}" SET name = 'Globex ' || name WHERE "companyId" = $1 RETURNING id`;
    globex[table] = (await owner.query(named, [globex.Company])).rows.at(-1).id;
  }
  await owner.query('SET session_replication_role = origin');
  globex.Attendance = (
    await owner.query('SELECT id FROM "Attendance" WHERE "companyId" = $1', [globex.Company])
  ).rows[0].id;
  acmeEmployees = (
    await owner.query('SELECT count(*)::int AS n FROM "Employee" WHERE "companyId" <> $1', [globex.Company])
  ).rows[0].n;
}

const gid = (type: string, table = type) => Buffer.from(`${type}:${globex[table]}`).toString('base64');
/**
 * As Acme's administrator, who holds every permission of a company, through the walls that stand.
 */
const ask = async (query: string, variables = {}): Promise<Answer> =>
  (walls.rls ? world.ask : unbound.ask)(query, variables, await world.signIn('company_admin'));
const contents = async () =>
  (
    await owner.query(
      `SELECT (SELECT json_agg(e ORDER BY id) FROM "Employee" e WHERE "companyId" = $1)::text AS employees,
    (SELECT json_agg(b ORDER BY id) FROM "Branch" b WHERE "companyId" = $1)::text AS branches,
    (SELECT json_agg(a ORDER BY id) FROM "Attendance" a WHERE "companyId" = $1)::text AS attendance,
    (SELECT json_agg(t ORDER BY id) FROM "Team" t WHERE "companyId" = $1)::text AS teams`,
      [globex.Company],
    )
  ).rows[0];

/** Ways to read; none of them names a company, as a careless resolver would not. */
const reads: [name: string, query: string, variables?: () => object][] = [
  [
    'a single read',
    'query ($id: ID!) { employee(id: $id) { id name email } }',
    () => ({ id: gid('Employee') }),
  ],
  ['a list', '{ employees(first: 60) { edges { node { id name } } } }'],
  [
    'a filter',
    'query ($id: ID!) { employees(first: 60, filter: { branchId: $id }) { edges { node { id name } } } }',
    () => ({ id: gid('Branch') }),
  ],
  [
    'plain lists',
    '{ branches(first: 20) { edges { node { name } } } departments(first: 60) { edges { node { name } } } teams(first: 60) { edges { node { name } } } }',
  ],
  ['members', '{ members(first: 100) { edges { node { name email } } } }'],
  [
    'node',
    'query ($id: ID!) { node(id: $id) { id ... on Employee { name } } }',
    () => ({ id: gid('Employee') }),
  ],
  [
    'a relation',
    '{ departments(first: 20) { edges { node { employees(first: 20) { edges { node { name } } } } } } }',
  ],
  [
    'attendance',
    'query ($id: ID!) { attendance(employeeId: $id) { edges { node { id employee { name } } } } }',
    () => ({ id: gid('Employee') }),
  ],
];

/** Ways to write. */
const writes: [name: string, query: string, input: () => object][] = [
  [
    'updateEmployee',
    'mutation ($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { employee { id } } }',
    () => ({ employeeId: gid('Employee'), jobTitle: 'Taken' }),
  ],
  [
    'setEmployeeSalary',
    'mutation ($input: SetEmployeeSalaryInput!) { setEmployeeSalary(input: $input) { employee { id } } }',
    () => ({ employeeId: gid('Employee'), salary: '1.00' }),
  ],
  [
    'deleteEmployee',
    'mutation ($input: DeleteEmployeeInput!) { deleteEmployee(input: $input) { deletedEmployeeId } }',
    () => ({ employeeId: gid('Employee') }),
  ],
  [
    'approveAttendance',
    'mutation ($input: ApproveAttendanceInput!) { approveAttendance(input: $input) { attendance { id } } }',
    () => ({ attendanceId: gid('Attendance') }),
  ],
  [
    'setTeamRoles',
    'mutation ($input: SetTeamRolesInput!) { setTeamRoles(input: $input) { team { id } } }',
    () => ({ teamId: gid('Team'), roles: ['client'] }),
  ],
  [
    'createDepartment',
    'mutation ($input: CreateDepartmentInput!) { createDepartment(input: $input) { department { id } } }',
    () => ({ branchId: gid('Branch'), name: 'Taken' }),
  ],
];

const leaks = (answer: Answer) => /globex/i.test(JSON.stringify(answer.data ?? null));
const names = Object.keys(walls) as (keyof typeof walls)[];
const combinations = Array.from(
  { length: 8 },
  (_, bits) =>
    Object.fromEntries(names.map((name, index) => [name, Boolean(bits & (1 << index))])) as typeof walls,
);
const standing = (which: typeof walls) => names.filter((name) => which[name]).join(' and ') || 'no wall';

describe('reading', () => {
  for (const which of combinations.filter((which) => names.some((name) => which[name]))) {
    test(`[T7] with ${standing(which)} standing, nothing of another company is read`, async () => {
      Object.assign(walls, which);
      for (const [name, query, variables] of reads) {
        const answer = await ask(query, variables?.());
        expect(leaks(answer), `${name}: ${JSON.stringify(answer.data)}`).toBe(false);
      }
    });
  }

  test('[T7] without the three layers isolation is gone: the switches work', async () => {
    Object.assign(walls, { rule: false, extension: false, rls: false });
    const open: string[] = [];
    for (const [name, query, variables] of reads) if (leaks(await ask(query, variables?.()))) open.push(name);
    expect(open).toEqual(
      expect.arrayContaining(['a single read', 'a list', 'a filter', 'plain lists', 'members', 'attendance']),
    );
  });

  for (const name of names) {
    test(`[T7] with ${name} switched off, another company's rows are neither found nor counted`, async () => {
      walls[name] = false;
      const { data } = await ask('{ employees(first: 60) { totalCount edges { node { id } } } }');
      expect(data.employees.totalCount).toBe(acmeEmployees);
      expect(data.employees.edges).toHaveLength(acmeEmployees);
      for (const id of [gid('Employee'), Buffer.from(`Employee:${crypto.randomUUID()}`).toString('base64')]) {
        const employee = await ask('query ($id: ID!) { employee(id: $id) { id } }', { id });
        expect(employee.errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND']);
        const { data, errors } = await ask('query ($id: ID!) { node(id: $id) { id } }', { id });
        expect({ data, errors }).toEqual({ data: { node: null }, errors: undefined });
      }
      const filtered = await ask('query ($id: ID!) { employees(filter: { branchId: $id }) { totalCount } }', {
        id: gid('Branch'),
      });
      expect(filtered.data.employees.totalCount).toBe(0);
    });
  }
});

describe('writing', () => {
  for (const name of names) {
    test(`[T7] with ${name} switched off, another company's rows are not changed, deleted or referred to`, async () => {
      const before = await contents();
      walls[name] = false;
      for (const [what, query, input] of writes) {
        const { errors } = await ask(query, { input: input() });
        expect(
          errors?.map(({ extensions }) => extensions.code),
          what,
        ).toEqual(['NOT_FOUND']);
      }
      expect(await contents()).toEqual(before);
    });
  }

  /** A command as none should be written: it touches whatever it is shown. */
  const careless = command({
    event: 'branch.updated',
    permission: 'structure.write',
    input: z.object({ name: z.string() }),
    run: async ({ tx, input }) => {
      const seen = await tx.branch.findMany({ select: { name: true } });
      const { count } = await tx.branch.updateMany({ where: { name: { endsWith: 'North' } }, data: input });
      return { seen: seen.map(({ name }) => name), count };
    },
  });
  async function run(name: string) {
    const { services } = walls.rls ? world : unbound;
    const origin = { requestId: crypto.randomUUID(), ip: null, userAgent: null };
    const { actor } = await callerOf(services, await world.signIn('company_admin'), origin);
    return execute(services, actor, origin, careless, { name });
  }

  for (const name of names) {
    test(`[T7] with ${name} disabled, a command without a row id writes rows of its own company only`, async () => {
      const before = await contents();
      walls[name] = false;
      const { seen, count } = await run('Old North');
      expect(count).toBe(1);
      expect(seen.filter((branch) => /globex/i.test(branch))).toEqual([]);
      expect(await contents()).toEqual(before);
    });
  }

  test("[T7] with neither Prisma’s nor PostgreSQL’s layer other companies' rows are found, and the audit trigger refuses the change", async () => {
    const before = await contents();
    Object.assign(walls, { extension: false, rls: false });
    await expect(run('Old North')).rejects.toThrow(/UPDATE on Branch .* without its audit event/);
    expect(await contents()).toEqual(before);
  });
});

test('[T7] the server refuses to start with a layer disabled', async () => {
  await expect(
    openServices(world.config, { app: unboundUrl, platform: null }, world.services.log),
  ).rejects.toThrow(/BYPASSRLS/);
});
