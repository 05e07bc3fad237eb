import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  canonicalAddress,
  hostAddress,
  isLoopback,
  isNetwork,
  limitedNetwork,
  networkTest,
} from '../src/network-address.ts';

const octets = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })));
const dotted = octets.map((all) => all.join('.'));
const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
const ipv6 = groups.filter((all) => !isMapped(all));

const isMapped = (all: number[]) => all.slice(0, 5).every((group) => group === 0) && all[5] === 0xffff;
const mappedGroups = ([a = 0, b = 0, c = 0, d = 0]: number[]) => [
  0,
  0,
  0,
  0,
  0,
  0xffff,
  a * 256 + b,
  c * 256 + d,
];

/** Spells groups at random: case, leading zeros, and one run of zeros as `::`. */
const spelled = (all: number[]) =>
  fc
    .record({ upper: fc.boolean(), padded: fc.boolean(), squeezed: fc.boolean() })
    .map(({ upper, padded, squeezed }) => {
      const hex = all.map((group) => group.toString(16).padStart(padded ? 4 : 1, '0')).join(':');
      const short = squeezed ? hex.replace(/(^|:)(0+(:|$)){2,}/, '::') : hex;
      return upper ? short.toUpperCase() : short;
    });

describe('the canonical form of an address', () => {
  it('[B7] is one for all spellings of an IPv4 address and differs between addresses', () => {
    const spellings = octets.chain((all) =>
      fc.tuple(
        fc.constant(all.join('.')),
        spelled(mappedGroups(all)),
        fc.constant(`::ffff:${all.join('.')}`),
      ),
    );
    fc.assert(
      fc.property(spellings, ([plain, ...mapped]) => {
        for (const spelling of mapped) expect(canonicalAddress(spelling)).toBe(plain);
        expect(canonicalAddress(plain)).toBe(plain);
      }),
    );
  });

  it('[B7] is one for all spellings of an IPv6 address', () => {
    fc.assert(
      fc.property(
        ipv6.chain((all) => fc.tuple(spelled(all), spelled(all))),
        ([one, other]) => {
          expect(canonicalAddress(one)).toBe(canonicalAddress(other));
          expect(canonicalAddress(canonicalAddress(one) as string)).toBe(canonicalAddress(one));
        },
      ),
    );
  });

  it.each([
    '',
    ' ',
    'localhost',
    'unknown',
    '_hidden',
    '1',
    '127.1',
    '0x7f000001',
    '0x7f.1',
    '127.0.0.01',
    '256.0.0.1',
    '1.2.3.4 ',
    '1.2.3.4:80',
    '[::1]',
    '::ffff:1.2.3',
    '::ffff:1.2.3.256',
    ':::',
    '1::2::3',
    '12345::',
  ])('[B6] does not exist for %j', (text) => expect(canonicalAddress(text)).toBeNull());

  it('[B7] has no zone', () => expect(canonicalAddress('FE80::1%eth0')).toBe('fe80::1'));
});

test('[B6] a host is its address, whatever its port and brackets', () => {
  const port = fc.integer({ min: 0, max: 65_535 });
  fc.assert(
    fc.property(dotted, ipv6.chain(spelled), port, (four, six, number) => {
      for (const text of [four, `${four}:${number}`, `[::ffff:${four}]:${number}`])
        expect(hostAddress(text)).toBe(four);
      for (const text of [six, `[${six}]`, `[${six}]:${number}`])
        expect(hostAddress(text)).toBe(canonicalAddress(six));
    }),
  );
});

test.each([
  '',
  '[]',
  '[1.2.3.4]',
  '[::1',
  '::1]',
  '[::1]x',
  '1.2.3.4:',
  '1.2.3.4:x',
  '1.2.3.4:123456',
  'api:80',
  '"::1"',
])('[B6] %j is no address of a host', (text) => expect(hostAddress(text)).toBeNull());

describe('the network that limits count', () => {
  it('[B7] is the address itself for IPv4, in every spelling', () => {
    fc.assert(
      fc.property(
        octets.chain((all) => fc.tuple(fc.constant(all.join('.')), spelled(mappedGroups(all)))),
        ([plain, mapped]) => {
          expect([limitedNetwork(plain), limitedNetwork(mapped)]).toEqual([plain, plain]);
        },
      ),
    );
  });

  it('[A2] is the /64 for IPv6: the same for its addresses, another for those of another', () => {
    fc.assert(
      fc.property(ipv6, ipv6, (one, other) => {
        const counted = (all: number[]) => limitedNetwork(all.map((group) => group.toString(16)).join(':'));
        const network = one.slice(0, 4);
        const neighbour = [...network, ...other.slice(4)];
        fc.pre(!isMapped(neighbour));
        expect(counted(neighbour)).toBe(counted(one));
        expect(counted(one) === counted(other)).toBe(network.join() === other.slice(0, 4).join());
      }),
    );
  });

  it.each([
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['::1', '::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
  ])('[A2] of %s is %s', (address, network) => expect(limitedNetwork(address)).toBe(network));
});

describe('a network', () => {
  it.each<[string, boolean]>([
    ['10.0.0.0/8', true],
    ['10.1.2.3', true],
    ['2001:db8::/32', true],
    ['::ffff:10.0.0.0/104', true],
    ['10.0.0.0/33', false],
    ['2001:db8::/129', false],
    ['10.0.0.0/', false],
    ['10.0.0.0/8/8', false],
    ['10.0.0.0/-1', false],
    ['10.0.0', false],
    ['fe80::1%eth0', false],
    ['*', false],
    ['', false],
  ])('[A7] is %j: %s', (text, is) => expect(isNetwork(text)).toBe(is));

  it('[A7] contains exactly the addresses with its prefix', () => {
    const value = (all: number[]) => all.reduce((sum, octet) => sum * 256 + octet, 0);
    fc.assert(
      fc.property(octets, octets, fc.integer({ min: 0, max: 32 }), (one, other, bits) => {
        const size = 2 ** (32 - bits);
        const within = Math.floor(value(one) / size) === Math.floor(value(other) / size);
        const address = other.join('.');
        for (const network of [`${one.join('.')}/${bits}`, `::ffff:${one.join('.')}/${bits + 96}`])
          expect(networkTest([network])(address)).toBe(within);
        expect(networkTest([`${one.join('.')}/${bits}`])(`::ffff:${address}`)).toBe(within);
      }),
    );
  });

  it('[B22] of IPv6 contains no IPv4 address, whatever its prefix', () => {
    fc.assert(
      fc.property(octets, fc.integer({ min: 0, max: 95 }), (all, bits) => {
        const holds = networkTest([`::/${bits}`, `::ffff:0:0/${bits}`]);
        expect([holds(all.join('.')), holds(`::ffff:${all.join('.')}`)]).toEqual([false, false]);
      }),
    );
  });
});

test.each<[string, boolean]>([
  ['localhost', true],
  ['127.8.8.8', true],
  ['[::1]', true],
  ['::1', true],
  ['::ffff:7f00:1', true],
  ['127.0.0.999', false],
  ['127.0.0.1.example.com', false],
  ['128.0.0.1', false],
  ['api.example.com', false],
])('[U1] %j is this machine: %s', (host, is) => expect(isLoopback(host)).toBe(is));
