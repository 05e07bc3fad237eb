import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql';
import type { CostDirectives } from '../../../src/cost-directives.ts';
import { AppError } from '../../../src/errors.ts';
import type { EdgeConfig, ServerDeps } from '../../../src/graphql/request/settings.ts';
import { createLog } from '../../../src/http/logger.ts';
import { buildServer } from '../../../src/http/server.ts';
import { leaveTime } from '../until.ts';

export const config: EdgeConfig = {
  env: 'production',
  publicUrl: 'https://api.example.com',
  corsOrigins: ['https://app.example.com'],
  logLevel: 'debug',
  plainHttp: 'loopback',
  requestTimeout: 250_000,
  answerTimeout: 30_000,
  mostLateMs: 0,
};

const sdl = `
  type Query {
    hello: String
    slow: String
    deep: Deep
    things(first: Int, last: Int, after: String): ThingConnection
    named(ids: [ID!]!): [Thing]
    all: [Thing!]
    echo(text: String, number: Int, kind: Kind, input: Input, list: [Int!]): String
    fail(how: String!): String
    mustNotBeNull: String!
    overflow: Int
  }
  enum Kind { FIRST SECOND }
  input Input { password: String!, amount: Int!, inner: [Input!] }
  type Deep { deep: Deep, leaf: String }
  type ThingConnection { edges: [ThingEdge!], totalCount: Int }
  type ThingEdge { node: Thing }
  type Thing { id: ID, name: String, things(first: Int = 20, last: Int): ThingConnection, parts: [Thing!] }
  type Mutation { write(text: String): String }
  type Subscription { ticks(upTo: Int!): Int, forever: Int, silent: Int, page(first: Int): ThingConnection, broken: Int }
`;

const page = {
  assumedSize: 20,
  slicingArguments: ['first', 'last'],
  sizedFields: ['edges'],
  requireOneSlicingArgument: false,
};
/** The weights and lengths of the toy, as the server's own schema declares them. */
const costs: Record<string, CostDirectives> = {
  'Query.things': { listSize: page },
  'Thing.things': { listSize: page },
  'Subscription.page': { listSize: page },
  'Query.named': { listSize: { slicingArguments: ['ids'] } },
  'Query.slow': { cost: { weight: '3' } },
  'ThingConnection.edges': { cost: { weight: '0' } },
  'ThingConnection.totalCount': { cost: { weight: '10' } },
  'Mutation.write': { cost: { weight: '10' } },
};

export const failures: Record<string, () => never> = {
  app: () => {
    throw new AppError('INVALID_INPUT', 'The amount must be positive.', {
      fields: { 'input.amount': 'expected more than 0' },
    });
  },
  bug: () => {
    throw new TypeError('secret-in-message of SELECT "iban" FROM user');
  },
  graphql: () => {
    throw new GraphQLError('secret-in-message');
  },
};

/** The toy's open streams, so that a test can tell that they ended. */
export const streams = { open: 0 };
/** Counts the requests for `slow` that have begun. */
export const slow = { begun: 0 };

async function* counting(upTo: number): AsyncGenerator<Record<string, number>> {
  streams.open++;
  try {
    for (let i = 1; i <= upTo; i++) {
      yield { ticks: i, forever: i };
      await leaveTime(upTo === Infinity ? 20 : 1);
    }
  } finally {
    streams.open--;
  }
}

export function toySchema(): GraphQLSchema {
  const schema = buildSchema(sdl);
  const fields = (name: string) => {
    const type = schema.getType(name);
    if (!type || !('getFields' in type)) throw new Error(`the toy has no type ${name}`);
    // biome-ignore lint/suspicious/noExplicitAny: the toy sets resolvers and subscribers by hand
    return type.getFields() as Record<string, any>;
  };
  for (const [path, directives] of Object.entries(costs)) {
    const [type = '', name = ''] = path.split('.');
    fields(type)[name].extensions = { directives };
  }
  const query = fields('Query');
  query.hello.resolve = () => 'world';
  query.slow.resolve = () => {
    slow.begun++;
    return leaveTime(300).then(() => 'done');
  };
  query.echo.resolve = (_: unknown, args: object) => JSON.stringify(args);
  query.fail.resolve = (_: unknown, { how }: { how: string }) => failures[how]?.();
  query.overflow.resolve = () => 123456789012;
  fields('Mutation').write.resolve = (_: unknown, { text }: { text: string }) => text;
  const subscription = fields('Subscription');
  subscription.ticks.subscribe = (_: unknown, { upTo }: { upTo: number }) => counting(upTo);
  subscription.forever.subscribe = () => counting(Infinity);
  subscription.silent.subscribe = async function* (_: unknown, __: unknown, { signal }: Context) {
    streams.open++;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    streams.open--;
    yield* [];
  };
  subscription.page.subscribe = () => counting(1);
  subscription.broken.subscribe = async function* () {
    yield { broken: 1 };
  };
  subscription.broken.resolve = () => failures.bug?.();
  return schema;
}

type Context = {
  actor: { userId: string; companyId: string } | null;
  inspector: boolean;
  signal: AbortSignal;
};

export function toyServer(
  over: Partial<Omit<ServerDeps<Context>, 'config'>> & { config?: Partial<EdgeConfig> } = {},
) {
  const lines: string[] = [];
  const destination = new PassThrough();
  destination.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n').filter(Boolean)));
  const settings = { ...config, ...over.config };
  const app = buildServer<Context>({
    schema: toySchema(),
    createContext: async (request, { signal }) => {
      const credential = request.headers.authorization ?? request.headers.cookie;
      if (credential === 'Bearer forged')
        throw new AppError('UNAUTHENTICATED', 'The credential is not valid.');
      const actor = credential ? { userId: 'user-1', companyId: 'company-1' } : null;
      return { actor, inspector: credential?.includes('platform') ?? false, signal };
    },
    mayInspect: (context) => context.inspector,
    log: createLog(settings, { destination, secret: ['iban'] }),
    ready: async () => ({ database: true }),
    ...over,
    config: settings,
  });
  const ask = (query: string, variables?: unknown, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: '/graphql', headers, payload: { query, variables } as object });
  return { app, ask, lines };
}

/** Starts a toy server on a free port; its address is also its public one. */
export async function listening(over: Parameters<typeof toyServer>[0] = {}) {
  const toy = toyServer(over);
  await toy.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = toy.app.server.address() as AddressInfo;
  return {
    ...toy,
    port,
    url: `http://127.0.0.1:${port}/graphql`,
    closed: () => once(toy.app.server, 'close'),
  };
}
