import { describe, expect, test } from 'vitest';
import { limits } from '../../src/graphql/limits/limits.ts';
import { deepestBracket } from '../../src/graphql/request/params.ts';
import { toyServer } from '../support/server/toy-server.ts';

const { ask, app } = toyServer();
const development = toyServer({ config: { env: 'development' } });

async function isTaken(query: string, variables?: object) {
  const response = await ask(query, variables);
  expect(response.json().errors?.[0].extensions).not.toEqual({ code: 'QUERY_TOO_COMPLEX' });
  expect(response.statusCode).toBe(200);
}

async function isRefused(query: string, variables?: object) {
  const response = await ask(query, variables);
  expect(response.statusCode).toBe(400);
  expect(response.json().errors[0].extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
  expect(response.json()).not.toHaveProperty('data');
  expect(response.payload).not.toMatch(/\d/);
}

const nested = (levels: number) => `${'{ deep '.repeat(levels - 1)}{ leaf }${' }'.repeat(levels - 1)}`;
const repeat = (text: string, times: number) =>
  Array.from({ length: times }, (_, i) => text.replace('#', String(i))).join(' ');

describe('a document', () => {
  test('[H4] with the maximum of tokens is accepted, one more is refused', async () => {
    await isTaken(`{ ${repeat('hello', limits.tokens - 2)} }`);
    await isRefused(`{ ${repeat('hello', limits.tokens - 1)} }`);
  });

  test('[H4] of the maximum depth is accepted, one deeper is refused', async () => {
    await isTaken(nested(limits.depth));
    await isRefused(nested(limits.depth + 1));
  });

  test('[H4] counts depth through fragments', async () => {
    const half = `fragment F on Deep ${nested(7)}`;
    await isTaken(`{ deep { deep { deep { deep { ...F } } } } } ${half}`);
    await isRefused(`{ deep { deep { deep { deep { deep { deep { ...F } } } } } } } ${half}`);
  });

  test('[H4] with the maximum of aliases is accepted, one more is refused', async () => {
    await isTaken(`{ ${repeat('a#: hello', limits.aliases)} }`);
    await isRefused(`{ ${repeat('a#: hello', limits.aliases + 1)} }`);
  });

  test('[H4] cannot hide aliases behind __typename', async () => {
    await isRefused(`{ ${repeat('a#: __typename', limits.aliases + 1)} }`);
  });

  test('[H4] with the maximum of directives is accepted, one more is refused', async () => {
    await isTaken(`{ ${repeat('hello @include(if: true)', limits.directives)} }`);
    await isRefused(`{ ${repeat('hello @include(if: true)', limits.directives + 1)} }`);
  });

  test('[H4] of the maximum length is accepted, one character longer is refused', async () => {
    const fill = (length: number) => `{ hello } #${'x'.repeat(length - 11)}`;
    await isTaken(fill(limits.document));
    await isRefused(fill(limits.document + 1));
  });

  test('[H4] with brackets nested to the limit is parsed, one deeper is refused, and 900 do not overflow the stack', async () => {
    const lists = (depth: number) => `{ echo(list: ${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}) }`;
    const response = await ask(lists(limits.nesting));
    expect(response.json().errors[0].extensions.code).toBe('BAD_REQUEST');
    await isRefused(lists(limits.nesting + 1));
    await isRefused(lists(900));
  });

  test('[H4] with brackets in strings and comments is not refused for them', () => {
    expect(deepestBracket('{ a(x: "[[[[\\"[[") # [[[[\n b(y: """[[ "[[" \\""" [[""") }')).toBe(2);
  });

  test('[H4] with a fragment called __schema is limited in depth and cost', async () => {
    await isRefused(`{ deep { ...__schema } } fragment __schema on Deep ${nested(limits.depth)}`);
    const costly = '{ edges { node { things(first: 100) { edges { node { id name } } } } } }';
    const refused = await ask(`{ ...__schema } fragment __schema on Query { things(first: 100) ${costly} }`);
    expect(refused.json().errors[0].extensions.code).toBe('QUERY_TOO_COMPLEX');
  });

  test('[H4] with fragments that double each other is counted in linear time', async () => {
    const doubling = Array.from(
      { length: 40 },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
    ).join(' ');
    // counted one by one, 2 ** 40 fields would outlast the test
    await isRefused(`{ ...F0 } ${doubling} fragment F40 on Query { hello }`);
  });

  test('[H4] with the maximum of fields through fragments is accepted, one more is refused', async () => {
    const hundred = `fragment F on Query { ${repeat('hello', 100)} }`;
    const fields = (rest: number) =>
      `{ ${repeat('...F', limits.size / 100 - 1)} ${repeat('hello', rest)} } ${hundred}`;
    await isTaken(fields(100));
    await isRefused(fields(101));
  });

  test("[H4] with GraphiQL's introspection is within the limits, with nested introspection beyond", async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const query = getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true, oneOf: true });
    expect((await development.ask(query)).json().data.__schema.types.length).toBeGreaterThan(5);
    const deep =
      '{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }';
    expect((await development.ask(deep)).json()).toMatchObject({
      errors: [{ extensions: { code: 'BAD_REQUEST' } }],
    });
  });
});

