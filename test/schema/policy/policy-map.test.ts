import { GraphQLID, GraphQLNonNull, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { expect, test } from 'vitest';
import { policyMap } from '../../../src/schema/policy/policy-map.ts';

const rule = { extensions: { pothosOptions: { authScopes: { can: 'employee.read' } } } };
const Payload = new GraphQLObjectType({
  name: 'DeletePayload',
  fields: { id: { type: new GraphQLNonNull(GraphQLID) } },
});
const root = (name: string, fields: string[]) =>
  new GraphQLObjectType({
    name,
    fields: Object.fromEntries(fields.map((field) => [field, { type: Payload, ...rule }])),
  });

test('[E7] a payload has the rule of its own mutation', () => {
  const schema = new GraphQLSchema({ mutation: root('Mutation', ['delete']) });
  expect(policyMap(schema).map(({ field, access }) => [field, access])).toEqual([
    ['id', 'employee.read'],
    ['delete', 'employee.read'],
  ]);
});

test.each([
  ['a second mutation', { mutation: root('Mutation', ['delete', 'other']) }],
  ['a query', { mutation: root('Mutation', ['delete']), query: root('Query', ['delete']) }],
])('[E7] a payload that %s returns too stops the start', (_who, roots) => {
  expect(() => policyMap(new GraphQLSchema(roots))).toThrow('returns the payload of another mutation');
});
