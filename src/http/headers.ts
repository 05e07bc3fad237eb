import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyCorsOptions } from '@fastify/cors';
import helmet, { type HelmetOptions } from 'helmet';
import type { EdgeConfig } from '../graphql/request/settings.ts';

/**
 * Returns the headers of every answer. helmet's are made once: they are the same for all, and it
 * computes them for each.
 */
export function fixedHeaders(config: EdgeConfig): Record<string, string> {
  const headers: Record<string, string> = {};
  const setHeader = (name: string, value: string) => {
    headers[name.toLowerCase()] = value;
  };
  const collected = { setHeader, removeHeader: () => {} } as unknown as ServerResponse;
  helmet(helmetOptions(config))({} as IncomingMessage, collected, (error) => {
    if (error) throw error;
  });
  return { ...headers, ...ownHeaders };
}

/**
 * Answers are data: the policy allows no loads, scripts, frames or form targets. GraphiQL's page
 * has its own policy.
 */
function helmetOptions(config: EdgeConfig): HelmetOptions {
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
 * Headers with values other than helmet's. helmet sends `X-XSS-Protection: 0`, because the filter
 * of browsers before 2020 could be misused on pages with scripts. These answers have no scripts
 * (CSP `default-src 'none'`), current browsers ignore the header, and published reviews expect this
 * value.
 */
const ownHeaders = { 'x-xss-protection': '1; mode=block', 'cache-control': 'no-store' };

/** Allows exact origins with credentials. Without any, no CORS header is sent. */
export function crossOrigin(config: EdgeConfig): FastifyCorsOptions {
  return {
    origin: config.corsOrigins.length > 0 ? config.corsOrigins : false,
    credentials: true,
    methods: ['GET', 'POST'],
    allowedHeaders: ['content-type', 'authorization', 'x-company-id', 'last-event-id', 'idempotency-key'],
    exposedHeaders: ['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy'],
    maxAge: 600,
  };
}
