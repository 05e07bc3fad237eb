import type { FastifyReply } from 'fastify';
import type { RequestScope } from './request-scope.ts';

/** Codes of the server's faults. */
const FAULTS = ['INTERNAL', 'UNAVAILABLE'];

/**
 * Ends a request's trace, which is named by what its operation is. An operation's own name is the
 * client's choice, except in a trusted document.
 */
export function endTrace(scope: RequestScope | undefined, reply: FastifyReply): void {
  if (!scope?.trace) return;
  const { operationType, codes } = scope;
  const operation = scope.isTrusted ? scope.operation : undefined;
  const [code] = codes;
  const fault = FAULTS.find((name) => codes.has(name));
  scope.trace.end({
    ...(operationType && { name: operation ? `${operationType} ${operation}` : operationType }),
    facts: {
      'bulwark.request_id': scope.id,
      'http.response.status_code': reply.statusCode,
      ...(operationType && { 'graphql.operation.type': operationType }),
      ...(operation && { 'graphql.operation.name': operation }),
      ...(code && { 'bulwark.error_code': code }),
    },
    failure: fault,
  });
}
