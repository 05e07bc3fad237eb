import type { IncomingMessage } from 'node:http';
import { v7 as uuidv7 } from 'uuid';
import { canonicalAddress, hostAddress, networkTest } from '../network-address.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The client's address in its canonical form; null once the connection is gone. */
    readonly clientAddress: string | null;
  }
}

/**
 * Returns a function that finds a request's client address: the peer, unless it is a trusted proxy.
 * Then `X-Forwarded-For` is read from its end up to the first address that is not a trusted proxy.
 * A proxy that wrote no address counts as the client.
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

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Returns a function that finds the `traceparent` of a trusted proxy (W3C Trace Context). A client
 * cannot choose it: it decides whether the request is recorded, and among whose spans.
 */
export function traceparentBehind(trustedProxies: readonly string[]) {
  const isTrusted = networkTest(trustedProxies);
  return ({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string | undefined => {
    const { traceparent } = headers;
    const peer = canonicalAddress(socket.remoteAddress ?? '');
    return typeof traceparent === 'string' && peer !== null && isTrusted(peer) ? traceparent : undefined;
  };
}

/**
 * Returns a function that finds a request's id: the UUID in `X-Request-Id` of a trusted proxy,
 * whose own log has it too, else a new one. Clients cannot choose it: it names the request in the
 * audit log.
 */
export function requestIdBehind(trustedProxies: readonly string[]) {
  if (trustedProxies.length === 0) return (): string => uuidv7();
  const isTrusted = networkTest(trustedProxies);
  return ({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string => {
    const given = headers['x-request-id'];
    const peer = canonicalAddress(socket.remoteAddress ?? '');
    const isGiven = typeof given === 'string' && UUID.test(given) && peer !== null && isTrusted(peer);
    return isGiven ? given.toLowerCase() : uuidv7();
  };
}
