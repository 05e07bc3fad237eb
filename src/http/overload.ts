import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { hasCredential } from '../graphql/request/refused-networks.ts';

const RETRY_AFTER_SECONDS = 2;

/**
 * Refuses operations without a credential, before their body is read, while the mean delay of the
 * event loop exceeds `mostLateMs`: a flood of anonymous requests then costs signed-in users as
 * little as possible. Error: UNAVAILABLE with `retryAfter`.
 */
export function shedAnonymousLoad(app: FastifyInstance, mostLateMs: number): void {
  app.register(underPressure, {
    maxEventLoopDelay: mostLateMs,
    pressureHandler: (request) => (isAnonymous(request) ? Promise.reject(overloaded()) : undefined),
  });
}

const isAnonymous = (request: FastifyRequest): boolean =>
  request.routeOptions.url === '/graphql' && !hasCredential(request);

const overloaded = (): AppError =>
  new AppError('UNAVAILABLE', 'The server is overloaded; retry in a few seconds.', {
    advice: { retryAfter: RETRY_AFTER_SECONDS },
  });
