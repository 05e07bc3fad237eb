import { GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql';
import { expect, test } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { shortWay } from '../../src/graphql/query-plan/execute.ts';

/** A schema of one field that fails like this, and how often it was asked. */
function failing(error: Error) {
  let calls = 0;
  const resolve = () => {
    calls += 1;
    return Promise.reject(error);
  };
  const query = new GraphQLObjectType({ name: 'Query', fields: { name: { type: GraphQLString, resolve } } });
  const execute = shortWay(new GraphQLSchema({ query }));
  const document = parse('{ name }');
  const answer = () =>
    execute({ schema: new GraphQLSchema({ query }), document, contextValue: { actor: null } });
  return { answer, calls: () => calls };
}

test('[F7] an outage of the database is answered by the plan, so that nothing is asked twice', async () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const { answer, calls } = failing(refused);
  const result = await answer();
  expect(result?.data).toBeNull();
  expect(result?.errors?.[0]?.originalError).toBe(refused);
  expect(calls()).toBe(1);
});

test('a denial is left to the executor, which answers with its exact error and path', async () => {
  expect(await failing(new AppError('FORBIDDEN', 'No.')).answer()).toBeNull();
});
