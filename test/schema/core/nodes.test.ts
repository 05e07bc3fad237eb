import { type GraphQLInterfaceType, type GraphQLSchema, isInterfaceType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelOf } from '../../../src/schema/core/pothos-extensions.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import { type Answer, globalId, openWorld, rowsOf, type World } from '../../support/server/world.ts';
import { rowsOfWaysIn } from '../../support/sign-in/identity-rows.ts';

const schema: GraphQLSchema = buildSchema();
const node = schema.getType('Node') as GraphQLInterfaceType;
const nodeTypes = isInterfaceType(node) ? schema.getPossibleTypes(node) : [];
const names = nodeTypes.map(({ name }) => name);

/** How the id of an object without a model is found: SQL with the company as $1. */
const idsOfUsers: Record<string, string> = {
  AuditEvent: `SELECT company_id || '/' || pos AS id FROM audit_event WHERE company_id = $1 LIMIT 1`,
  Invitation: 'SELECT $1::uuid AS id',
  Job: `SELECT id FROM pgboss.job WHERE data ->> 'companyId' = $1::text LIMIT 1`,
  JobQueue: `SELECT 'clean-up' AS id WHERE $1::uuid IS NOT NULL`,
  ManagedCompany: 'SELECT $1::uuid AS id',
  Passkey: `SELECT k.id FROM "Passkey" k JOIN "Membership" m USING ("userId") WHERE m."companyId" = $1 LIMIT 1`,
  Session: `SELECT left(id, 12) AS id FROM "Session" WHERE "companyId" = $1 LIMIT 1`,
  SigningKey: 'SELECT id FROM "SigningKey" WHERE $1::uuid IS NOT NULL LIMIT 1',
  TrustedDevice: `SELECT d.id FROM "TrustedDevice" d JOIN "Membership" m USING ("userId") WHERE m."companyId" = $1 LIMIT 1`,
  ViewerCompany: 'SELECT $1::uuid AS id',
  ViewerUser: 'SELECT "userId" AS id FROM "Membership" WHERE "companyId" = $1 LIMIT 1',
};

/** What administrators of the platform read. */
const PLATFORM = ['Job', 'JobQueue', 'ManagedCompany', 'SigningKey'];

let world: World;
let company: Record<'Acme' | 'Globex', string>;
let employees: [string, string];
let companies: [string, string];

beforeAll(async () => {
  world = await openWorld();
  const found = await rowsOf(world, 'SELECT id, name FROM "Company"');
  const idOf = (name: string) => found.find((row) => row.name === name).id;
  company = { Acme: idOf('Acme'), Globex: idOf('Globex') };
  companies = [globalId('ManagedCompany', company.Acme), globalId('ManagedCompany', company.Globex)];
  await world.signIn('company_admin', 'globex');
  await rowsOfWaysIn(world);
  const two = await rowsOf(world, 'SELECT id FROM "Employee" WHERE "companyId" = $1 LIMIT 2', [company.Acme]);
  employees = two.map(({ id }) => globalId('Employee', id)) as [string, string];
});
afterAll(() => world?.end());

const read = async (
  query: string,
  variables: object,
  role: string,
): Promise<Pick<Answer, 'data' | 'errors'>> => {
  const { data, errors } = await world.ask(query, variables, await world.signIn(role));
  return { data, errors };
};
const readNode = (id: string, role = 'company_admin') =>
  read('query ($id: ID!) { node(id: $id) { id } }', { id }, role);
