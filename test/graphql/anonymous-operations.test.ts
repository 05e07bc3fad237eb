import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDocument } from '../../src/graphql/document/parse.ts';
import { limits } from '../../src/graphql/limits/limits.ts';
import { needsCredential } from '../../src/graphql/public-operations.ts';
import { type Answer, openWorld, rowsOf, type World } from '../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.end());

const seen = ({ status, data, errors }: Answer) => ({
  status,
  data: data ?? null,
  codes: errors?.map(({ extensions }) => extensions.code),
  paths: errors?.map(({ path }) => path),
});
const REFUSED = { status: 401, data: null, codes: ['UNAUTHENTICATED'], paths: [undefined] };
const SIGN_IN =
  'signIn(input: { email: "unknown@example.com", password: "wrong-Password-1" }) { sessionToken }';

describe('an operation without a credential is refused with one UNAUTHENTICATED [S2]', () => {
  it.each([
    [
      'of 28 aliases',
      `{ ${Array.from({ length: 28 }, (_, n) => `a${n}: viewer { user { id } }`).join(' ')} }`,
    ],
    [
      'with a fragment at its root',
      '{ ...F } fragment F on Query { ... on Query { viewer { user { id } } } }',
    ],
    ['with __typename beside it', '{ __typename viewer { user { id } } }'],
    ['of a mutation', 'mutation { signOut { revokedSessionId } }'],
    ['of a subscription', 'subscription { auditEvents { cursor } }'],
    ['of fields that do not exist', '{ nothing { at all } }'],
    ['of invalid selections', '{ viewer { nothing } employees { nothing } }'],
    ['of an unknown variable', 'query ($a: Nothing!) { viewer(a: $b) { user { id } } }'],
    [
      'of fragments that spread each other',
      '{ ...A } fragment A on Query { viewer { user { id } } ...B } fragment B on Query { ...A }',
    ],
    ['that cannot be selected', 'query A { viewer { user { id } } } query B { company { name } }'],
  ])('%s', async (_what, query) => {
    expect(seen(await world.ask(query))).toEqual(REFUSED);
    expect((await world.ask(query)).errors).toEqual((await world.ask('{ company { name } }')).errors);
  });

  it('with a document that is cached, since signed-in users sent it', async () => {
    const query = 'query Cached { viewer { user { email } } }';
    const token = await world.signIn('company_admin');
    for (let round = 0; round < 3; round++)
      expect((await world.ask(query, {}, token)).errors).toBeUndefined();
    expect(seen(await world.ask(query))).toEqual(REFUSED);
    expect((await world.ask(query, {}, token)).errors).toBeUndefined();
  });

  it.each<[string, Record<string, string>]>([
    ['with a cookie that is no credential', { cookie: 'theme=dark' }],
    ['with an authorization that is no credential', { authorization: 'Basic eDp5' }],
  ])('%s', async (_what, headers) =>
    expect(seen(await world.ask('{ viewer { nothing } }', {}, undefined, headers))).toEqual(REFUSED),
  );

  it('as an event stream', async () => {
    const response = await fetch(world.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { auditEvents { cursor } }' }),
    });
    expect((await response.text()).match(/"code":"\w+"/g)).toEqual(['"code":"UNAUTHENTICATED"']);
  });

  it('with an Idempotency-Key, which stays free', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const query = 'mutation { signOut { revokedSessionId } }';
    expect(seen(await world.ask(query, {}, undefined, headers))).toEqual(REFUSED);
    expect(await rowsOf(world, 'SELECT 1 FROM "IdempotencyKey"')).toEqual([]);
  });
});

describe('an operation without a credential is answered as any other [S2]', () => {
  it('with a public field beside one that needs a credential', async () => {
    const answer = await world.ask(`mutation { ${SIGN_IN} signOut { revokedSessionId } }`);
    expect(seen(answer)).toMatchObject({ status: 200, codes: ['UNAUTHENTICATED'], paths: [['signIn']] });
  });

  it.each([
    ['with an invalid public field', 'mutation { signIn { nothing } }', ['BAD_REQUEST', 'BAD_REQUEST']],
    ['with a syntax error', '{ viewer { ', ['BAD_REQUEST']],
    ['with too many tokens', `{ ${'viewer { user { id } } '.repeat(200)} }`, ['QUERY_TOO_COMPLEX']],
    ['with an invalid field of introspection', '{ __nothing }', ['BAD_REQUEST']],
  ])('%s', async (_what, query, codes) => expect(seen(await world.ask(query)).codes).toEqual(codes));

  it.each(['{ __typename }', '{ __schema { queryType { name } } }', '{ __type(name: "Query") { name } }'])(
    'in development: %s',
    async (query) => expect((await world.ask(query)).errors).toBeUndefined(),
  );

  it('a refused credential is told apart, and an invalid document with one is BAD_REQUEST', async () => {
    const token = 'a'.repeat(43);
    const { errors } = await world.ask('{ viewer { user { id } } }', {}, token);
    expect(errors?.map(({ message }) => message)).toEqual([
      expect.stringMatching(/unknown, expired or revoked/),
    ]);
    expect(seen(await world.ask('{ nothing }', {}, token)).codes).toEqual(['BAD_REQUEST']);
  });
});

describe('[S2] a document needs a credential', () => {
  const isPublic = (field: string) => ['Mutation.signIn', 'Query.rules'].includes(field);
  const doubled = (n: number): string =>
    n === 0
      ? 'fragment F0 on Query { company }'
      : `fragment F${n} on Query { ...F${n - 1} ...F${n - 1} } ${doubled(n - 1)}`;
  it.each<[boolean, string, string?]>([
    [true, '{ company }'],
    [true, '{ signIn }'],
    [true, 'subscription { signIn }'],
    [true, `{ ...F40 } ${doubled(40)}`],
    [true, 'query A { rules } query B { company }', 'B'],
    [false, 'query A { rules } query B { company }', 'A'],
    [false, 'query A { rules } query B { company }', 'C'],
    [true, 'query A { company } query B { company }', 'C'],
    [false, '{ company rules }'],
    [false, '{ company ...F } fragment F on Query { rules }'],
    [false, '{ company __schema { queryType { name } } }'],
    [false, '{ __typename }'],
    [false, '{ ...Missing }'],
    [false, 'fragment F on Query { company }'],
    [false, 'type Query { company: String }'],
  ])('%s: %s', (needs, query, operationName) =>
    expect(needsCredential(parseDocument(query, limits), { operationName }, isPublic)).toBe(needs),
  );
});
