import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { EdgeConfig } from '../graphql/request/settings.ts';

/**
 * Rejects requests of another site's page that carry this site's cookies (`FORBIDDEN`). JSON bodies
 * already require a CORS preflight from other origins; this check is the second layer, and the only
 * one for GET. Requests without a cookie carry no credential that the browser added.
 */
export function refuseForeignPages(config: EdgeConfig) {
  const allowed = new Set([new URL(config.publicUrl).origin, ...config.corsOrigins]);
  return async (request: FastifyRequest): Promise<void> => {
    const { cookie, origin, 'sec-fetch-site': site } = request.headers;
    if (cookie === undefined || (origin !== undefined && allowed.has(origin))) return;
    if (site === 'same-origin' || (site === undefined && origin === undefined && request.method === 'POST'))
      return;
    throw new AppError('FORBIDDEN', 'The origin of this page is not allowed to use the session cookie.');
  };
}
