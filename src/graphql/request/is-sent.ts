import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { FastifyReply } from 'fastify';

/** Tells whether the whole answer has left. Node finishes an HTTP/2 stream that is reset, too. */
export function isSent({ raw }: FastifyReply): boolean {
  const { writableFinished, stream } = raw as ServerResponse & { stream?: ServerHttp2Stream };
  return stream ? !stream.aborted : writableFinished;
}
