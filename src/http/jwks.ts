import type { FastifyInstance } from 'fastify';

type KeySet = { published: () => Promise<{ keys: object[] }> };

/**
 * Seconds that clients may cache it; a new key is published for longer than that before it signs.
 */
const MAX_AGE = 300;

/** Serves `/.well-known/jwks.json` (RFC 7517, 5): the public keys that verify access tokens. */
export function keySetRoute(app: FastifyInstance, keys: KeySet): void {
  app.get('/.well-known/jwks.json', async (_request, reply) =>
    reply
      .header('cache-control', `public, max-age=${MAX_AGE}`)
      .type('application/jwk-set+json')
      .send(await keys.published()),
  );
}
