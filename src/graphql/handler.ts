import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { acceptedBy, jsonTypeFor, sendJson } from './json-response.ts';
import { bodyParams, type Params, parseJson, queryParams } from './request/params.ts';
import { countingRefused } from './request/rate-limit.ts';
import { withNetworks } from './request/refused-networks.ts';
import { scopeOf, withScope } from './request/request-scope.ts';
import { endTrace } from './request/request-trace.ts';
import type { EdgeContext, ServerDeps } from './request/settings.ts';
import { type DocumentOf, type Named, untrustedDocument } from './request/trusted-documents.ts';
import { openDeadline, type RequestDeadline } from './request-deadline.ts';
import { sendResponse } from './stream-response.ts';
import { openYoga } from './yoga.ts';

/**
 * Returns the handler of GraphQL over HTTP, and of SSE in graphql-sse's distinct connections mode.
 */
export function graphqlHandler<Context extends EdgeContext>(app: FastifyInstance, deps: ServerDeps<Context>) {
  const rates = deps.rates && withNetworks(deps.rates);
  const yoga = openYoga({ ...deps, rates });
  const counted = countingRefused(rates);
  const documentOf = deps.documentOf ?? untrustedDocument;
  const streams = new Set<RequestDeadline>();
  app.addHook('preClose', async () => {
    for (const connection of streams) connection.abort();
  });

  return async function handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const accept = acceptedBy(request.headers.accept);
    refuseUnanswerable(accept, reply);
    const connection = openDeadline(reply, deps.config.requestTimeout);
    if (request.headers.accept !== undefined) request.headers.accept = accept; // Yoga reads it too
    if (accept.includes('text/event-stream')) {
      streams.add(connection);
      reply.raw.once('close', () => streams.delete(connection));
    }
    const { signal } = connection;
    const extras = { reply, requestId: request.id, signal };
    const type = jsonTypeFor(accept);
    return withScope(request, async () => {
      const send = await counted(request, reply, async () => {
        const params = paramsOf(request, documentOf);
        if (type && !mayStream(params)) {
          const result = await connection.run(() => yoga.execute({ request, extras, params }));
          return () => sendJson(reply, type, result);
        }
        const response = await connection.run(() => yoga.respond({ request, extras, params }));
        const scope = scopeOf(request);
        // it may last for hours: its trace is how it began
        if (scope?.operationType === 'subscription') endTrace(scope, reply);
        return () => sendResponse(reply, response, signal);
      });
      return send();
    });
  };
}

function paramsOf(request: FastifyRequest, documentOf: DocumentOf): Params {
  const { method, body, query, headers } = request;
  const find = (named: Named) => {
    const text = documentOf(named, headers);
    const scope = scopeOf(request);
    if (scope) scope.isTrusted = text !== named.query;
    return text;
  };
  if (method !== 'POST') return queryParams(query as Record<string, unknown>, find);
  return bodyParams(body instanceof Buffer ? parseJson(body) : body, find);
}

/** Without parsing it: only a document with this word in it may be a subscription. */
const mayStream = ({ query }: Params): boolean => query.includes('subscription');

/** Refuses requests whose answer the client would refuse, before anything is executed. */
function refuseUnanswerable(accept: string, reply: FastifyReply): void {
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
