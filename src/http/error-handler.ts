import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, errorCodes } from '../errors.ts';
import { extensionsOf, shownError } from '../graphql/errors/masking.ts';
import { withScope } from '../graphql/request/request-scope.ts';

/** Answers requests that failed outside of GraphQL execution, in the shape of a GraphQL error. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const shown = transportError(error, request, reply) ?? withScope(request, () => shownError(error));
  const { http: _, ...extensions } = withScope(request, () => extensionsOf(shown));
  if (shown.advice?.retryAfter) reply.header('retry-after', shown.advice.retryAfter);
  if (reply.statusCode < 400) reply.code(errorCodes[shown.code].status);
  return reply
    .type('application/json; charset=utf-8')
    .send({ errors: [{ message: shown.message, extensions }] });
}

export function answerUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answerError(new AppError('NOT_FOUND', 'Not found.'), request, reply);
}

// Fastify's messages may quote the request, so they are replaced
function transportError(error: unknown, request: FastifyRequest, reply: FastifyReply): AppError | undefined {
  const { name, code, statusCode } = (error ?? {}) as Partial<FastifyError>;
  // the client disconnected: no one reads this answer, and it is not a server error
  if (name === 'AbortError' || brokeOff(request))
    return new AppError('UNAVAILABLE', 'The connection ended before the answer.');
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new AppError('PAYLOAD_TOO_LARGE', 'The request body is too large.');
  if (
    typeof code !== 'string' ||
    !code.startsWith('FST_ERR_') ||
    statusCode === undefined ||
    statusCode >= 500
  )
    return undefined;
  reply.code(statusCode);
  return new AppError(
    'BAD_REQUEST',
    statusCode === 415 ? 'The request body must be application/json.' : 'The request is not well formed.',
  );
}

/** Tells whether the client closed the connection before it had sent its whole request. */
const brokeOff = ({ raw }: FastifyRequest): boolean => raw.destroyed && !raw.complete;
