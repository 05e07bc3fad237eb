import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '../../../src/schema/index.ts';
import { selfRights } from '../../../src/schema/policy/self-rights.ts';

/** Extensions as Pothos and the rules of the schema leave them. */
const ruled = (rule: object) => ({ pothosOptions: { authScopes: Object.assign(() => rule, { rule }) } });

/** A schema with one type of this model, whose field has this rule. */
function schemaOf(model: string | null, rule: object): GraphQLSchema {
  const type = new GraphQLObjectType({
    name: 'Thing',
    extensions: { ...(model && { pothosPrismaModel: model }), ...ruled({ can: 'employee.write' }) },
    fields: { value: { type: GraphQLString, extensions: ruled(rule) } },
  });
  return new GraphQLSchema({ types: [type] });
}
const OF_ROWS = ['attendance.read', 'employee.read'];

test('[S4] owners of an employee’s record may read it, its attendance, salary and papers without the permissions', () => {
  const permissions = ['attendance.read', 'employee.identity.read', 'employee.read', 'employee.salary.read'];
  expect(selfRights(buildSchema())).toEqual(new Map([['Employee', permissions]]));
});

test('[S4] a field opens its permission to the owner of its row when its rule names both', () => {
  const both = schemaOf('Employee', { can: 'payroll.read', self: 'userId' });
  expect(selfRights(both)).toEqual(new Map([['Employee', [...OF_ROWS, 'payroll.read']]]));
});

test.each([
  ['only a permission', 'Employee', { can: 'payroll.read' }],
  ['only an owner', 'Employee', { self: 'userId', signedIn: true }],
  ['both, of a type without a model', null, { can: 'payroll.read', self: 'userId' }],
  ['both, of a model whose rows have no owner', 'Branch', { can: 'payroll.read', self: 'userId' }],
])('[S4] a field whose rule names %s opens nothing', (_what, model, rule) => {
  expect(selfRights(schemaOf(model, rule))).toEqual(new Map([['Employee', OF_ROWS]]));
});
