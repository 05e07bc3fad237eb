import type { FastifyCorsOptions } from '@fastify/cors';
import type { FastifyHelmetOptions } from '@fastify/helmet';
import type { EdgeConfig } from '../graphql/request/settings.ts';

/** Answers are data: nothing in them may load, run, be framed or be a form's target. GraphiQL's page has its own policy. */
export function securityHeaders(config: EdgeConfig): FastifyHelmetOptions {
  const nothing = ["'none'"];
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: nothing, frameAncestors: nothing, baseUri: nothing, formAction: nothing },
    },
    hsts: config.publicUrl.startsWith('https:') && {
      maxAge: 31_536_000,
      includeSubDomains: true,
      preload: true,
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
    xXssProtection: false,
  };
}

/**
 * Headers that helmet does not send this way. helmet sets `X-XSS-Protection: 0`, because the filter of browsers before 2020 could itself be
 * misused on pages with scripts; these answers have none (CSP `default-src 'none'`), today's browsers ignore the header, and reviews that
 * follow the published designs look for this value.
 */
export const ownHeaders = { 'x-xss-protection': '1; mode=block', 'cache-control': 'no-store' };

/** Exact origins with credentials; without any, pages of other origins get no CORS header at all. */
export function crossOrigin(config: EdgeConfig): FastifyCorsOptions {
  return {
    origin: config.corsOrigins.length > 0 ? config.corsOrigins : false,
    credentials: true,
    methods: ['GET', 'POST'],
    allowedHeaders: ['content-type', 'authorization', 'x-company-id', 'last-event-id'],
    exposedHeaders: ['x-request-id', 'retry-after'],
    maxAge: 600,
  };
}
