import type { FastifyRequest } from 'fastify';
import { type DocumentNode, type ExecutionResult, getOperationAST } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { debitCost } from './cost/budget.ts';
import { limitCost } from './cost/limit.ts';
import { deferredOperations, type Given } from './deferred-operation.ts';
import { type DocumentCache, documentCache } from './document/cache.ts';
import { documentPlugin } from './document/plugin.ts';
import { type DocumentTurns, documentTurns } from './document/turns.ts';
import { maskError } from './errors/masking.ts';
import { idempotencyKeys, keepAnswers } from './idempotency.ts';
import { limitPlugins } from './limits/armor.ts';
import { limits } from './limits/limits.ts';
import { executeByPlan, maskResult, noteOperation, notePageInfo, reportErrors } from './plugins.ts';
import { contextOfOperation, refuseAnonymous } from './public-operations.ts';
import type { Params } from './request/params.ts';
import { limitRate } from './request/rate-limit.ts';
import type { NetworkRates } from './request/refused-networks.ts';
import type { ContextExtras, EdgeContext, GraphqlRequest, ServerDeps } from './request/settings.ts';

type ServerContext = {
  incoming: FastifyRequest;
  extras: ContextExtras;
  params: Params;
  underway: number;
  given?: Given<object> | undefined;
};

/** Executes operations by Yoga. The only file that calls Yoga. */
export type Yoga = {
  /**
   * Resolves to the result, without the Request and Response around it that cost more than most
   * operations.
   */
  execute(request: GraphqlRequest): Promise<ExecutionResult>;
  /** Resolves to a response, for event streams and whatever else Yoga knows how to send. */
  respond(request: GraphqlRequest): Promise<Response>;
};

type Deps<Context extends EdgeContext> = ServerDeps<Context> & { rates?: NetworkRates };

export function openYoga<Context extends EdgeContext>(deps: Deps<Context>): Yoga {
  const documents = deps.documents ?? documentCache();
  const turns = documentTurns();
  const createContext = contextOfOperation(deps);
  const yoga = createYoga<ServerContext>({
    schema: deps.schema,
    ...contextAndPlugins(deps, { documents, turns }, createContext),
    graphqlEndpoint: '/graphql',
    maskedErrors: { maskError: (error) => maskError(error) },
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
  let underway = 0;
  const serverContext = ({ request, extras, params }: GraphqlRequest, given?: Given<object>) => ({
    ...{ incoming: request, extras, params },
    ...{ underway, given },
  });
  const executed = async (request: GraphqlRequest, given?: Given<object>) => {
    // not in Yoga's documentation: test/graphql/yoga.test.ts fails when an upgrade changes it
    const asked = { params: request.params, request: { method: request.request.method } as Request };
    return (await yoga.getResultForParams(asked, serverContext(request, given))) as ExecutionResult;
  };
  const executeDeferred = deferredOperations({
    ...{ ...deps, documents, createContext },
    underway: () => underway,
  });
  const isNew = ({ params }: GraphqlRequest) => !documents.get(params.query);
  return {
    async execute(request) {
      if (isNew(request)) await turns.toParse(request.params.query);
      underway += 1;
      try {
        return await executeDeferred(request, (given) => executed(request, given));
      } finally {
        underway -= 1;
      }
    },
    async respond(request) {
      if (isNew(request)) await turns.toParse(request.params.query);
      const { method, headers, url } = request.request;
      const init = { method, headers: plainHeaders(headers), signal: request.extras.signal };
      const { href } = new URL(url, deps.config.publicUrl);
      return yoga.fetch(href, init, serverContext(request));
    },
  };
}

function contextAndPlugins<Context extends EdgeContext>(
  deps: Deps<Context>,
  { documents, turns }: { documents: DocumentCache; turns: DocumentTurns },
  createContext: (request: GraphqlRequest) => Promise<Context>,
) {
  const { env } = deps.config;
  const mayIntrospect = (context: unknown) =>
    env === 'development' || (env === 'staging' && deps.mayInspect(context as Context));

  /** Builds the context; by now the document has been parsed and validated. */
  async function context({ incoming, extras, params, underway, given }: ServerContext) {
    if (given) return given.context;
    const document = documents.get(params.query);
    const asked =
      deps.replicated && isQuery(document, params) ? { ...extras, isQuery: true as const } : extras;
    const building = createContext({ request: incoming, extras: asked, params });
    building.catch(() => {}); // awaited below
    if (!document) await turns.toExecute();
    if (!deps.prefetch) return building;
    const prefetched = deps.prefetch.start({ request: incoming, document, params, underway });
    return { ...(await building), prefetched };
  }

  const plugins = [
    readParams,
    noteOperation,
    notePageInfo,
    // ahead of the limits of documents: what they refuse counts for its user
    ...(deps.rates ? [limitRate(deps.rates)] : []),
    ...limitPlugins(mayIntrospect),
    limitCost(limits),
    documentPlugin(documents),
    ...(deps.isPublic ? [refuseAnonymous({ isPublic: deps.isPublic, config: deps.config })] : []),
    maskResult,
    keepAnswers,
    reportErrors(deps),
    // after the answer is kept, which is without its cost
    ...(deps.rates?.budget ? [debitCost(deps.rates.budget)] : []),
    idempotencyKeys,
    executeByPlan(deps),
  ];
  return { context, plugins };
}

/** A document that is not kept is no known query. */
const isQuery = (document: DocumentNode | undefined, { operationName }: Params): boolean =>
  document !== undefined && getOperationAST(document, operationName)?.operation === 'query';

/** Takes the parameters as http/ has read and checked them. */
const readParams: Plugin = {
  onRequestParse: ({ serverContext, setRequestParser }) =>
    setRequestParser(() => (serverContext as unknown as ServerContext).params),
};

function plainHeaders(headers: FastifyRequest['headers']): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !name.startsWith(':')) plain[name] = String(value); // HTTP/2's own begin so
  return plain;
}
