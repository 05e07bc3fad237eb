import type { Server } from 'node:http';
import fastify, {
  type FastifyBaseLogger,
  type FastifyHttpOptions,
  type FastifyInstance,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { limits } from '../../graphql/limits/limits.ts';
import type { EdgeConfig } from '../../graphql/request/settings.ts';
import { limitAnswerTime } from './answer-time.ts';
import { closeOnStop } from './closing.ts';
import { readKeyPair } from './key-pair.ts';
import { answerMalformed } from './malformed.ts';
import { refusePlainHttp } from './plain-http.ts';
import { serveTls, tlsOptions } from './tls.ts';

/** How often Node looks for requests that take too long to arrive; milliseconds. */
const CHECK_INTERVAL_MS = 500;

/**
 * `secure` adds what TLS, or its absence, asks of each request, `failing` names what is wrong with
 * it without taking the instance out of service.
 */
export type Transport = { app: FastifyInstance; secure(): void; failing(): string[] };

type Opening = { log: Logger; config: EdgeConfig; genReqId: FastifyHttpOptions<Server>['genReqId'] };

/** Opens a server that speaks HTTPS with the files of `config.tls`, else plain HTTP for a proxy. */
export function openTransport({ log, config, genReqId }: Opening): Transport {
  const { tls: files, requestTimeout } = config;
  const pair = files && readKeyPair(files);
  const http1 = http1Options(requestTimeout);
  const options = pair ? { http2: true, https: tlsOptions(pair, http1) } : { http: http1 };
  const all = { ...commonOptions(log, requestTimeout), genReqId, ...options };
  // the rest of the program uses what servers of both kinds have
  const app = fastify(all as FastifyHttpOptions<Server>) as unknown as FastifyInstance;
  closeOnStop(app);
  limitAnswerTime(app, config.answerTimeout);
  const watch = files && pair && serveTls(app, { files, pair, log, requestTimeout });
  return {
    app,
    secure: () => {
      if (!watch) refusePlainHttp(app, config);
    },
    failing: () => (watch?.isExpiring() ? ['certificate'] : []),
  };
}

const commonOptions = (log: Logger, requestTimeout: number) => ({
  loggerInstance: log as FastifyBaseLogger,
  logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
  requestIdHeader: false as const,
  bodyLimit: limits.body,
  requestTimeout,
  exposeHeadRoutes: false,
  routerOptions: { ignoreTrailingSlash: true },
  rewriteUrl: ({ url = '/' }) => (decodes(url) ? url : '/undecodable'),
  clientErrorHandler: answerMalformed,
});

/**
 * Node would reject a request without Host before the security headers are set; Host is not used
 * here. It enforces neither of both limits where this one is the longer.
 */
const http1Options = (requestTimeout: number) => ({
  requireHostHeader: false,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  headersTimeout: requestTimeout,
  requestTimeout,
});

// Fastify answers undecodable URLs before any hook, without headers, id or log line: treat them as
// unknown paths
function decodes(url: string): boolean {
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '');
    return true;
  } catch {
    return false;
  }
}
