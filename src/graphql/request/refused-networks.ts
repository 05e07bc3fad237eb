import type { FastifyRequest } from 'fastify';
import { REQUESTS } from '../../auth/rate-limit/limit.ts';
import { bounded } from '../../bounded-cache.ts';
import { limitedNetwork } from '../../network-address.ts';
import type { EdgeContext, Rates } from './settings.ts';

/** Networks that are kept at the same time, each until its window ends; some 200 bytes each. */
const MOST_NETWORKS = 10_000;

/** Rates that know which networks are beyond the limit of requests. */
export type NetworkRates = Rates & {
  /** The field `RateLimit-Policy`. */
  policy: string;
  /** Refuses a network's requests for so many seconds. */
  refuse(network: string, seconds: number): void;
  /** Seconds for which a network's requests are still refused; 0 where they are accepted. */
  refusedFor(network: string): number;
};

/** The caller of requests without an actor, and of refused ones. */
export const networkOf = ({ clientAddress }: FastifyRequest): string =>
  `address:${limitedNetwork(clientAddress ?? '')}`;

/** Whose limits a request counts against. The address is parsed for anonymous clients alone. */
export const callerOf = (request: FastifyRequest, actor: EdgeContext['actor']): string =>
  actor ? `user:${actor.userId}` : networkOf(request);

/** Tells whether a request brings a credential, valid or not. */
export const hasCredential = ({ headers }: FastifyRequest): boolean =>
  headers.authorization !== undefined || headers.cookie !== undefined;

/** Keeps the networks that a count refuses, so that their requests cost no further count. */
export function withNetworks(rates: Rates): NetworkRates {
  const ends = bounded<number>(MOST_NETWORKS, () => 1);
  const { points, per } = rates.requests;
  return {
    ...rates,
    policy: `"${REQUESTS}";q=${points};w=${per}`,
    refuse: (network, seconds) => ends.set(network, Date.now() + seconds * 1000),
    refusedFor: (network) => Math.max(0, Math.ceil(((ends.get(network) ?? 0) - Date.now()) / 1000)),
  };
}
