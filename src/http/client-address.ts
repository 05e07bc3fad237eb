import type { IncomingMessage } from 'node:http';
import { canonicalAddress, hostAddress, networkTest } from '../network-address.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The client's address in its canonical form; null once the connection is gone. */
    readonly clientAddress: string | null;
  }
}

/**
 * Returns how to find a request's client: who connects, unless that is a trusted proxy. `X-Forwarded-For` is then read from its end, where
 * the nearest proxy writes, up to the first address that is no trusted proxy's. Where a proxy wrote no address, it counts itself.
 */
export function clientAddressBehind(trustedProxies: readonly string[]) {
  const isTrusted = networkTest(trustedProxies);
  return ({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string | null => {
    let client = canonicalAddress(socket.remoteAddress ?? '');
    const forwarded = trustedProxies.length > 0 ? headers['x-forwarded-for'] : undefined;
    if (client === null || forwarded === undefined) return client;
    for (const hop of String(forwarded).split(',').reverse()) {
      const named: string | null = isTrusted(client) ? hostAddress(hop.trim()) : null;
      if (named === null) return client;
      client = named;
    }
    return client;
  };
}
