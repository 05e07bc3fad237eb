import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionResult, getOperationAST } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { AppError } from '../errors.ts';
import { documentCache } from './document/cache.ts';
import { documentPlugin } from './document/plugin.ts';
import { maskError, originBehind } from './errors/masking.ts';
import { jsonTypeFor, sendJson } from './json-response.ts';
import { limitPlugins } from './limits/armor.ts';
import { bodyParams, type Params, queryParams } from './params.ts';
import { type Ahead, readAhead } from './prefetch/prefetch.ts';
import { requestScope, withScope } from './request-scope.ts';
import type { ContextExtras, EdgeConfig, EdgeContext, ServerDeps } from './settings.ts';

/** How long a client may take what was written before its stream ended; one that reads nothing would keep the server from stopping. */
const LAST_WORDS_MS = 500;

/**
 * Reading ahead saves a wait. With more operations than this under way there is none to save, for others use it; at 32 connections it took
 * a tenth of the speed instead.
 */
const QUIET = 4;

type Carried = {
  incoming: FastifyRequest;
  extras: ContextExtras;
  params: Params;
  quiet?: boolean;
  ahead?: Ahead | null;
};

/** Runs GraphQL operations (GraphQL over HTTP, and SSE in graphql-sse's distinct connections mode) through Yoga. */
export function graphqlHandler<Context extends EdgeContext>(app: FastifyInstance, deps: ServerDeps<Context>) {
  const yoga = yogaOf(deps);
  const streams = new Set<AbortController>();
  let underway = 0;
  const resultBy = (carried: Carried) => {
    underway += 1;
    const ended = () => {
      underway -= 1;
    };
    return resultOf(yoga, { ...carried, quiet: underway <= QUIET }).finally(ended);
  };
  app.addHook('preClose', async () => {
    for (const connection of streams) connection.abort();
  });

  return async function run(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const params =
      request.method === 'POST'
        ? bodyParams(request.body)
        : queryParams(request.query as Record<string, unknown>);
    refuseUnanswerable(request, reply);
    const connection = new AbortController();
    if (request.headers.accept?.includes('text/event-stream')) streams.add(connection);
    reply.raw.once('close', () => {
      streams.delete(connection);
      if (!reply.raw.writableFinished) connection.abort();
    });
    const extras = { reply, requestId: request.id, signal: connection.signal };
    const carried = { incoming: request, extras, params };
    const type = jsonTypeFor(request.headers.accept);
    return withScope(request, async () =>
      type && !mayStream(params)
        ? sendJson(reply, type, await resultBy(carried))
        : send(reply, await fetched(yoga, carried, deps.config), connection.signal),
    );
  };
}

type Yoga = ReturnType<typeof createYoga<Carried>>;

/** The operation's result by Yoga's own pipeline, without a Request and a Response around it, which cost more than most operations. */
const resultOf = async (yoga: Yoga, carried: Carried) =>
  (await yoga.getResultForParams(
    { params: carried.params, request: { method: carried.incoming.method } as Request },
    carried,
  )) as ExecutionResult;

/** Streams, and what else Yoga knows how to send. */
function fetched(yoga: Yoga, carried: Carried, { publicUrl }: EdgeConfig): Promise<Response> {
  const { incoming, extras } = carried;
  const { method, headers } = incoming;
  const asked = { method, headers: plainHeaders(headers), signal: extras.signal };
  return Promise.resolve(yoga.fetch(new URL(incoming.url, publicUrl).href, asked, carried));
}

/** Without parsing it: a document with this word in it may be a subscription, whatever else it is. */
const mayStream = ({ query }: Params): boolean => query.includes('subscription');

function yogaOf<Context extends EdgeContext>(deps: ServerDeps<Context>) {
  const { env } = deps.config;
  const mayIntrospect = (context: unknown) =>
    env === 'development' || (env === 'staging' && deps.mayInspect(context as Context));
  const documents = deps.documents ?? documentCache();
  return createYoga<Carried>({
    schema: deps.schema,
    async context({ incoming, extras, params, quiet }) {
      const context = deps.createContext(incoming, extras);
      if (!quiet) return context;
      context.catch(() => {}); // awaited below, once reading ahead has begun
      const likely = deps.likelyContext?.(incoming) ?? null;
      // by now the document has been parsed and validated
      const ahead = readAhead(deps, documents.get(params.query), params, likely);
      return { ...(await context), ahead };
    },
    graphqlEndpoint: '/graphql',
    maskedErrors: { maskError: (error) => maskError(error) },
    plugins: [
      readParams,
      noteOperation,
      ...limitPlugins(mayIntrospect),
      documentPlugin(documents),
      maskResult,
      reportErrors(deps),
      queriesBy(deps.shortWay),
    ],
    // done by the plugins and by http/, or not wanted
    parserAndValidationCache: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: false,
    logging: false,
  });
}

