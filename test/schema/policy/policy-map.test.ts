import { GraphQLID, GraphQLNonNull, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { expect, test } from 'vitest';
import { roles } from '../../../src/auth/authorization/permissions.ts';
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

test('[R7] a line names the roles that hold its permission, and no other', () => {
  const schema = new GraphQLSchema({ mutation: root('Mutation', ['delete']) });
  const [line] = policyMap(schema);
  const mayRead = (permissions: readonly string[]) => permissions.includes('employee.read');
  const holding = Object.entries(roles).filter(([, { permissions }]) => mayRead(permissions));
  expect(line?.roles).toEqual(holding.map(([name]) => name));
  expect(line?.roles).toContain('view_only');
  expect(line?.roles).not.toContain('client');
});
