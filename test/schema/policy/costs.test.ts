import { type GraphQLSchema, getNamedType, isLeafType, isListType, isObjectType } from 'graphql';
import { describe, expect, it, test } from 'vitest';
import { costDirectivesOf } from '../../../src/cost-directives.ts';
import { limits } from '../../../src/graphql/limits/limits.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import { declareCosts } from '../../../src/schema/policy/costs.ts';
import { toySchema } from '../../support/server/toy-server.ts';

const schema = buildSchema();
const fieldsOf = (of: GraphQLSchema) =>
  Object.values(of.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !type.name.startsWith('__')
      ? Object.values(type.getFields()).map((field) => ({ path: `${type.name}.${field.name}`, field }))
      : [],
  );
const directives = (path: string) => {
  const found = fieldsOf(schema).find((one) => one.path === path);
  return found && costDirectivesOf(found.field);
};
const nullable = (type: unknown): unknown => (type as { ofType?: unknown }).ofType ?? type;

describe('the cost of a field', () => {
  it('has a length wherever the field returns a list of objects or a connection [H3]', () => {
    const lists = fieldsOf(schema).filter(({ path, field }) => {
      const named = getNamedType(field.type);
      if (isLeafType(named) || path.endsWith('Connection.edges')) return false;
      return named.name.endsWith('Connection') || isListType(field.type) || isListType(nullable(field.type));
    });
    expect(lists.length).toBeGreaterThan(25);
    const unsized = lists.filter(({ field }) => !costDirectivesOf(field).listSize);
    expect(unsized.map(({ path }) => path)).toEqual([]);
  });

  const page = {
    assumedSize: 20,
    slicingArguments: ['first', 'last'],
    sizedFields: ['edges'],
    requireOneSlicingArgument: false,
  };
  test.each([
    ['Query.employees', { listSize: page }],
    ['Employee.attendance', { listSize: page }],
    ['Query.sessions', { listSize: page }],
    ['EmployeeConnection.edges', { cost: { weight: '0' } }],
    ['EmployeeConnection.totalCount', { cost: { weight: '10' } }],
    ['Employee.salary', { cost: { weight: '1' } }],
    ['Employee.name', {}],
    ['Mutation.updateEmployee', { cost: { weight: '10' } }],
    ['Mutation.signIn', { cost: { weight: '50' } }],
    ['Query.nodes', { listSize: { slicingArguments: ['ids'] } }],
    ['Query.viewer', {}],
  ])('%s is derived [H3]', (path, expected) => expect(directives(path)).toEqual(expected));

  it('is a whole number, since stores count whole points [H3]', () => {
    const weights = fieldsOf(schema).flatMap(({ field }) => costDirectivesOf(field).cost?.weight ?? []);
    expect(weights.filter((weight) => !/^\d+$/.test(weight))).toEqual([]);
  });

  it('lets no single list without arguments exceed the largest cost [H3]', () => {
    const sizes = fieldsOf(schema).map(({ field }) => costDirectivesOf(field).listSize?.assumedSize ?? 0);
    expect(Math.max(...sizes)).toBeLessThan(limits.cost);
  });

  it('refuses a schema with lists of objects of unknown length, by name [H3]', () => {
    expect(() => declareCosts(toySchema())).toThrow(
      /make each a connection, or give it `listSize`:\n(.+\n)*Query\.all\n(.+\n)*Thing\.parts/,
    );
  });
});
