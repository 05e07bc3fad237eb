import { RequestCache } from '@pothos/plugin-scope-auth';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openings as counted } from '../../src/crypto/fields/sealed.ts';
import { buildSchema } from '../../src/schema/index.ts';
import { expectSame, told } from '../support/comparison.ts';
import { generatedQuery, seeded } from '../support/generated-queries.ts';
import { asker, globalId, openWorld, rowsOf, type World } from '../support/server/world.ts';

/**
 * Three servers on one database: with the query plan; with the executor alone; and with the
 * executor and Pothos' own look-up of what loaded a row. Whatever is queried, they answer alike and
 * open the same number of sealed values.
 */
type Server = { name: string; ask: World['ask']; openings: { count: number } };
let world: World;
let servers: Server[];
const ends: (() => Promise<unknown>)[] = [];
let ids: Record<'me' | 'colleague' | 'stranger' | 'department' | 'branch', string>;

const ROLES = ['company_admin', 'hr_admin', 'manager', 'company_member', 'view_only', 'external_auditor'];

beforeAll(async () => {
  world = await openWorld();
  const plain = () => vi.doMock('../../src/schema/core/loaded-plugin.ts', pothosAlone);
  servers = [{ name: 'query plan', ask: world.ask, openings: counted }];
  const { openServer } = await import('../../src/app.ts');
  servers.push(await listening('executor', openServer(world.services, { queryPlan: false }), counted));
  plain();
  servers.push(await anotherCopy('executor and Pothos'));
  await fill();
  const employee = (email: string) => rowsOf(world, 'SELECT * FROM "Employee" WHERE email = $1', [email]);
  const [[me], [colleague], [stranger]] = (await Promise.all(
    ['company_member@acme.example', 'manager@acme.example', 'manager@globex.example'].map(employee),
  )) as [[Row], [Row], [Row]];
  ids = {
    me: globalId('Employee', me.id),
    colleague: globalId('Employee', colleague.id),
    stranger: globalId('Employee', stranger.id),
    department: globalId('Department', me.departmentId),
    branch: globalId('Branch', me.branchId),
  };
});
afterAll(async () => {
  for (const end of ends) await end();
  await world?.end();
});

/** What the demo leaves out: a payroll run, and people without team and title. */
async function fill(): Promise<void> {
  const token = await world.signIn('company_admin');
  const run = 'mutation { createPayrollRun(input: { period: "2026-01" }) { payrollRun { id } } }';
  expect((await world.ask(run, {}, token)).errors).toBeUndefined();
  const alone = `UPDATE "Employee" SET "teamId" = NULL, "jobTitle" = NULL WHERE email LIKE 'client@%'`;
  await rowsOf(world, `SET session_replication_role = replica; ${alone}`);
}

/**
 * Another copy of the server's modules, without the query plan and with what is mocked at the
 * moment.
 */
async function anotherCopy(name: string): Promise<Server> {
  vi.resetModules();
  const { openServer, openServices, closeServices } = await import('../../src/app.ts');
  const { openings } = await import('../../src/crypto/fields/sealed.ts');
  const { database, config } = world;
  const log = world.services.log as never;
  const services = await openServices(config, { app: database.appUrl, platform: database.platformUrl }, log);
  ends.push(() => closeServices(services));
  return listening(name, openServer(services, { queryPlan: false }), openings);
}

async function listening(
  name: string,
  server: FastifyInstance,
  openings: Server['openings'],
): Promise<Server> {
  const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  ends.unshift(() => server.close());
  return { name, ask: asker(url), openings };
}

/** A plugin of the same name that does nothing. */
async function pothosAlone() {
  const { default: SchemaBuilder, BasePlugin } = await import('@pothos/core');
  SchemaBuilder.allowPluginReRegistration = true;
  SchemaBuilder.registerPlugin('loaded', class extends BasePlugin<never> {} as never);
  SchemaBuilder.allowPluginReRegistration = false;
  return { default: 'loaded' };
}

