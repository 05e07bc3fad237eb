import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLObjectType, getNamedType, isRequiredArgument } from 'graphql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { TenantPool } from '../../../src/db/tenant/pool.ts';
import { nodesOf } from '../../support/documents.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import { type Answer, openWorld, type World } from '../../support/server/world.ts';

const schema = buildSchema(readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8'));
const connections = Object.values(schema.getQueryType()?.getFields() ?? {})
  .filter(({ type }) => 'totalCount' in ((getNamedType(type) as GraphQLObjectType).getFields?.() ?? {}))
  .filter(({ args }) => !args.some(isRequiredArgument))
  .map(({ name }) => name);

let world: World;
const tokens: string[] = [];
beforeAll(async () => {
  world = await openWorld();
  tokens.push(await world.signIn('company_admin'), await world.signIn('external_auditor'));
  tokens.push(await world.signIn('super_admin'));
});
afterAll(() => world?.end());

const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code ?? 'ok';
const document = (name: string, args: string) =>
  `query ${args.includes('$cursor') ? '($cursor: String)' : ''} { ${name}(${args}) { edges { cursor node { __typename } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }`;

type Edge = { cursor: string };
type Page = {
  edges: Edge[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  totalCount: number;
};

/** Asks as the first of three administrators who may read the list. */
async function pageOf(name: string, args: string, cursor?: string): Promise<Page> {
  for (const token of tokens) {
    const { data } = await world.ask(document(name, args.replace('$', '$cursor')), { cursor }, token);
    if (data) return data[name];
  }
  throw new Error(`no administrator may read ${name}`);
}

describe.each(connections)('%s', (name) => {
  test('[B3] gives the same rows by pages of two, forwards and backwards, as at once', async () => {
    const whole = (await pageOf(name, 'first: 20')).edges.map(({ cursor }) => cursor);
    const forwards: string[] = [];
    for (let after: string | undefined; forwards.length < whole.length; after = forwards.at(-1)) {
      const { edges } = await pageOf(name, after ? 'first: 2, after: $' : 'first: 2', after);
      if (edges.length === 0) break;
      forwards.push(...edges.map(({ cursor }) => cursor));
    }
    expect(forwards.slice(0, whole.length)).toEqual(whole);
    const backwards: string[] = [];
    for (let before = whole.at(-1); before; before = backwards[0]) {
      const { edges } = await pageOf(name, 'last: 2, before: $', before);
      if (edges.length === 0) break;
      backwards.unshift(...edges.map(({ cursor }) => cursor));
    }
    expect(backwards).toEqual(whole.slice(0, -1));
  });

  test('[B5] refuses first with last, negative counts and counts over 100', async () => {
    for (const args of ['first: 3, last: 2', 'first: -1', 'last: -1', 'first: 101', 'last: 101'])
      for (const token of tokens) {
        const code = codeOf(await world.ask(document(name, args), {}, token));
        expect([args, code]).toEqual([args, expect.stringMatching(/^(INVALID_INPUT|FORBIDDEN)$/)]);
      }
    expect((await pageOf(name, 'first: 0')).edges).toEqual([]);
  });

  test('[B3] refuses text that is no cursor of it', async () => {
    for (const cursor of ['x', '', btoa('["id"]'), btoa('null'), 'GPC:J:["x"]'])
      await expect(pageOf(name, 'first: 1, after: $', cursor)).rejects.toThrow('no administrator');
  });
});

describe('a page', () => {
  /** The numbers of rows that the statements of a query ask PostgreSQL for. */
  async function limitsOf(query: string): Promise<number[]> {
    const spy = vi.spyOn(TenantPool.prototype, 'query');
    const answer = await world.ask(query, {}, tokens[0]);
    const texts = spy.mock.calls.map(([statement]) => (statement as { text?: string }).text ?? '');
    spy.mockRestore();
    expect(codeOf(answer)).toBe('ok');
    return texts.flatMap((text) => [...text.matchAll(/LIMIT (\d+)/g)].map(([, rows]) => Number(rows)));
  }
  const nested = (inner: string) =>
    `{ departments(first: 4) { edges { node { employees(first: 3) { edges { node { name } } ${inner} } } } } }`;

  test('reads no row beyond its own where no `pageInfo` is selected', async () => {
    expect(await limitsOf(nested(''))).toEqual([3, 4]);
  });

  test.each([
    ['of one of its lists', nested('pageInfo { hasNextPage }')],
    ['in a fragment', `${nested('...page')} fragment page on EmployeeConnection { pageInfo { endCursor } }`],
    [
      'in a field that merges with one that has none',
      `${nested('').slice(0, -1)} ${nested('pageInfo { endCursor }').slice(1)}`,
    ],
  ])('reads one row more where `pageInfo` is selected %s', async (_where, query) => {
    expect(await limitsOf(query)).toEqual([4, 5]);
  });

  test('says whether others follow after a request that did not ask for it', async () => {
    const page = '{ employees(first: 1) { edges { node { name } }';
    await world.ask(`${page} } }`, {}, tokens[0]);
    const { data } = await world.ask(`${page} pageInfo { hasNextPage } } }`, {}, tokens[0]);
    expect(data.employees.pageInfo.hasNextPage).toBe(true);
  });
});

describe('a cursor', () => {
  const list = (order: string, args: string) =>
    `query ${args.includes('$after') ? '($after: String)' : ''} { employees(order: { field: ${order} }, ${args}) { edges { cursor node { id name } } } }`;

  test.each(['NAME', 'STARTED_ON', 'CREATED_AT'])(
    '[B3] by %s stands for its place after its row was deleted',
    async (order) => {
      const hr = await world.signIn('hr_admin');
      const place = nodesOf(
        (await world.ask('{ departments { edges { node { id branch { id } } } } }', {}, hr)).data.departments,
      )[0];
      const input = {
        departmentId: place.id,
        branchId: place.branch.id,
        name: `B ${crypto.randomUUID()}`,
        email: `${crypto.randomUUID()}@acme.example`,
        startedOn: '2020-01-01',
      };
      const create =
        'mutation ($input: CreateEmployeeInput!) { createEmployee(input: $input) { employee { id } } }';
      const { id } = (await world.ask(create, { input }, hr)).data.createEmployee.employee;
      const before = (await world.ask(list(order, 'first: 100'), {}, hr)).data.employees.edges;
      const at = before.findIndex(({ node }: { node: { id: string } }) => node.id === id);
      const deletion =
        'mutation ($id: ID!) { deleteEmployee(input: { employeeId: $id }) { deletedEmployeeId } }';
      expect(codeOf(await world.ask(deletion, { id }, hr))).toBe('ok');
      const after = await world.ask(
        list(order, 'first: 100, after: $after'),
        { after: before[at].cursor },
        hr,
      );
      expect(after.data.employees.edges).toEqual(before.slice(at + 1));
    },
  );

  test.each([
    ['NAME', 'STARTED_ON'],
    ['STARTED_ON', 'CREATED_AT'],
  ])('[B3] of the order %s is refused with INVALID_INPUT for the order %s', async (order, another) => {
    const hr = await world.signIn('hr_admin');
    const [first] = (await world.ask(list(order, 'first: 1'), {}, hr)).data.employees.edges;
    const other = await world.ask(list(another, 'first: 1, after: $after'), { after: first.cursor }, hr);
    expect(other.errors?.[0]?.extensions).toEqual({
      code: 'INVALID_INPUT',
      fields: { after: 'expected a cursor of this connection in the same order' },
    });
  });
});

describe('names', () => {
  const NAMES = ['Zoe', 'anna', 'Émile', 'Emil', 'Ärne', 'bernd', 'Emily', 'anna-lena', 'Anna'];
  const ORDERED = ['anna', 'Anna', 'anna-lena', 'Ärne', 'bernd', 'Emil', 'Émile', 'Emily', 'Zoe'];
  const page = async (args: string, variables: object = {}) => {
    const head = args.includes('$at') ? '($at: String)' : '';
    const document = `query ${head} { employees(filter: { name: "Collated" }, ${args}) { edges { cursor node { name } } } }`;
    const edges = (await world.ask(document, variables, tokens[0])).data.employees.edges;
    return edges as { cursor: string; node: { name: string } }[];
  };
  const first = ({ node }: { node: { name: string } }) => node.name.replace(' Collated', '');
  beforeAll(async () => {
    const [place] = nodesOf(
      (await world.ask('{ departments(first: 1) { edges { node { id branch { id } } } } }', {}, tokens[0]))
        .data.departments,
    );
    for (const name of NAMES) {
      const input = {
        ...{ departmentId: place.id, branchId: place.branch.id, startedOn: '2020-01-01' },
        ...{ name: `${name} Collated`, email: `${crypto.randomUUID()}@acme.example` },
      };
      const create =
        'mutation ($input: CreateEmployeeInput!) { createEmployee(input: $input) { employee { id } } }';
      expect(codeOf(await world.ask(create, { input }, tokens[0]))).toBe('ok');
    }
  });

  test('come in the order of their letters, whatever their case and accents [B22]', async () => {
    expect((await page('first: 20')).map(first)).toEqual(ORDERED);
    expect((await page('order: { field: NAME, direction: DESC }, first: 20')).map(first)).toEqual(
      ORDERED.toReversed(),
    );
  });

  test('come in the same order by pages of two, forwards and backwards [B22]', async () => {
    const forwards: string[] = [];
    for (let edges = await page('first: 2'); edges.length > 0; ) {
      forwards.push(...edges.map(first));
      edges = await page('first: 2, after: $at', { at: edges.at(-1)?.cursor });
    }
    expect(forwards).toEqual(ORDERED);
    const backwards: string[] = [];
    for (let edges = await page('last: 2'); edges.length > 0; ) {
      backwards.unshift(...edges.map(first));
      edges = await page('last: 2, before: $at', { at: edges[0]?.cursor });
    }
    expect(backwards).toEqual(ORDERED);
  });

  test('are read in that order from an index [B22]', async () => {
    const plan = await asOwner(world.database.ownerUrl, async (db) => {
      await db.query('SET enable_seqscan = off');
      const sql = `EXPLAIN SELECT id FROM "Employee" WHERE "companyId" = $1 AND name >= $2 ORDER BY name, id LIMIT 2`;
      return (await db.query(sql, [crypto.randomUUID(), 'anna'])).rows.map((row) => row['QUERY PLAN']);
    });
    expect(plan.join()).toContain('Employee_companyId_name_id_idx');
    expect(plan.join()).not.toContain('Sort');
  });
});
