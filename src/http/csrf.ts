import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { EdgeConfig } from '../graphql/request/settings.ts';

/**
 * Refuses a request that a page of another site makes with this site's cookies (`FORBIDDEN`). Bodies are JSON only, which a form cannot
 * send and which other origins may send after a CORS preflight alone; this is the second wall, and the one for GET. Requests without
 * a cookie carry no right that the browser added by itself.
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
