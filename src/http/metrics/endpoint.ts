import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { MetricsConfig } from '../../config.ts';
import { equalSecrets } from '../../crypto/token.ts';
import { AppError } from '../../errors.ts';
import { answerError, answerUnknown } from '../error-handler.ts';
import { listen } from '../listen.ts';
import type { Metrics } from './registry.ts';

/**
 * Serves `/metrics` on METRICS_PORT, or beside the API where only METRICS_TOKEN is set. Error:
 * UNAUTHENTICATED without the token, where there is one.
 */
export function serveMetrics(
  app: FastifyInstance,
  { host, metrics: { port, token } }: { host: string; metrics: MetricsConfig },
  metrics: Metrics,
): void {
  app.addHook('onClose', async () => metrics.close());
  if (port === undefined) {
    route(app, metrics, token);
    return;
  }
  const own = fastify({ requestTimeout: 10_000 });
  own.setErrorHandler(answerError);
  own.setNotFoundHandler(answerUnknown);
  route(own, metrics, token);
  app.addHook('onReady', async () => {
    await listen(own, { host, port, variable: 'METRICS_PORT' });
  });
  app.addHook('onClose', async () => own.close());
}

function route(app: FastifyInstance, { text, contentType }: Metrics, token: string | undefined): void {
  app.get('/metrics', async (request, reply) => {
    if (token !== undefined && !equalSecrets(bearerOf(request), token))
      throw new AppError('UNAUTHENTICATED', 'Send METRICS_TOKEN as a bearer token.');
    return reply.type(contentType).send(await text());
  });
}

const bearerOf = ({ headers }: FastifyRequest): string =>
  /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
