import { BlockList, isIP } from 'node:net';

/** An address, or a network as 10.0.0.0/8 (RFC 4632) or 2001:db8::/32 (RFC 4291, 2.3). */
export function isNetwork(text: string): boolean {
  const [address = '', bits, more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more !== undefined || address.includes('%')) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** Whether the address lies in one of the networks; any does when there are none. IPv4 inside IPv6 (::ffff:1.2.3.4) is the IPv4 address. */
export function isAllowed(networks: readonly string[], ip: string | null): boolean {
  if (networks.length === 0) return true;
  const address = plainAddress(ip ?? '');
  const family = isIP(address);
  if (family === 0) return false;
  const list = new BlockList();
  for (const network of networks.filter(isNetwork)) {
    const [start = '', bits] = network.split('/');
    const kind = isIP(start) === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(start, bits === undefined ? (kind === 'ipv4' ? 32 : 128) : Number(bits), kind);
  }
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

const plainAddress = (ip: string): string => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip;
