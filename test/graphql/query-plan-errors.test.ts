import { buildSchema, type GraphQLSchema, graphql, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { openQueryPlan } from '../../src/graphql/query-plan/query-plan.ts';
import { useOf } from '../../src/shortcuts.ts';

const SDL = `
  type Query { one: Item must: Item! items: [Item] firm: [Item!] name: String }
  type Item { id: ID! name: String item: Item must: Item! }`;

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const later = (error: Error) => Promise.resolve().then(() => Promise.reject(error));

/** A schema of which some fields fail, and how often one of its resolvers was called. */
function failing(resolvers: Record<string, () => unknown>) {
  const schema: GraphQLSchema = buildSchema(SDL);
  const calls: string[] = [];
  for (const [name, resolve] of Object.entries(resolvers)) {
    const [type = '', field = ''] = name.split('.');
    const found = schema.getType(type);
    if (!found || !('getFields' in found)) throw new Error(`no type ${type}`);
    Object.assign(found.getFields()[field] as object, {
      resolve: () => {
        calls.push(name);
        return resolve();
      },
    });
  }
  return { schema, calls };
}

/** The answers of the plan and of graphql's executor, as they are sent. */
async function answersOf(resolvers: Record<string, () => unknown>, query: string) {
  const { schema, calls } = failing(resolvers);
  const use = useOf('queryPlan');
  const { execute } = openQueryPlan(schema, use);
  const plan = await execute({ schema, document: parse(query), contextValue: { actor: null } });
  const asked = calls.splice(0);
  const executor = await graphql({ schema, source: query, contextValue: { actor: null } });
  return { plan: sent(plan), executor: sent(executor), asked, calledByExecutor: calls, use };
}
const sent = (result: object | null) => JSON.parse(JSON.stringify(result));

const item = () => ({ id: 'a' });
const two = () => [{ id: 'a' }, { id: 'b' }];

describe('[F7] a field that fails in a query plan', () => {
  test.each<[what: string, resolvers: Record<string, () => unknown>, query: string]>([
    ['at the root', { 'Query.name': () => later(refused) }, '{ name }'],
    ['at the root, where null may not stand', { 'Query.must': () => later(refused) }, '{ must { id } name }'],
    [
      'at once',
      {
        'Query.one': item,
        'Item.name': () => {
          throw refused;
        },
      },
      '{ one { id name } }',
    ],
    ['in a list', { 'Query.items': two, 'Item.name': () => later(refused) }, '{ items { id n: name } }'],
    [
      'below a list of firm items',
      { 'Query.firm': two, 'Item.must': () => later(refused) },
      '{ firm { id must { id } } }',
    ],
    [
      'below items that may be null',
      { 'Query.items': two, 'Item.must': () => later(refused) },
      '{ items { id must { id } } }',
    ],
    [
      'deep in objects',
      { 'Query.one': item, 'Item.item': item, 'Item.must': () => later(refused) },
      '{ one { item { id must { id } } } name }',
    ],
    [
      'beside another',
      { 'Query.one': () => later(refused), 'Query.name': () => later(new Error('bug')) },
      '{ one { id } name }',
    ],
    [
      'with a refusal',
      { 'Query.name': () => later(new AppError('NOT_FOUND', 'Not found.')) },
      '{ name one { id } }',
    ],
    ['with a value of the wrong type', { 'Query.name': () => ({}) }, '{ name }'],
  ])('%s gives the executor’s answer, and is resolved once', async (_what, resolvers, query) => {
    const { plan, executor, asked, calledByExecutor, use } = await answersOf(resolvers, query);
    expect(executor.errors.length).toBeGreaterThan(0);
    expect(plan).toEqual(executor);
    expect(use).toMatchObject({ used: 1 });
    expect(asked.toSorted()).toEqual(calledByExecutor.toSorted());
  });

  test('keeps the error behind it, for the mask and the audit log', async () => {
    const { schema } = failing({ 'Query.name': () => later(refused) });
    const answer = await openQueryPlan(schema).execute({
      schema,
      document: parse('{ name }'),
      contextValue: { actor: null },
    });
    expect(answer?.errors?.[0]?.originalError).toBe(refused);
  });
});

describe('a query plan', () => {
  test.each([
    ['directive', '{ name @skip(if: false) }'],
    ['type', '{ __schema { types { name } } }'],
    ['operation', 'mutation { name }'],
    ['null', '{ must { id } }'],
  ] as const)('leaves to the executor, and counts, an unsupported %s', async (reason, query) => {
    const { schema } = failing({ 'Query.must': () => null });
    const use = useOf('queryPlan');
    const { execute } = openQueryPlan(schema, use);
    expect(await execute({ schema, document: parse(query), contextValue: { actor: null } })).toBeNull();
    expect(use.used).toBe(0);
    expect(use.fallbacks[reason]).toBe(1);
  });
});
