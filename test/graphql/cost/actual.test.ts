import { getOperationAST, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it, test } from 'vitest';
import { costOf } from '../../../src/graphql/cost/operation-cost.ts';
import { toySchema } from '../../support/server/toy-server.ts';

const schema = toySchema();
function counted(query: string, data: unknown): number {
  const document = parse(query);
  return costOf(schema, document, getOperationAST(document) as OperationDefinitionNode).count(data);
}
const things = (count: number) => ({ edges: Array.from({ length: count }, () => ({ node: { id: 'a' } })) });

describe('the cost of an answer', () => {
  test.each([
    ['its leaves, which count nothing', '{ hello }', { hello: 'world' }, 0],
    ['a weighted leaf', '{ slow }', { slow: 'done' }, 3],
    ['an object', '{ deep { leaf } }', { deep: { leaf: null } }, 1],
    ['an object in an object', '{ deep { deep { leaf } } }', { deep: { deep: { leaf: 'a' } } }, 2],
    ['no object within', '{ deep { deep { leaf } } }', { deep: { deep: null } }, 1],
    ['three rows', '{ things { edges { node { id } } } }', { things: things(3) }, 4],
    ['no rows', '{ things(first: 100) { edges { node { id } } } }', { things: things(0) }, 1],
    [
      'rows of which one is null',
      '{ things { edges { node { id } } } }',
      { things: { edges: [{ node: null }, { node: { id: 'a' } }, null] } },
      2,
    ],
    ['a count', '{ things { totalCount } }', { things: { totalCount: 7 } }, 11],
    ['null for a list', '{ all { id } }', { all: null }, 1],
    ['a list of lists', '{ all { parts { id } } }', { all: [{ parts: [{ id: 1 }] }, { parts: null }] }, 3],
    ['aliases', '{ a: slow b: slow }', { a: 'done', b: 'done' }, 6],
    ['a skipped field', '{ slow @skip(if: true) hello }', { hello: 'world' }, 0],
    ['a failed field, which was executed', '{ slow hello }', { slow: null, hello: 'world' }, 3],
    ['no data, where each field was executed', '{ slow deep { leaf } }', null, 4],
    ['introspection', '{ __schema { types { name } } }', { __schema: { types: [{ name: 'A' }] } }, 100],
  ])('with %s [H3]', (_what, query, data, expected) => expect(counted(query, data)).toBe(expected));

  it('counts a field that fragments select again once [H3]', () => {
    const query = '{ things { ...A ...B ... on ThingConnection { edges { node { id } } } } }';
    const fragments = `fragment A on ThingConnection { edges { node { id parts { id } } } ...B }
      fragment B on ThingConnection { edges { node { parts { name } } } }`;
    const data = { things: { edges: [{ node: { id: 1, parts: [{ id: 2, name: 'b' }] } }] } };
    expect(counted(`${query} ${fragments}`, data)).toBe(3);
  });

  it('is compiled in linear time for fragments that double each other [H3]', () => {
    const doubling = Array.from(
      { length: 40 },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
    ).join(' ');
    expect(counted(`{ ...F0 } ${doubling} fragment F40 on Query { slow }`, { slow: 'done' })).toBe(3);
  });
});
