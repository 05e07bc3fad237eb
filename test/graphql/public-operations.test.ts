import { type GraphQLSchema, getNamedType, isInputObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPublicOperation } from '../../src/graphql/public-operations.ts';
import { buildSchema } from '../../src/schema/index.ts';
import { publicFieldsOf } from '../../src/schema/policy/policy-map.ts';
import { newcomer, openWorld, PASSWORD, type World } from '../support/server/world.ts';
import { codeOf, issueTokens, refresh } from '../support/sign-in/credentials.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.end());

const schema: GraphQLSchema = buildSchema();
const operations = publicFieldsOf(schema).filter((name) => name.startsWith('Mutation.'));
const fieldsOf = (name: string) => schema.getMutationType()?.getFields()[name.split('.')[1] ?? ''];

const refused: [string, Record<string, string>][] = [
  ['an expired session token', { authorization: `Bearer ${'a'.repeat(43)}` }],
  ['a corrupt bearer token', { authorization: 'Bearer corrupt' }],
  ['an empty bearer token', { authorization: 'Bearer' }],
  ['a JWT of another issuer', { authorization: 'Bearer e30.e30.e30' }],
  [
    'a cookie of a session that has ended',
    { cookie: `bulwark=${'a'.repeat(43)}`, origin: 'http://127.0.0.1' },
  ],
];

describe.each(refused)('a request with %s [U5]', (_what, headers) => {
  it('signs in', async () => {
    const { email } = await newcomer(world, ['staff']);
    const answer = await world.ask(
      'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }',
      { input: { email, password: PASSWORD } },
      undefined,
      headers,
    );
    expect(codeOf(answer)).toBe('ok');
  });

  it.each(operations)('is not refused for its credential by %s', async (name) => {
    const field = fieldsOf(name);
    const input = field?.args.find(({ name }) => name === 'input');
    const named = input && getNamedType(input.type);
    const selection = field && 'getFields' in getNamedType(field.type) ? '{ __typename }' : '';
    const [declared, given] =
      named && isInputObjectType(named) ? [`($input: ${input.type})`, '(input: $input)'] : ['', ''];
    const text = `mutation ${declared} { ${name.split('.')[1]} ${given} ${selection} }`;
    const answer = await world.ask(text, { input: {} }, undefined, headers);
    expect([codeOf(answer), answer.errors?.[0]?.message]).toEqual([
      codeOf(await world.ask(text, { input: {} })),
      (await world.ask(text, { input: {} })).errors?.[0]?.message,
    ]);
  });

  it.each([
    '{ company { name } }',
    '{ __typename }',
    'mutation { switchCompany(input: { companyId: "x" }) { __typename } }',
  ])('is refused %s', async (text) =>
    expect(codeOf(await world.ask(text, {}, undefined, headers))).toBe('UNAUTHENTICATED'),
  );
});

it('[U5] refreshes tokens with the access token of a session that has moved on in the header', async () => {
  const { token } = await newcomer(world, ['staff']);
  const { refreshToken } = await issueTokens(world, token);
  const ask: World['ask'] = (query, variables) => world.ask(query, variables, token);
  expect(codeOf(await refresh({ ask }, refreshToken))).toBe('ok');
});

describe('[U5] an operation needs no credential', () => {
  const isPublic = (field: string) => ['Mutation.signIn', 'Query.rules'].includes(field);
  it.each<[boolean, string, string?]>([
    [true, 'mutation { signIn }'],
    [true, 'mutation { a: signIn __typename b: signIn }'],
    [true, 'mutation { ...F } fragment F on Mutation { ... on Mutation { signIn } }'],
    [true, 'query A { company } mutation B { signIn }', 'B'],
    [true, '{ rules }'],
    [false, 'query A { company } mutation B { signIn }', 'A'],
    [false, 'mutation { signIn signOut }'],
    [false, 'mutation { ...F } fragment F on Mutation { signIn ... on Mutation { signOut } }'],
    [false, '{ signIn }'],
    [false, '{ __typename }'],
    [false, '{ __schema { types { name } } }'],
    [false, 'subscription { signIn }'],
  ])('%s: %s', (is, query, operationName) =>
    expect(isPublicOperation({ query, ...(operationName && { operationName }) }, isPublic)).toBe(is),
  );
});
