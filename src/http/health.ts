import type { FastifyInstance } from 'fastify';
import type { EdgeConfig } from '../graphql/request/settings.ts';

type Ready = () => Promise<Record<string, boolean>>;

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Turns `/health/ready` red, so that load balancers send no further requests; what arrives is
     * still served.
     */
    drain(): void;
  }
}

/**
 * Serves `/health/live` (the process responds) and `/health/ready` (200 or 503, with each check's
 * result and no cause).
 */
export function healthRoutes(app: FastifyInstance, ready: Ready, degraded: () => string[]): void {
  let draining = false;
  app.decorate('drain', () => {
    draining = true;
  });
  const check = shared(ready);
  app.get('/health/live', async () => ({ status: 'ok' }));
  app.get('/health/ready', async (request, reply) => {
    if (draining) return reply.code(503).send({ status: 'unavailable', checks: { accepting: false } });
    const checks = await check().catch((err: unknown) => {
      request.log.error({ err }, 'readiness could not be determined');
      return { ready: false };
    });
    const ok = Object.values(checks).every(Boolean);
    const failing = degraded();
    const status = ok ? 'ok' : 'unavailable';
    return reply.code(ok ? 200 : 503).send({ status, checks, ...(failing.length > 0 && { failing }) });
  });
}

/** Anyone may ask: probes that come at the same time share one check. */
function shared(ready: Ready): Ready {
  let running: ReturnType<Ready> | undefined;
  return () => {
    running ??= ready().finally(() => {
      running = undefined;
    });
    return running;
  };
}

const HALF_A_YEAR = 182 * 86_400_000;

/** `/.well-known/security.txt` (RFC 9116). `Expires` must lie less than a year ahead. */
export function securityText(app: FastifyInstance, config: EdgeConfig): void {
  const contact = config.securityContact ?? `mailto:security@${new URL(config.publicUrl).hostname}`;
  app.get('/.well-known/security.txt', async (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send(
        [
          `Contact: ${contact}`,
          `Expires: ${new Date(Date.now() + HALF_A_YEAR).toISOString()}`,
          'Preferred-Languages: en',
          `Canonical: ${new URL('/.well-known/security.txt', config.publicUrl)}`,
          '',
        ].join('\n'),
      ),
  );
}
