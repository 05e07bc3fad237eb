import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import type { EdgeConfig } from '../../graphql/request/settings.ts';
import { isLoopback, networkTest } from '../../network-address.ts';

/** Probes come from inside the deployment, without a credential. */
const EXEMPT = /^\/health\//;

/**
 * Refuses requests that came over plain HTTP, with `FORBIDDEN`: neither over TLS, nor through a
 * trusted proxy that says `X-Forwarded-Proto: https`. With `plainHttp: 'loopback'`, clients of this
 * machine are served. There is no redirect: the credential has been sent in clear already.
 */
export function refusePlainHttp(app: FastifyInstance, config: EdgeConfig): void {
  const isTrusted = ofLast(networkTest(config.trustedProxies ?? []));
  const isLocal = ofLast(isLoopback);
  const isAllowed = ({ raw, headers }: FastifyRequest): boolean => {
    const peer = raw.socket.remoteAddress ?? '';
    if (config.plainHttp === 'loopback' && isLocal(peer)) return true;
    return isTrusted(peer) && isHttps(headers['x-forwarded-proto']);
  };
  app.addHook('onRequest', async (request, reply) => {
    if (isAllowed(request)) return;
    reply.removeHeader('strict-transport-security'); // RFC 6797, 7.2
    if (!EXEMPT.test(request.url))
      throw new AppError('FORBIDDEN', 'This server answers over HTTPS only; use an https address.');
  });
}

/** Keeps the result for the last peer: most requests come from few proxies. */
function ofLast(test: (address: string) => boolean): (address: string) => boolean {
  let [last, result] = ['', test('')];
  return (address) => {
    if (address !== last) [last, result] = [address, test(address)];
    return result;
  };
}

/** Each proxy on the way adds its own word; one that says http has served the client in clear. */
const isHttps = (protocols: string | string[] | undefined): boolean =>
  protocols !== undefined &&
  String(protocols)
    .split(',')
    .every((protocol) => protocol.trim().toLowerCase() === 'https');
