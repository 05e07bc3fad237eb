import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer } from '../../src/app.ts';
import { openWorld, type World } from '../support/server/world.ts';

/**
 * The checks that dolevf/graphql-cop makes of a GraphQL server, in each environment, by an
 * anonymous caller.
 */
const ENVIRONMENTS = ['development', 'staging', 'production'] as const;
type Environment = (typeof ENVIRONMENTS)[number];

let world: World;
let servers: Record<Environment, FastifyInstance>;
beforeAll(async () => {
  world = await openWorld();
  const serverOf = (env: Environment) => {
    const publicUrl = env === 'development' ? world.config.publicUrl : 'https://api.example';
    return openServer({ ...world.services, config: { ...world.config, env, publicUrl } });
  };
  const [development, staging, production] = ENVIRONMENTS.map(serverOf) as [
    FastifyInstance,
    FastifyInstance,
    FastifyInstance,
  ];
  servers = { development, staging, production };
});
afterAll(async () => {
  for (const server of Object.values(servers ?? {})) await server.close();
  await world?.end();
});

type Answered = {
  status: number;
  text: string;
  data: unknown;
  codes: string[];
  messages: string[];
  extensions: unknown;
};
type Failed = { message: string; extensions: { code: string } };

async function send(env: Environment, options: InjectOptions): Promise<Answered> {
  const { statusCode, body } = await servers[env].inject({ url: '/graphql', ...options });
  const json = (body.startsWith('{') ? JSON.parse(body) : {}) as {
    data?: unknown;
    errors?: Failed[];
    extensions?: unknown;
  };
  return {
    status: statusCode,
    text: body,
    data: json.data ?? null,
    codes: json.errors?.map(({ extensions }) => extensions.code) ?? [],
    messages: json.errors?.map(({ message }) => message) ?? [],
    extensions: json.extensions,
  };
}
const post = (env: Environment, payload: unknown, headers: Record<string, string> = {}) =>
  send(env, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(payload),
  });
const ask = (env: Environment, query: string) => post(env, { query });

describe.each(ENVIRONMENTS)('in %s', (env) => {
  it('101 aliases of one field are refused with one error [P2]', async () => {
    const aliases = Array.from({ length: 101 }, (_, index) => `a${index}: __typename`).join(' ');
    expect(await ask(env, `{ ${aliases} }`)).toMatchObject({ data: null, codes: ['QUERY_TOO_COMPLEX'] });
  });

  it('an array of ten operations is refused as a whole [P2]', async () => {
    const batch = Array.from({ length: 10 }, () => ({ query: '{ __typename }' }));
    const { status, text, codes } = await post(env, batch);
    expect([status, codes]).toEqual([400, ['BAD_REQUEST']]);
    expect(text).not.toContain('__typename');
  });

  it('ten unknown directives on one field are refused with one error [P2]', async () => {
    const answer = await ask(env, `{ __typename ${'@aa'.repeat(10)} }`);
    expect(answer).toMatchObject({ data: null, codes: ['QUERY_TOO_COMPLEX'] });
  });

  it('one field 500 times is answered once, and 1,000 times refused with one error [P2]', async () => {
    const times = (count: number) => ask(env, `{ ${'__typename '.repeat(count)} }`);
    expect((await times(500)).data).toEqual({ __typename: 'Query' });
    expect(await times(1_000)).toMatchObject({ data: null, codes: ['QUERY_TOO_COMPLEX'] });
  });

  it('introspection that circles through fields and types is refused [P2]', async () => {
    const circle = (depth: number): string =>
      depth === 0 ? 'name' : `name fields { name type { ${circle(depth - 1)} } }`;
    const answer = await ask(env, `{ __schema { types { ${circle(4)} } } }`);
    expect(answer.data).toBeNull();
    expect(answer.codes).toHaveLength(1);
  });

  it(`introspection is ${env === 'development' ? 'answered' : 'refused'} [P2]`, async () => {
    const answer = await ask(env, '{ __schema { types { name } } }');
    if (env === 'development') expect(answer.codes).toEqual([]);
    else expect(answer).toMatchObject({ data: null, codes: ['FORBIDDEN'] });
  });

  it('an error does not suggest names of the schema [P2]', async () => {
    const authorization = `Bearer ${await world.signIn('company_admin')}`;
    for (const query of [
      '{ view }',
      '{ employee(di: 1) { id } }',
      'query ($x: Strin) { viewer { roles } }',
    ]) {
      const { messages, codes } = await post(env, { query }, { authorization });
      expect(new Set(codes)).toEqual(new Set(['BAD_REQUEST']));
      expect(messages.join(' ')).not.toMatch(/did you mean|viewer"|employees/i);
      expect((await ask(env, query)).codes).toEqual(['UNAUTHENTICATED']);
    }
  });

  it(`the pages of an interactive explorer are ${env === 'development' ? 'served' : 'not served'} [P2]`, async () => {
    const pages = await Promise.all(
      ['/', '/graphiql', '/playground', '/console', '/graphql'].map((url) =>
        send(env, { method: 'GET', url, headers: { accept: 'text/html' } }),
      ),
    );
    const explorers = pages.filter(({ text }) =>
      /renderGraphiQL|YogaGraphiQL|GraphQLPlayground|GraphQL Console/i.test(text),
    );
    expect(explorers.length > 0).toBe(env === 'development');
  });

  it('a request for a trace gets no trace [P2]', async () => {
    const { extensions, text } = await post(env, { query: '{ __typename }' }, { 'x-apollo-tracing': '1' });
    expect(Object.keys(extensions as object)).toEqual(['cost']);
    expect(text).not.toContain('tracing');
  });

  it('a mutation by GET is refused [P2]', async () => {
    const query = encodeURIComponent('mutation { refreshTokens(input: {}) { accessToken } }');
    const { status, data, codes } = await send(env, { method: 'GET', url: `/graphql?query=${query}` });
    expect([status, data, codes]).toEqual([405, null, ['BAD_REQUEST']]);
  });

  it('the answer to a query by GET cannot be read by a page of another site [P2]', async () => {
    const { headers } = await servers[env].inject({
      url: '/graphql?query=%7B__typename%7D',
      headers: { origin: 'https://evil.example' },
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])(
    'an operation in %s, which a form of another site can send, is refused [P2]',
    async (type) => {
      const payload = 'query=%7B__typename%7D';
      const { status, data } = await send(env, {
        method: 'POST',
        headers: { 'content-type': type },
        payload,
      });
      expect([status, data]).toEqual([415, null]);
    },
  );

  it('an operation that is no GraphQL gets one coded error without a stack [P2]', async () => {
    const { data, codes, text } = await ask(env, 'qwerty { abc }');
    expect([data, codes]).toEqual([null, ['BAD_REQUEST']]);
    expect(text).not.toMatch(/stack|exception|node_modules|\.ts:\d/i);
  });
});
