import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

const MAPPED_PREFIX = '::ffff:';

/**
 * Returns the one spelling under which an address is compared, counted, stored and logged; null for
 * what is no address. IPv4 is dotted decimal, IPv6 as RFC 5952 has it without a zone, and an
 * IPv4-mapped IPv6 address is the IPv4 address in whichever spelling (RFC 4291, 2.5.5.2).
 */
export function canonicalAddress(text: string): string | null {
  if (isIPv4(text)) return text;
  // the form of an IPv4 client on a dual-stack socket
  if (text.startsWith(MAPPED_PREFIX) && isIPv4(text.slice(MAPPED_PREFIX.length)))
    return text.slice(MAPPED_PREFIX.length);
  if (!isIPv6(text)) return null;
  const address = ipaddr.IPv6.parse(withoutZone(text));
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
}

/**
 * Returns the canonical address of a host as proxies and URLs write it, with or without port and
 * brackets; null for a name.
 */
export function hostAddress(text: string): string | null {
  const [, bracketed, withPort] = /^\[([^\]]*)\](?::\d{1,5})?$|^([\d.]+):\d{1,5}$/.exec(text) ?? [];
  if (bracketed !== undefined) return isIPv6(bracketed) ? canonicalAddress(bracketed) : null;
  return canonicalAddress(withPort ?? text);
}

/**
 * Returns what limits count an address as: IPv4 itself, of IPv6 the /64, all of which one
 * subscriber has (RFC 6177).
 */
export function limitedNetwork(address: string): string {
  const canonical = canonicalAddress(address) ?? address;
  if (!isIPv6(canonical)) return canonical;
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${canonical}/64`);
  return `${network.toRFC5952String()}/64`;
}

/**
 * Tells whether a text is an address or a network, as 10.0.0.0/8 (RFC 4632) or 2001:db8::/32 (RFC
 * 4291, 2.3).
 */
export const isNetwork = (text: string): boolean => networkOf(text) !== null;

/** The widest network that a deployment's own proxies may stand in, by its number of fixed bits. */
const WIDEST_BITS = { ipv4: 8, ipv6: 16 } as const;

/** Tells whether a network is wider than any deployment's own, such as 0.0.0.0/0. */
export function isTooWide(network: string): boolean {
  const [start, bits] = networkOf(network) ?? [];
  return start !== undefined && bits !== undefined && bits < WIDEST_BITS[start.kind()];
}

/**
 * Compiles networks to a test of addresses. An IPv6 network holds no IPv4 address, however wide it
 * is, unless it is written as a mapped one, such as ::ffff:10.0.0.0/104. What is no network holds
 * no address.
 */
export function networkTest(networks: readonly string[]): (address: string) => boolean {
  const ranges = networks.map(networkOf).filter((range) => range !== null);
  return (text) => {
    const canonical = canonicalAddress(text);
    if (canonical === null) return false;
    const address = ipaddr.parse(canonical);
    return ranges.some(([start, bits]) => start.kind() === address.kind() && address.match(start, bits));
  };
}

/** Tells whether a host, as a URL or a setting has it, is this machine. */
export function isLoopback(host: string): boolean {
  const address = hostAddress(host);
  return host === 'localhost' || (address !== null && loopback(address));
}

const loopback = networkTest(['127.0.0.0/8', '::1']);

function networkOf(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | null {
  const [start = '', bits, more] = text.split('/');
  const canonical = canonicalAddress(start);
  if (canonical === null || more !== undefined || start !== withoutZone(start)) return null;
  const written = isIPv4(start) ? 32 : 128;
  const length = bits === undefined ? written : Number(bits);
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && length <= written)) return null;
  if (isIPv4(canonical) && written === 128)
    // a prefix that is shorter than the mapped range holds other addresses, too
    return length < 96 ? [ipaddr.IPv6.parse(start), length] : [ipaddr.IPv4.parse(canonical), length - 96];
  return [ipaddr.parse(canonical), length];
}

function withoutZone(address: string): string {
  return address.split('%', 1)[0] as string;
}
