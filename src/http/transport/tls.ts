import type { Http2SecureServer, SecureServerOptions, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { NO_RENEGOTIATION } from '../../crypto/certificate.ts';
import { type CertificateWatch, watchCertificate } from './certificate-watch.ts';
import type { KeyPair, TlsFiles } from './key-pair.ts';

/**
 * Suites of TLS 1.2 with forward secrecy and authenticated encryption (RFC 9325, 4.2); all of TLS
 * 1.3.
 */
const CIPHERS = [
  ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
].join(':');

const HANDSHAKE_MS = 10_000;
/** Requests of one HTTP/2 connection at the same time. */
const MOST_STREAMS = 100;

const contextOf = ({ cert, key }: KeyPair) => ({
  ...{ cert, key },
  minVersion: 'TLSv1.2' as const,
  ciphers: CIPHERS,
  honorCipherOrder: true,
  ecdhCurve: 'X25519:P-256:P-384',
  secureOptions: NO_RENEGOTIATION,
});

/**
 * Returns the options of an HTTPS server: HTTP/2, and HTTP/1.1 for clients that do not offer it
 * (ALPN).
 */
export const tlsOptions = (pair: KeyPair, http1: object): SecureServerOptions => ({
  ...contextOf(pair),
  ...http1,
  allowHTTP1: true,
  handshakeTimeout: HANDSHAKE_MS,
  settings: { maxConcurrentStreams: MOST_STREAMS },
});

type Served = { files: TlsFiles; pair: KeyPair; log: Logger; requestTimeout: number };

/**
 * Replaces the server's certificate when its files change, and limits how long a request may
 * arrive.
 */
export function serveTls(
  app: FastifyInstance,
  { files, pair, log, requestTimeout }: Served,
): CertificateWatch {
  const server = app.server as unknown as Http2SecureServer;
  const use = (next: KeyPair) => server.setSecureContext(contextOf(next));
  const watch = watchCertificate({ files, first: pair, use, log });
  app.addHook('onClose', async () => watch.stop());
  limitArrival(app, requestTimeout);
  return watch;
}

/** Node's requestTimeout is for HTTP/1.1 alone. */
function limitArrival(app: FastifyInstance, milliseconds: number): void {
  app.addHook('onRequest', async ({ raw }, reply) => {
    const { stream } = raw as unknown as { stream?: ServerHttp2Stream };
    if (!stream || stream.endAfterHeaders) return;
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), milliseconds);
    const arrived = () => clearTimeout(timer);
    raw.once('end', arrived);
    reply.raw.once('close', arrived);
  });
}
