import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { AppError } from '../errors.ts';

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
    // dropped without `complete`, so that clients of a server that stops reconnect with their
    // cursor
    signal.addEventListener('abort', () => reply.raw.destroy());
    reply.header('x-accel-buffering', 'no'); // nginx would hold events back
    // HTTP/1.1: a connection that is kept alive after its stream would delay a stop
    if (reply.request.raw.httpVersionMajor < 2) reply.header('connection', 'close');
    return reply.send(Readable.from(chunks(response.body, signal)));
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
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield withIds(next.value);
}

/**
 * Adds to each event that selects its cursor the cursor as `id` (HTML, 9.2.6): who reconnects sends
 * it as `Last-Event-ID`.
 */
function withIds(chunk: Uint8Array): Uint8Array {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (!bytes.includes('"cursor"')) return chunk;
  return Buffer.from(
    bytes.toString().replace(/^data: (\{.*\})$/gm, (line, json: string) => `${idOf(json)}${line}`),
  );
}

function idOf(json: string): string {
  const { data } = JSON.parse(json) as { data?: Record<string, { cursor?: unknown } | null> | null };
  const cursor = Object.values(data ?? {})[0]?.cursor;
  return typeof cursor === 'string' && /^[\w-]+$/.test(cursor) ? `id: ${cursor}\n` : '';
}
