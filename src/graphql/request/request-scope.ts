import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { inTrace, type Trace } from '../../tracing/trace.ts';

/**
 * One HTTP request as the log and the error mask know it. `operation` and `actor` are filled in
 * when they become known.
 */
export type RequestScope = {
  id: string;
  log: Logger;
  operation?: string;
  /** What the operation is; undefined where none was executed. */
  operationType?: 'query' | 'mutation' | 'subscription';
  actor?: { userId: string; companyId: string };
  /** Whether the document is of the manifest of trusted documents. */
  isTrusted?: boolean;
  /** Undefined where no spans are recorded. */
  trace?: Trace | undefined;
  /** Codes of the errors in the answer. */
  codes: Set<string>;
};

/**
 * Errors are masked deep inside the executor, which carries no request: the scope travels beside
 * it.
 */
export const requestScope = new AsyncLocalStorage<RequestScope>();

const scopes = new WeakMap<FastifyRequest, RequestScope>();

export function openScope(request: FastifyRequest, log: Logger, trace?: Trace): void {
  scopes.set(request, { id: request.id, log, trace, codes: new Set() });
}

/**
 * The scope kept with the request: async storage does not survive the reading of the body, whose
 * events come from the socket.
 */
export const scopeOf = (request: FastifyRequest): RequestScope | undefined => scopes.get(request);

/** Runs `step` with the request's scope beside it. */
export function withScope<T>(request: FastifyRequest, step: () => T): T {
  const scope = scopes.get(request);
  if (!scope) return step();
  const { trace } = scope;
  return requestScope.run(scope, trace ? () => inTrace(trace, step) : step);
}