const QUERIES: Record<string, string> = {
  'aliases of the same fields': `{ employees(first: 50) { edges { node { a: name b: name id x: id } } } }`,
  'fragments, named, inline and on the interface': `
    { employees(first: 50) { edges { node { ...who ... on Employee { email team { ...unit } } ... on Node { id } ... { startedOn } } } } }
    fragment who on Employee { name department { ...place } } fragment place on Department { name branch { name } } fragment unit on Team { id name }`,
  'one relation in two places, with different fields': `
    { employees(first: 50) { edges { node { department { name } department { id branch { id } } d: department { name } e: department { id } team { id } team { name } } } } }`,
  'a list twice with different arguments': `
    { employees(first: 20) { edges { node { a: attendance(first: 1) { edges { node { workedOn minutes } } } b: attendance(first: 5) { edges { node { workedOn status } } } attendance(first: 100) { edges { node { id } } } } } } }`,
  'a list twice beneath one relation': `
    { employees(first: 5) { edges { node { department { a: employees(first: 1) { edges { node { name } } } b: employees(first: 3) { edges { node { email } } } } } } } }`,
  'a sealed column in one of two aliases': `
    { a: employees(first: 20) { edges { node { name salary } } } b: employees(first: 20) { edges { node { name } } } }`,
  'sealed columns beneath a relation, in one of two aliases': `
    { attendance(first: 50) { edges { node { a: employee { name iban } b: employee { name } } } } }`,
  'all sealed columns, some twice': `{ employees(first: 50) { edges { node { salary iban civilId passport s: salary i: iban } } } }`,
  'sealed columns of one employee': `query ($me: ID!, $colleague: ID!) { me: employee(id: $me) { salary iban } other: employee(id: $colleague) { name civilId } }`,
  'employees of departments of employees': `
    { employees(first: 6) { edges { node { name department { name employees(first: 4) { edges { node { name department { name employees(first: 2) { edges { node { name salary } } } } } } } } } } } }`,
  'departments with their branches, teams and employees': `
    { departments(first: 20) { edges { node { name branch { name departments(first: 20) { edges { node { name teams(first: 20) { edges { node { name department { id } } } } } } } } teams(first: 20) { edges { node { name roles } } } employees(first: 3) { edges { cursor node { name } } pageInfo { hasNextPage endCursor } } } } } }`,
  'the company': `{ company { name departments(first: 20) { edges { node { name branch { name } employees(first: 2) { edges { node { email } } } } } } } }`,
  'a connection with its count, filtered': `query ($branch: ID) { employees(first: 2, filter: { branchId: $branch }) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } } }`,
  'a connection backwards': `{ employees(last: 3, order: { field: STARTED_ON, direction: DESC }) { totalCount edges { node { name } } } }`,
  'an empty connection': `{ employees(first: 5, filter: { name: "of no employee" }) { totalCount edges { node { salary } } pageInfo { endCursor } } }`,
  'a filter by IBAN': `{ employees(first: 5, filter: { iban: "DE89370400440532100000" }) { edges { node { name iban } } } }`,
  'a node of each kind': `query ($me: ID!, $department: ID!, $branch: ID!) { a: node(id: $me) { __typename id ... on Employee { name salary department { name } } } b: node(id: $department) { ... on Department { name employees(first: 1) { edges { node { name } } } } } c: node(id: $branch) { id ... on Branch { name departments(first: 20) { edges { node { name } } } } ... on Employee { name } } }`,
  'nodes, some of which do not exist': `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Employee { name iban department { name } } ... on Department { name teams(first: 20) { edges { node { name } } } } } }`,
  'another company’s node': `query ($stranger: ID!) { node(id: $stranger) { id ... on Employee { name salary } } }`,
  'another company’s employee': `query ($stranger: ID!) { employee(id: $stranger) { name } viewer { user { name } } }`,
  'a malformed id': `{ node(id: "nonsense") { id } }`,
  'members, teams, roles and the viewer': `{ viewer { roles company { name } user { email } } members(first: 100) { edges { node { id email roles } } } teams(first: 20) { edges { node { name roles department { name } } } } roles(first: 100) { edges { node { slug permissions } } } }`,
  'attendance and payroll': `{ attendance(first: 10) { edges { node { workedOn minutes status approvedAt employee { name team { name } } } } } payrollRuns(first: 5) { edges { node { period total status items(first: 10) { edges { node { amount employee { name salary } } } } } } } }`,
  'fields that require a permission beside others': `{ branches(first: 20) { edges { node { id name } } } payrollRuns(first: 100) { edges { node { period } } } company { currency } }`,
  'skipped and included': `query ($yes: Boolean = true) { employees(first: 3) { edges { node { name salary @skip(if: $yes) email @include(if: $yes) ...more @include(if: $yes) } } } } fragment more on Employee { department { name @skip(if: $yes) id } }`,
  typenames: `{ __typename employees(first: 1) { __typename edges { __typename node { __typename department { __typename } } } } }`,
  'introspection of one type': `{ __type(name: "Employee") { name fields { name } } branches(first: 20) { edges { node { name } } } }`,
  'a page that is too long': `{ employees(first: 500) { edges { node { name } } } branches(first: 20) { edges { node { name } } } }`,
  'a malformed cursor': `{ employees(first: 2, after: "bm9uc2Vuc2U=") { edges { node { name } } } }`,
};

