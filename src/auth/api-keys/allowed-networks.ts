import { networkTest } from '../../network-address.ts';

/**
 * Tells whether a key with these networks may be used from an address; without networks, from
 * anywhere.
 */
export const isAllowed = (networks: readonly string[], ip: string | null): boolean =>
  networks.length === 0 || (ip !== null && networkTest(networks)(ip));
