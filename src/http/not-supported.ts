import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';

export const noWebSocket = (): AppError =>
  new AppError('BAD_REQUEST', 'WebSocket is not supported; subscribe over server-sent events (graphql-sse).');

export async function refuseMethod(_request: FastifyRequest, reply: FastifyReply): Promise<never> {
  reply.header('allow', 'GET, POST').code(405);
  throw new AppError('BAD_REQUEST', 'GraphQL requires GET or POST.');
}

const TOKEN = 'x-graphql-event-stream-token';

/**
 * Refuses graphql-sse's single connection mode: its reservations and streams live in one process,
 * and instances share nothing. Without this refusal, its operations would be answered as if each
 * were a request of its own.
 */
export async function refuseSingleConnection(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { method, headers, query } = request;
  if (method !== 'PUT' && headers[TOKEN] === undefined && !('token' in (query as object))) return;
  reply.header('allow', 'GET, POST').code(method === 'PUT' || method === 'DELETE' ? 405 : 400);
  throw new AppError(
    'BAD_REQUEST',
    "graphql-sse's single connection mode is not supported; use its distinct connections mode, the default.",
  );
}

/** Refuses compressed bodies, which would be read as they are (RFC 9110, 8.4 and 15.5.16). */
export async function refuseEncoding(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  reply.header('accept-encoding', 'identity').code(415);
  throw new AppError(
    'BAD_REQUEST',
    'The request body must not be compressed; send it without Content-Encoding.',
  );
}