type Row = { id: string; departmentId: string; branchId: string };
type Answered = { answer: ReturnType<typeof told>; opened: number };

/**
 * Asks every server the same; the last has no shortcut at all. Resolves to whether it succeeded.
 */
async function sameAnswers(
  name: string,
  query: string,
  variables: object,
  token: string | undefined,
): Promise<boolean> {
  const answers: Answered[] = [];
  for (const server of servers) {
    const before = server.openings.count;
    const answer = told(await server.ask(query, variables, token));
    answers.push({ answer, opened: server.openings.count - before });
  }
  const plain = answers.at(-1) as Answered;
  for (const { answer } of answers) expectSame(answer, plain.answer, name);
  // one that falls back after a value was opened opens it again, and the executor may end before a
  // neighbour's is opened
  if (plain.answer.errors) return false;
  for (const { opened } of answers) expect(opened, name).toBe(plain.opened);
  return true;
}

const executed = () => world.services.uses.queryPlan.used;
const TOTAL = 120;

describe('[E7] query plan, executor, and executor without the row shortcut', () => {
  test.each(ROLES)('give %s the same answers, and open the same sealed values', async (role) => {
    const token = await world.signIn(role);
    const before = executed();
    let succeeded = 0;
    for (const [name, query] of Object.entries(QUERIES)) {
      const variables = { ...ids, ids: [ids.me, ids.stranger, ids.department, ids.colleague, ids.me] };
      const used = Object.fromEntries(
        Object.entries(variables).filter(([key]) => query.includes(`$${key}:`)),
      );
      if (await sameAnswers(name, query, used, token)) succeeded += 1;
    }
    expect(succeeded).toBeGreaterThan(12);
    expect(executed() - before).toBeGreaterThan(succeeded - 4); // directives and introspection fall back
  });

  test.each([...ROLES, 'anonymous'])(
    `give %s the same answers to ${TOTAL} generated queries`,
    async (role) => {
      const token = role === 'anonymous' ? undefined : await world.signIn(role);
      const random = seeded([...role].reduce((sum, character) => sum + character.charCodeAt(0), 0));
      const schema = buildSchema();
      const before = executed();
      for (let number = 0; number < TOTAL; number++) {
        const query = generatedQuery(schema, random, Object.values(ids));
        await sameAnswers(query, query, {}, token);
      }
      // of anonymous ones those with a field that anyone may use
      expect(executed() - before).toBeGreaterThan(token ? TOTAL / 10 : 0);
    },
  );
});

describe('Pothos’ authorization cache, which keeps a request past young collections', () => {
  const query = '{ employees(first: 2) { edges { node { name department { name } } } } company { name } }';

  test('is not made for a query that the actor may read', async () => {
    const made = vi.spyOn(RequestCache, 'fromContext');
    expect((await world.ask(query, {}, await world.signIn('company_admin'))).errors).toBeUndefined();
    expect(made).not.toHaveBeenCalled();
    made.mockRestore();
  });

  test('is made for a root field that is denied', async () => {
    const token = await world.signIn('staff');
    const made = vi.spyOn(RequestCache, 'fromContext');
    const before = executed();
    const denied = await world.ask('{ companies(first: 1) { edges { node { name } } } }', {}, token);
    expect(denied.errors?.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
    expect(made).toHaveBeenCalled();
    expect(executed() - before).toBe(1);
    made.mockRestore();
  });
});