describe('a subscription', () => {
  test.each([
    'subscription { ticks(upTo: 1) @skip(if: true) }',
    'subscription { ticks(upTo: 1) @include(if: false) }',
    'subscription ($no: Boolean = false) { ticks(upTo: 1) @include(if: $no) }',
    'subscription { ... @skip(if: true) { ticks(upTo: 1) } }',
    'subscription { ...F @skip(if: true) } fragment F on Subscription { ticks(upTo: 1) }',
    'subscription { ...F } fragment F on Subscription { ticks(upTo: 1) @skip(if: true) }',
  ])('[B1] refuses %s, which has no root field, as BAD_REQUEST', async (query) => {
    const answer = await ask(query, {}, { accept: 'text/event-stream' });
    expect(answer.statusCode).toBeLessThan(500);
    expect(answer.payload).toContain('"code":"BAD_REQUEST"');
  });

  test('[B1] takes @skip below the root field of a subscription', async () => {
    const query = 'subscription { page(first: 1) { totalCount @skip(if: true) edges { node { id } } } }';
    const answer = await ask(query, {}, { accept: 'text/event-stream' });
    expect(answer.payload).not.toContain('BAD_REQUEST');
  });
});

describe('input', () => {
  const wrapped = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);

  test('[H4] with the maximum of items is accepted, one more is refused', async () => {
    await isTaken('query($l: [Int!]) { echo(list: $l) }', { l: Array(limits.inputItems).fill(1) });
    await isRefused('query($l: [Int!]) { echo(list: $l) }', { l: Array(limits.inputItems + 1).fill(1) });
  });

  test('[H4] of the maximum number of names in an object is accepted, one more is refused', async () => {
    const names = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`name${index}`, 1]));
    await isTaken('{ hello }', { unused: names(limits.inputItems) });
    await isRefused('{ hello }', { unused: names(limits.inputItems + 1) });
  });

  test('[H4] of the maximum depth is accepted, one deeper is refused', async () => {
    await isTaken('{ hello }', wrapped(limits.inputDepth));
    await isRefused('{ hello }', wrapped(limits.inputDepth + 1));
  });

  test('[H4] in a body of the maximum size is accepted, one byte larger is 413', async () => {
    const body = (size: number) => `{"query":"{ hello }"${' '.repeat(size - 21)}}`;
    const send = (size: number) =>
      app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { 'content-type': 'application/json' },
        payload: body(size),
      });
    expect((await send(limits.body)).json()).toEqual({ data: { hello: 'world' } });
    const refused = await send(limits.body + 1);
    expect(refused.statusCode).toBe(413);
    expect(refused.json().errors[0].extensions).toEqual({ code: 'PAYLOAD_TOO_LARGE' });
  });

  test('[H4] in a batch is refused, also of one operation', async () => {
    const response = await app.inject({ method: 'POST', url: '/graphql', payload: [{ query: '{ hello }' }] });
    expect([response.statusCode, response.json().errors[0].extensions]).toEqual([
      400,
      { code: 'BAD_REQUEST' },
    ]);
  });
});
