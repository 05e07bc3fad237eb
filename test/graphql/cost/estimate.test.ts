import { buildSchema, getOperationAST, parse } from 'graphql';
import { describe, expect, it, test } from 'vitest';
import { estimatedCost } from '../../../src/graphql/cost/limit.ts';
import { limits } from '../../../src/graphql/limits/limits.ts';
import { toySchema, toyServer } from '../../support/server/toy-server.ts';

const { ask } = toyServer();
const schema = toySchema();
const cost = (query: string, variableValues = {}) =>
  estimatedCost({ schema, document: parse(query), variableValues });
const page = (size: string) => `things(${size}) { edges { node { id name } } }`;

async function isAccepted(query: string, variables?: object) {
  const response = await ask(query, variables);
  expect(response.json().errors?.[0].extensions.code).not.toBe('QUERY_TOO_COMPLEX');
}

async function isRefused(query: string, variables: object | undefined, estimated: unknown) {
  const response = await ask(query, variables);
  expect(response.statusCode).toBe(400);
  const code = 'QUERY_TOO_COMPLEX';
  expect(response.json().errors[0].extensions).toEqual({ code, cost: { estimated, limit: limits.cost } });
  expect(response.json()).not.toHaveProperty('data');
}

describe('an operation over the largest cost', () => {
  const largest = limits.cost - 1; // beside the connection

  test('is refused by a literal page size, one smaller is executed [H4]', async () => {
    await isAccepted(`{ ${page(`first: ${largest}`)} }`);
    await isRefused(`{ ${page(`first: ${largest + 1}`)} }`, undefined, limits.cost + 1);
  });

  test.each(['first', 'last'])('is refused by `%s` in a variable, and accepted again [H4]', async (name) => {
    const query = `query($n: Int) { ${page(`${name}: $n`)} }`;
    await isAccepted(query, { n: largest });
    await isRefused(query, { n: largest + 1 }, limits.cost + 1);
    await isAccepted(query, { n: largest });
  });

  test('is refused by the default of a variable, and by the larger of `first` and `last` [H4]', async () => {
    const over = limits.cost + 1;
    await isRefused(`query($n: Int = ${largest + 1}) { ${page('first: $n')} }`, {}, over);
    await isRefused(`query($n: Int) { ${page('first: 1, last: $n')} }`, { n: largest + 1 }, over);
  });

  test('is refused before anything is executed, with its cost in the message [H4]', async () => {
    const query = `query($n: Int) { fail(how: "bug") ${page('first: $n')} }`;
    const [error, ...others] = (await ask(query, { n: 5000 })).json().errors;
    expect(error.message).toBe(
      'The operation costs up to 5001, more than 2000; request smaller pages or fewer lists.',
    );
    expect(others).toEqual([]);
  });

  test('is refused as a subscription [H4]', async () => {
    const query = 'subscription($n: Int) { page(first: $n) { edges { node { id } } } }';
    const stream = await ask(query, { n: 1e6 }, { accept: 'text/event-stream' });
    expect(stream.payload).toContain('"code":"QUERY_TOO_COMPLEX"');
  });
});

describe('the estimate', () => {
  test.each([
    ['{ hello }', 0],
    ['{ __typename }', 0],
    ['{ deep { leaf } }', 1],
    ['{ slow }', 3],
    ['{ a: slow b: slow }', 6],
    ['{ all { id } }', 10],
    ['{ all { parts { id } } }', 110],
    ['{ things { edges { node { id } } } }', 21],
    ['{ things(first: 3) { edges { node { id } } totalCount } }', 14],
    ['{ things(first: 3) { totalCount } }', 11],
    ['{ things(first: 0) { edges { node { id } } } }', 1],
    ['{ things(first: null, last: null) { edges { node { id } } } }', 21],
    ['{ things(first: 2) { edges { node { things(first: 3) { edges { node { id } } } } } } }', 11],
    ['{ named(ids: ["a", "b"]) { things { totalCount } } }', 24],
    ['{ named(ids: "a") { id } }', 1],
    [
      '{ ...F } fragment F on Query { things(first: 2) { ...G } } fragment G on ThingConnection { edges { node { id } } }',
      3,
    ],
    ['{ slow @skip(if: true) deep @include(if: false) { leaf } }', 0],
    ['{ slow @skip(if: false) deep @include(if: true) { leaf } }', 4],
    ['{ ... @skip(if: true) { slow } ...F @include(if: false) } fragment F on Query { slow }', 0],
    ['mutation { write(text: "a") }', 10],
    ['mutation { a: write(text: "a") b: write(text: "b") }', 20],
    ['{ __schema { types { name fields { name } } } }', 100],
    ['{ a: __type(name: "Query") { name } b: __type(name: "Thing") { name } }', 200],
  ])('of %s is %i [H3]', (query, expected) => expect(cost(query)).toBe(expected));

  const paged = 'query($n: Int) { things(first: $n) { edges { node { id } } } }';
  test.each([
    [{ n: 7 }, 8],
    [{ n: null }, 21],
    [{}, 21],
    [{ n: -5 }, 1],
    [{ n: Number.NaN }, 21],
    [{ n: Number.POSITIVE_INFINITY }, 1e9 + 1],
    [{ n: 1e300 }, 1e9 + 1],
    [{ n: '7' }, 2],
  ])('takes the page size from %j [H3]', (variables, expected) =>
    expect(cost(paged, variables)).toBe(expected),
  );

  it('takes a directive’s condition from a variable, and counts the field where it is none [H3]', () => {
    const query = 'query($if: Boolean! = false) { slow @include(if: $if) deep @skip(if: $if) { leaf } }';
    expect([cost(query, { if: true }), cost(query, { if: false }), cost(query)]).toEqual([3, 1, 1]);
    expect(cost('query($if: Boolean!) { slow @skip(if: $if) }', { if: 'no' })).toBe(3);
  });

  it('counts the items of a list in a variable, and of one with a variable in it [H3]', () => {
    expect(cost('query($ids: [ID!]!) { named(ids: $ids) { id } }', { ids: Array(7).fill('x') })).toBe(7);
    expect(cost('query($id: ID!) { named(ids: [$id, "b"]) { id } }', { id: 'a' })).toBe(2);
  });

  it('stays a number for pages of pages of any size [H3]', () => {
    const inner = (depth: number): string =>
      depth === 0 ? 'id' : `things(first: 2147483647) { edges { node { ${inner(depth - 1)} } } }`;
    const estimated = cost(`{ ${inner(30)} }`);
    expect(Number.isFinite(estimated)).toBe(true);
    expect(estimated).toBeGreaterThan(1e100);
  });

  it.each([
    ['fixed', ''],
    ['a variable’s', '@include(if: $if)'],
  ])('counts fragments that double each other forty times once each, with %s cost [H3]', (_what, use) => {
    const doubling = Array.from(
      { length: 40 },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
    ).join(' ');
    const last = `fragment F40 on Query { deep ${use} { leaf } }`;
    expect(cost(`query($if: Boolean = true) { ...F0 } ${doubling} ${last}`)).toBe(2 ** 40);
  });

  it('counts the fields of an interface and of its types [H3]', () => {
    const document = parse('{ n { ns { id } ... on T { ns { id } } } }');
    const own = buildSchema(
      'type Query { n: N } interface N { ns: [N] id: ID } type T implements N { ns: [N] id: ID }',
    );
    expect(getOperationAST(document)).toBeTruthy();
    expect(estimatedCost({ schema: own, document })).toBe(21);
  });
});