const readNodes = (ids: string[], role = 'company_admin') =>
  read('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids }, role);

/** The key of an object of this type in a company; undefined where the demo has none. */
async function keyIn(name: string, companyId: string): Promise<string | undefined> {
  const model = modelOf(schema.getType(name) as never);
  const table = model === 'Company' ? `"Company" WHERE id = $1` : `"${model}" WHERE "companyId" = $1`;
  const [row] = await rowsOf(world, idsOfUsers[name] ?? `SELECT id FROM ${table} LIMIT 1`, [companyId]);
  return row?.id;
}

/** An id of the type's form that no object has. */
const missingKey = (name: string) =>
  name === 'AuditEvent' ? `${company.Acme}/999999999` : crypto.randomUUID();

describe.each(names)('node and nodes with an id of %s', (name) => {
  const isOfPlatform = PLATFORM.includes(name);
  const role = isOfPlatform ? 'super_admin' : 'company_admin';
  const neighbours = () => (isOfPlatform ? companies : employees);

  it('answer null in its place for an object that does not exist [B4]', async () => {
    const id = globalId(name, missingKey(name));
    expect(await readNode(id, role)).toEqual({ data: { node: null }, errors: undefined });
    const [first, last] = neighbours();
    expect(await readNodes([first, id, last], role)).toEqual({
      data: { nodes: [{ id: first }, null, { id: last }] },
      errors: undefined,
    });
  });

  it.skipIf(isOfPlatform)(
    'answer null in its place for an object of another company or user [B4]',
    async () => {
      const key = (await keyIn(name, company.Globex)) ?? missingKey(name);
      const [first, last] = neighbours();
      expect(await readNode(globalId(name, key))).toEqual({ data: { node: null }, errors: undefined });
      expect(await readNodes([globalId(name, key), first, last])).toEqual({
        data: { nodes: [null, { id: first }, { id: last }] },
        errors: undefined,
      });
    },
  );

  it('answer null in its place for the key of an object of another type, and for text that is no key [B4]', async () => {
    const [first] = neighbours();
    const other = name === 'Employee' ? 'Branch' : 'Employee';
    for (const key of [await keyIn(other, company.Acme), 'x', `${company.Acme}/x`, '/'])
      expect(await readNodes([first, globalId(name, String(key))], role), key).toEqual({
        data: { nodes: [{ id: first }, null] },
        errors: undefined,
      });
  });

  it('answer a caller without the permission alike, whether or not the object exists [B4]', async () => {
    const existing = await keyIn(name, company.Acme);
    const [answer, nothing] = [existing ?? missingKey(name), missingKey(name)].map((key) =>
      globalId(name, key),
    );
    const found = await readNode(answer as string, 'client');
    // the company and what belongs to every user
    if (found.data.node !== null) return;
    expect(found).toEqual(await readNode(nothing as string, 'client'));
    expect(await readNodes([answer as string], 'client')).toEqual(
      await readNodes([nothing as string], 'client'),
    );
  });
});

describe('node and nodes', () => {
  it('have objects of another company in this test, for all types but six [B4]', async () => {
    const missing: string[] = [];
    for (const name of names) if (!(await keyIn(name, company.Globex))) missing.push(name);
    expect(missing.sort()).toEqual(['Job', 'Passkey', 'PayrollItem', 'PayrollRun', 'Role', 'SigningKey']);
  });

  it('answer null in its place for an employee outside of the access scope [B4]', async () => {
    const role = 'branch_manager';
    const { data } = await read('{ employees(first: 1) { edges { node { id } } } }', {}, role);
    const inside = data.employees.edges[0].node.id;
    const all = await rowsOf(world, 'SELECT id FROM "Employee" WHERE "companyId" = $1', [company.Acme]);
    const ids = all.map(({ id }) => globalId('Employee', id));
    const covered = await read('{ employees(first: 100) { edges { node { id } } } }', {}, role);
    const visible = new Set(
      covered.data.employees.edges.map((edge: { node: { id: string } }) => edge.node.id),
    );
    expect(visible.size).toBeLessThan(ids.length);
    expect(await readNodes([...ids, inside], role)).toEqual({
      data: { nodes: [...ids, inside].map((id) => (visible.has(id) ? { id } : null)) },
      errors: undefined,
    });
  });

  it('answer FORBIDDEN in its place for a type that the caller may not read, beside other objects [B4]', async () => {
    const member = globalId('Member', crypto.randomUUID());
    const staff = await read('{ employees(first: 1) { edges { node { id } } } }', {}, 'staff');
    const own = staff.data.employees.edges[0].node.id;
    const answer = await readNodes([own, member], 'staff');
    expect(answer.data).toEqual({ nodes: [{ id: own }, null] });
    expect(answer.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['nodes', 1], 'FORBIDDEN'],
    ]);
  });

  it.each([
    ['no base64', '%%%'],
    ['text without a type', 'garbage'],
    ['empty', ''],
    ['of a type that does not exist', globalId('Nothing', 'x')],
    ['of a type that is no object', globalId('Severity', 'x')],
    ['of a type without an id', globalId('PageInfo', 'x')],
    ['of a name that every JavaScript object has', globalId('constructor', 'x')],
  ])('reject an id that is %s, both with INVALID_INPUT [B4]', async (_form, id) => {
    const [first] = employees;
    const [one, many] = [await readNode(id), await readNodes([first, id])];
    expect(one.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'INVALID_INPUT', fields: { id: 'expected an id that this server gave' } },
    ]);
    expect(many.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'INVALID_INPUT', fields: { ids: 'expected an id that this server gave' } },
    ]);
  });
});
