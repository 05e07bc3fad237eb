import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Milliseconds that shutdown waits for running requests. */
const GRACE_MS = 1000;

/**
 * Node closes idle connections once, when shutdown begins; busy ones get `Connection: close`.
 * HTTP/2 has its own end of a connection (RFC 9113, 6.8), which Node sends.
 */
export function closeOnStop(app: FastifyInstance): void {
  let stopping = false;
  const sockets = new Set<Socket>();
  (app.server as Server).on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  app.addHook('preClose', async () => {
    stopping = true;
    // a connection without a request counts as busy until headersTimeout
    setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, GRACE_MS).unref();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (stopping && request.raw.httpVersionMajor < 2) reply.header('connection', 'close');
    done();
  });
}
