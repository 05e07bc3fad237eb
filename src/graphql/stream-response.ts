import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { AppError } from '../errors.ts';

/** Milliseconds that a client has to read what was written before its stream ended: one that reads nothing would delay a stop. */
const LAST_EVENTS_MS = 500;

/** Headers of the connection, and those that http/ sets. */
const IGNORED_HEADERS = new Set([
  'connection',
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'cache-control',
]);

/** Sends a fetch API response: event streams as they come, everything else in one piece. */
export async function sendResponse(
  reply: FastifyReply,
  response: Response,
  signal: AbortSignal,
): Promise<FastifyReply> {
  reply.code(response.status);
  for (const [name, value] of response.headers)
    if (!IGNORED_HEADERS.has(name.toLowerCase())) reply.header(name, value);
  const streamed = /^(text\/event-stream|multipart\/)/.test(response.headers.get('content-type') ?? '');
  if (streamed && response.body) {
    signal.addEventListener('abort', () => setTimeout(() => reply.raw.destroy(), LAST_EVENTS_MS).unref());
    // a connection that is kept alive after its stream would delay a stop
    return reply.header('connection', 'close').send(Readable.from(chunks(response.body, signal)));
  }
  const text = await response.text();
  if (text === '')
    throw new AppError('BAD_REQUEST', 'The answer cannot be sent as any of the accepted media types.');
  return reply.send(text);
}

/** Ends with the connection or the server, even while it waits for the next event. */
async function* chunks(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
