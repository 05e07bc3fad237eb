import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { documentCache } from '../../src/graphql/document/cache.ts';
import { nodesOf, parseDocument } from '../../src/graphql/document/parse.ts';
import { limits } from '../../src/graphql/limits/limits.ts';
import { toyServer } from '../support/server/toy-server.ts';

/** A server whose cache tells which documents it was given to keep. */
function observed() {
  const cache = documentCache();
  const kept: string[] = [];
  const keep: typeof cache.keep = (text, document) => {
    if (!cache.holds(document)) kept.push(text);
    cache.keep(text, document);
  };
  return { cache, kept, ...toyServer({ documents: { ...cache, keep } }) };
}
const AUTHENTICATED = { authorization: 'Bearer of-a-member' };
/** About 2 KB, different for each number. Validation is quadratic in fields of one name. */
const large = (number: number) =>
  `query Q${number} { ${Array.from({ length: 100 }, () => 'hello ').join('')} deep { leaf } echo(text: "${'x'.repeat(1_300)}") }`;

describe('the document cache', () => {
  test('[S2] caches none of 1,000 distinct anonymous documents of 2 KB', async () => {
    const { ask, cache, kept } = observed();
    for (let number = 0; number < 1_000; number++) {
      const response = await ask(large(number));
      expect(response.statusCode).toBe(200);
    }
    expect(kept).toEqual([]);
    expect(cache.get(large(0))).toBeUndefined();
  });

  test.each([
    ['a syntax error', '{ hello'],
    ['an unknown field', '{ goodbye }'],
    ['too many tokens', `{ ${'hello '.repeat(limits.tokens)} }`],
    ['too high a cost', '{ things(first: 5000) { edges { node { things(first: 100) { totalCount } } } } }'],
  ])('[S2] caches no document with %s, also of authenticated actors', async (_what, query) => {
    const { ask, kept } = observed();
    expect((await ask(query, undefined, AUTHENTICATED)).json().errors).toHaveLength(1);
    expect(kept).toEqual([]);
  });

  test('[S2] keeps a valid document that an authenticated actor executes a second time, and reuses it for anonymous clients', async () => {
    const { ask, cache, kept } = observed();
    const query = '{ hello }';
    await ask(query, undefined, AUTHENTICATED);
    expect(cache.get(query)).toBeUndefined();
    for (let time = 0; time < 3; time++) await ask(query, undefined, AUTHENTICATED);
    expect(cache.get(query)).toBeDefined();
    expect((await ask(query)).json()).toEqual({ data: { hello: 'world' } });
    expect(kept).toEqual([query, query]);
  });

  test('[F6] keeps none of 1,000 distinct documents of an authenticated actor, and drops no other for them', async () => {
    const { ask, cache } = observed();
    const used = '{ hello }';
    for (let time = 0; time < 2; time++) await ask(used, undefined, AUTHENTICATED);
    for (let number = 0; number < 1_000; number++) await ask(large(number), undefined, AUTHENTICATED);
    expect([large(0), large(999)].map((text) => cache.get(text))).toEqual([undefined, undefined]);
    expect(cache.get(used)).toBeDefined();
  });

  test('keeps subscriptions of authenticated actors [S2]', async () => {
    const { ask, kept } = observed();
    const query = 'subscription { ticks(upTo: 1) }';
    await ask(query, undefined, { ...AUTHENTICATED, accept: 'text/event-stream' });
    expect(kept).toEqual([query]);
  });

  test('[F1] is bounded by AST nodes, and drops the document used longest ago', () => {
    const cache = documentCache(30);
    const documents = ['{ a { b c } }', '{ d { e f } }', '{ g { h i } }'];
    const nodes = nodesOf(parse(documents[0] as string)).length;
    expect(nodes).toBe(10);
    const keep = (text: string) => {
      for (let time = 0; time < 2; time++) cache.keep(text, parse(text));
    };
    for (const text of documents) keep(text);
    expect(documents.map((text) => cache.get(text) !== undefined)).toEqual([true, true, true]);
    cache.get(documents[0] as string);
    keep('{ j { k l } }');
    expect(documents.map((text) => cache.get(text) !== undefined)).toEqual([true, false, true]);
    const tooLarge = `{ ${'a '.repeat(30)} }`;
    keep(tooLarge);
    expect(cache.get(tooLarge)).toBeUndefined();
  });
});

describe('a parsed document', () => {
  test('[F1] has no locations, so none of its tokens', () => {
    expect(nodesOf(parseDocument('{ hello deep { leaf } }', limits)).every(({ loc }) => !loc)).toBe(true);
  });

  test('[S2] is counted before the parser runs: a syntax error beyond the token limit is not reached', async () => {
    const { ask } = observed();
    const response = await ask(`} ${'hello '.repeat(limits.tokens)}`);
    expect(response.json().errors[0].extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
  });

  test('keeps the locations of syntax and validation errors [F1]', async () => {
    const { ask } = observed();
    const locations = async (query: string) => (await ask(query)).json().errors[0].locations;
    expect(await locations('{ hello')).toEqual([{ line: 1, column: 8 }]);
    expect(await locations('{\n  goodbye }')).toEqual([{ line: 2, column: 3 }]);
    expect(await locations('query ($a: Int, $a: Int) { echo(number: $a) }')).toHaveLength(2);
  });
});

describe('[P2] directives', () => {
  const directives = (count: number) => `{ hello ${'@unknown '.repeat(count)} }`;

  test('of one field beyond the limit are refused with one error', async () => {
    const { ask } = observed();
    const { errors } = (await ask(directives(10))).json();
    expect(errors).toHaveLength(1);
    expect(errors[0].extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
  });

  test('of one field within the limit are validated', async () => {
    const { ask } = observed();
    const response = await ask(`{ hello ${'@include(if: true) @skip(if: false)'} }`);
    expect(response.json()).toEqual({ data: { hello: 'world' } });
    const { errors } = (await ask(directives(limits.directivesPerNode))).json();
    expect(errors[0].extensions).toEqual({ code: 'BAD_REQUEST' });
  });
});