/** The body was read, parsed and checked before Yoga: it takes the parameters as they are. */
const readParams: Plugin = {
  onRequestParse: ({ serverContext, setRequestParser }) =>
    setRequestParser(() => (serverContext as unknown as Carried).params),
};

/** Queries are answered by what was read ahead for this very actor, else the short way; what that leaves is the executor's. */
const queriesBy = (shortWay: ServerDeps<never>['shortWay']): Plugin => ({
  onExecute({ executeFn, setExecuteFn }) {
    if (!shortWay) return;
    setExecuteFn(async (args) => {
      const { ahead, actor } = args.contextValue as Carried & EdgeContext;
      const answer = ahead && ahead.actor === actor ? ahead.answer : shortWay(args);
      return (await answer) ?? executeFn(args);
    });
  },
});

/** Remembers for the log who runs which operation; its name is taken from the document, which has been validated. */
const noteOperation: Plugin = {
  onExecute: ({ args }) => note(args),
  onSubscribe: ({ args }) => note(args),
};

function note({
  document,
  operationName,
  contextValue,
}: Parameters<NonNullable<Plugin['onExecute']>>[0]['args']): void {
  const scope = requestScope.getStore();
  if (!scope) return;
  scope.operation = getOperationAST(document, operationName)?.name?.value.slice(0, 64);
  const { actor } = contextValue as EdgeContext;
  if (actor) scope.actor = { userId: actor.userId, companyId: actor.companyId };
}

/** Validation errors come as a result and pass no other mask. */
const maskResult: Plugin = {
  onExecutionResult({ result, setResult }) {
    if (!result || Array.isArray(result) || Symbol.asyncIterator in result || !result.errors) return;
    setResult({ ...result, errors: result.errors.map(maskError) });
  },
};

/** Denials and broken seals go on the record before the answer leaves; if that fails, so does the answer. */
const reportErrors = <Context extends EdgeContext>({ onErrors }: ServerDeps<Context>): Plugin => ({
  async onExecutionResult({ result, context }) {
    if (!onErrors || !result || Array.isArray(result) || Symbol.asyncIterator in result || !result.errors)
      return;
    // a credential that does not hold makes no context, and nothing ran
    if (!('actor' in (context as object))) return;
    const failures = result.errors.map((error) => ({
      code: String(error.extensions?.code),
      path: error.path,
      origin: originBehind(error),
    }));
    await onErrors(context as unknown as Context, failures);
  },
});

/** Nothing runs whose answer the client would refuse: Yoga finds that out only afterwards. */
function refuseUnanswerable({ headers }: FastifyRequest, reply: FastifyReply): void {
  const accept = headers.accept ?? '*/*';
  if (
    /\*\/\*|application\/(\*|json|graphql-response\+json)|text\/event-stream|multipart\/mixed/i.test(accept)
  )
    return;
  reply.code(406);
  throw new AppError(
    'BAD_REQUEST',
    'This answers application/graphql-response+json, application/json and text/event-stream.',
  );
}

function plainHeaders(headers: FastifyRequest['headers']): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) plain[name] = String(value);
  return plain;
}

// headers of the pipeline stay; a stream goes out as it comes, everything else in one piece
async function send(reply: FastifyReply, response: Response, signal: AbortSignal): Promise<FastifyReply> {
  reply.code(response.status);
  for (const [name, value] of response.headers)
    if (!ownOrHop.has(name.toLowerCase())) reply.header(name, value);
  const streamed = /^(text\/event-stream|multipart\/)/.test(response.headers.get('content-type') ?? '');
  if (streamed && response.body) {
    signal.addEventListener('abort', () => setTimeout(() => reply.raw.destroy(), LAST_WORDS_MS).unref());
    // a kept connection that was streaming when the server began to stop would hold it up
    return reply.header('connection', 'close').send(Readable.from(chunks(response.body, signal)));
  }
  const text = await response.text();
  if (text === '')
    throw new AppError('BAD_REQUEST', 'The answer cannot be sent as any of the accepted media types.');
  return reply.send(text);
}

const ownOrHop = new Set([
  'connection',
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'cache-control',
]);

// a read that waits for an event of tomorrow ends when the connection does, or the server stops
async function* chunks(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
