import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../errors.ts';
import { graphiqlAllowed, graphiqlPage } from '../graphql/graphiql.ts';
import { graphqlHandler } from '../graphql/handler.ts';
import { limits } from '../graphql/limits/limits.ts';
import { parseJson } from '../graphql/request/params.ts';
import { openScope, scopeOf } from '../graphql/request/request-scope.ts';
import type { EdgeContext, GraphiqlTab, ServerDeps } from '../graphql/request/settings.ts';
import { clientAddressBehind } from './client-address.ts';
import { refuseForeignPages } from './csrf.ts';
import { answerError, answerMalformed, answerUnknown } from './error-handler.ts';
import { crossOrigin, ownHeaders, securityHeaders } from './headers.ts';
import { healthRoutes, securityText } from './health.ts';

export type { ContextExtras, ServerDeps } from '../graphql/request/settings.ts';

/** The request pipeline from top to bottom. Each step may answer; what reaches the end is an operation within the limits. */
export function buildServer<Context extends EdgeContext>(deps: ServerDeps<Context>): FastifyInstance {
  const { config } = deps;
  const app = transport(deps);

  // addresses in logs, limits, networks of keys and the audit log are this one
  const clientAddress = clientAddressBehind(config.trustedProxies ?? []);
  app.decorateRequest('clientAddress', {
    getter() {
      return clientAddress((this as FastifyRequest).raw);
    },
  });

  // every request gets its id, its line in the log, and its scope for errors, before anything can fail
  app.addHook('onRequest', async (request, reply) => {
    openScope(request, deps.log);
    reply.headers({ 'x-request-id': request.id, ...ownHeaders });
  });
  app.addHook('onResponse', logLine);

  // every answer gets the security headers; other origins only what CORS_ORIGINS grants them
  app.register(helmet, securityHeaders(config));
  app.register(cors, crossOrigin(config));

  // bodies are JSON: a form, plain text or multipart, which a foreign page can send unasked, is 415
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => parseJson(body),
  );

  // failures of every kind leave through one door
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerUnknown);

  closeOnStop(app);
  // Node would answer 417 by itself: an expectation that nobody knows may be passed over (RFC 9110, 10.1.1)
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  healthRoutes(app, deps.ready);
  securityText(app, config);
  app.register(async (routes) => graphqlRoutes(routes, deps));
  return app;
}

function transport({ log }: { log: Logger }): FastifyInstance {
  return fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => uuidv7(),
    requestIdHeader: false,
    bodyLimit: limits.body,
    requestTimeout: 30_000,
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true },
    rewriteUrl: ({ url = '/' }) => (decodes(url) ? url : '/undecodable'),
    clientErrorHandler: answerMalformed,
    // Node would refuse a request without Host by itself, before any header of ours; nothing here goes by it
    http: { requireHostHeader: false },
  }) as unknown as FastifyInstance;
}

/** How long a stop waits for what is being answered. */
const GRACE_MS = 1000;

// Node closes idle connections once, when it begins to stop: those still at work then are told not to stay
function closeOnStop(app: FastifyInstance): void {
  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
    // one that was opened and never asked anything counts as at work for a minute (headersTimeout)
    setTimeout(() => app.server.closeAllConnections(), GRACE_MS).unref();
  });
  app.addHook('onSend', async (_request, reply) => {
    if (stopping) reply.header('connection', 'close');
  });
}

// an address that does not decode would be answered before any hook, without headers, id or log line: it becomes an unknown one
function decodes(url: string): boolean {
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '');
    return true;
  } catch {
    return false;
  }
}

function graphqlRoutes<Context extends EdgeContext>(app: FastifyInstance, deps: ServerDeps<Context>): void {
  const { config } = deps;
  const operations = graphqlHandler(app, deps);

  // a page of another site may not use this site's cookie
  const ownPages = refuseForeignPages(config);
  app.post('/graphql', { preParsing: ownPages }, operations);
  app.get('/graphql', async (request, reply) => {
    if (await showsPage(request, reply, deps)) return sendPage(reply, deps.graphiqlTabs ?? []);
    await ownPages(request);
    return operations(request, reply);
  });
  app.route({ method: ['PUT', 'PATCH', 'DELETE', 'HEAD'], url: '/graphql', handler: refuseMethod });
}

async function showsPage<Context extends EdgeContext>(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ServerDeps<Context>,
) {
  if (!request.headers.accept?.includes('text/html')) return false;
  const extras = { reply, requestId: request.id, signal: new AbortController().signal };
  return graphiqlAllowed(deps.config, () =>
    deps.createContext(request, extras).then(deps.mayInspect, () => false),
  );
}

async function sendPage(reply: FastifyReply, tabs: readonly GraphiqlTab[]): Promise<FastifyReply> {
  const { html, csp } = await graphiqlPage(tabs);
  return reply.header('content-security-policy', csp).type('text/html; charset=utf-8').send(html);
}

async function refuseMethod(_request: FastifyRequest, reply: FastifyReply): Promise<never> {
  reply.header('allow', 'GET, POST').code(405);
  throw new AppError('BAD_REQUEST', 'GraphQL requires GET or POST.');
}

/** The one line a request: no query text, no variables, no query string. */
async function logLine(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const scope = scopeOf(request);
  request.log.info(
    {
      method: request.method,
      path: request.url.split('?', 1)[0],
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ip: request.clientAddress,
      operation: scope?.operation,
      actorId: scope?.actor?.userId,
      companyId: scope?.actor?.companyId,
    },
    'request',
  );
}
