import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/**
 * Destroys an answer that its client has not read so many milliseconds after it was handed over.
 * Node has no such limit, and clients say how much of an HTTP/2 stream they take (RFC 9113, 5.2).
 * Event streams last as long as their subscription.
 */
export function limitAnswerTime(app: FastifyInstance, milliseconds: number): void {
  app.addHook('onSend', (_request, { raw }, payload, done) => {
    if (!isStream(payload)) {
      const timer = setTimeout(destroy, milliseconds, raw).unref();
      raw.on('close', () => clearTimeout(timer));
    }
    done();
  });
}

const destroy = (response: ServerResponse): void => void response.destroy();

const isStream = (payload: unknown): boolean =>
  typeof (payload as { pipe?: unknown } | null | undefined)?.pipe === 'function';
