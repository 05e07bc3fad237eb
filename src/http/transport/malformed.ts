import type { Socket } from 'node:net';

/** Node's errors that are not malformed requests. */
const REFUSALS: Record<string, [status: string, message: string]> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The request headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time; send it again.'],
};
const MALFORMED: [string, string] = ['400 Bad Request', 'The request is not well formed HTTP.'];

/**
 * Answers bytes that are not HTTP. No request object exists yet, so the response is written to the
 * socket.
 */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  // a TLS handshake that failed has no stream to answer on
  const isHttp = /^(HPE_|ERR_HTTP_)/.test(error.code ?? '');
  if (!isHttp || socket.destroyed || !socket.writable) return void socket.destroy();
  const [status, message] = REFUSALS[error.code ?? ''] ?? MALFORMED;
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
  const head = [
    'content-type: application/json; charset=utf-8',
    'x-content-type-options: nosniff',
    "content-security-policy: default-src 'none'",
  ];
  socket.end(
    [`HTTP/1.1 ${status}`, ...head, `content-length: ${body.length}`, 'connection: close', '', body].join(
      '\r\n',
    ),
  );
}
