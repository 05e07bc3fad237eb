import cors from '@fastify/cors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { graphiqlPage } from '../graphql/graphiql.ts';
import { graphqlHandler } from '../graphql/handler.ts';
import { answered } from '../graphql/request/answered.ts';
import { isSent } from '../graphql/request/is-sent.ts';
import { openScope, scopeOf } from '../graphql/request/request-scope.ts';
import { endTrace } from '../graphql/request/request-trace.ts';
import type { EdgeContext, GraphiqlTab, ServerDeps } from '../graphql/request/settings.ts';
import { startTrace } from '../tracing/trace.ts';
import { clientAddressBehind, requestIdBehind, traceparentBehind } from './client-address.ts';
import { refuseForeignPages } from './csrf.ts';
import { answerError, answerUnknown } from './error-handler.ts';
import { crossOrigin, fixedHeaders } from './headers.ts';
import { healthRoutes, securityText } from './health.ts';
import { noWebSocket, refuseEncoding, refuseMethod, refuseSingleConnection } from './not-supported.ts';
import { shedAnonymousLoad } from './overload.ts';
import { type NotInspecting, sendSignInPage, signInAssets } from './pages/sign-in.ts';
import { openTransport } from './transport/open.ts';

export type { ContextExtras, ServerDeps } from '../graphql/request/settings.ts';

/**
 * Builds the request pipeline, in order. Each step may reject; an operation within the limits
 * reaches the end.
 */
export function buildServer<Context extends EdgeContext>(deps: ServerDeps<Context>): FastifyInstance {
  const { config } = deps;
  const { app, secure, failing } = openTransport({
    ...deps,
    genReqId: requestIdBehind(config.trustedProxies ?? []),
  });

  // the address used by logs, limits, networks of API keys and the audit log
  const clientAddress = clientAddressBehind(config.trustedProxies ?? []);
  const traceparent = traceparentBehind(config.trustedProxies ?? []);
  app.decorateRequest('clientAddress', {
    getter() {
      return clientAddress((this as FastifyRequest).raw);
    },
  });

  // request id, log line, error scope and security headers are set up before anything can fail
  const headers = fixedHeaders(config);
  app.addHook('onRequest', async (request, reply) => {
    const isOperation = request.routeOptions.url === '/graphql';
    const trace = isOperation ? startTrace('request', 'server', () => traceparent(request.raw)) : undefined;
    openScope(request, deps.log, trace);
    const ip = request.clientAddress; // it is gone with the connection
    // also when the client leaves before the answer, or in the middle of it
    reply.raw.once('close', () => {
      logLine(request, reply, ip);
      endTrace(scopeOf(request), reply);
      if (isOperation) deps.onAnswered?.(answered(request, reply));
    });
    reply.headers({ 'x-request-id': request.id, ...headers });
  });

  secure();
  shedAnonymousLoad(app, config.mostLateMs);

  // other origins get only what CORS_ORIGINS allows
  app.register(cors, crossOrigin(config));

  // bodies are JSON; forms, plain text and multipart, which need no CORS preflight, are 415
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    // parsed where a refusal is counted (graphql/handler.ts)
    (_request: FastifyRequest, body: Buffer, done) => done(null, body),
  );

  // all errors go through one handler
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerUnknown);

  // Node would answer 417; unknown expectations may be ignored (RFC 9110, 10.1.1)
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  healthRoutes(app, deps.ready, () => [...(deps.degraded?.() ?? []), ...failing()]);
  securityText(app, config);
  app.register(async (routes) => graphqlRoutes(routes, deps));
  return app;
}

function graphqlRoutes<Context extends EdgeContext>(app: FastifyInstance, deps: ServerDeps<Context>): void {
  const { config } = deps;
  const operations = graphqlHandler(app, deps);

  const ownPages = refuseForeignPages(config);
  if (config.env === 'staging') signInAssets(app);
  app.addHook('onRequest', refuseSingleConnection);
  app.addHook('onRequest', refuseEncoding);
  app.post('/graphql', { preParsing: ownPages }, operations);
  app.get('/graphql', async (request, reply) => {
    if (request.headers.upgrade) throw noWebSocket();
    const page = await pageFor(request, reply, deps);
    if (page) return page;
    await ownPages(request);
    return operations(request, reply);
  });
  app.route({ method: ['PUT', 'PATCH', 'DELETE', 'HEAD'], url: '/graphql', handler: refuseMethod });
}

/** Each of these parameters may name the document of a GET request. */
const OPERATION = ['query', 'documentId', 'extensions'];

/**
 * Sends GraphiQL to browsers: in development to all, in staging to platform administrators and the
 * sign-in page to others. Resolves to null for an operation. Errors: NOT_FOUND in production.
 */
async function pageFor<Context extends EdgeContext>(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ServerDeps<Context>,
): Promise<FastifyReply | null> {
  if (!request.headers.accept?.includes('text/html')) return null;
  const { env } = deps.config;
  const caller = env === 'staging' ? await callerOf(request, reply, deps) : null;
  if (env === 'development' || (caller && deps.mayInspect(caller)))
    return sendPage(reply, deps.graphiqlTabs ?? []);
  if (OPERATION.some((name) => name in (request.query as object))) return null;
  if (env === 'staging') return sendSignInPage(reply, whyNot(caller, deps));
  throw new AppError('NOT_FOUND', 'Not found.');
}

function whyNot<Context extends EdgeContext>(
  caller: Context | null,
  { mustEnrol }: ServerDeps<Context>,
): NotInspecting {
  if (!caller?.actor) return 'anonymous';
  return mustEnrol?.(caller) ? 'mustEnrol' : 'refused';
}

/** A refused credential is none here: the page that gives a new one is shown. */
const callerOf = <Context extends EdgeContext>(
  request: FastifyRequest,
  reply: FastifyReply,
  { createContext }: ServerDeps<Context>,
): Promise<Context | null> =>
  createContext(request, { reply, requestId: request.id, signal: new AbortController().signal }).catch(
    () => null,
  );

async function sendPage(reply: FastifyReply, tabs: readonly GraphiqlTab[]): Promise<FastifyReply> {
  const { html, csp } = await graphiqlPage(tabs);
  return reply.header('content-security-policy', csp).type('text/html; charset=utf-8').send(html);
}

/**
 * The status that nginx logs for a client that disconnected before the answer; it is never sent.
 */
const CLIENT_CLOSED_REQUEST = 499;

/** Writes one log line for each request, without query text, variables or query string. */
function logLine(request: FastifyRequest, reply: FastifyReply, ip: string | null): void {
  const scope = scopeOf(request);
  request.log.info(
    {
      method: request.method,
      path: request.url.split('?', 1)[0],
      status: reply.raw.headersSent ? reply.statusCode : CLIENT_CLOSED_REQUEST,
      ...(!isSent(reply) && { closedEarly: true }),
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ip,
      traceId: scope?.trace?.span.traceId,
      operation: scope?.operation,
      actorId: scope?.actor?.userId,
      companyId: scope?.actor?.companyId,
      ...(scope && scope.codes.size > 0 && { errors: [...scope.codes] }),
    },
    'request',
  );
}
