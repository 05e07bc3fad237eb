import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientAddressBehind, requestIdBehind } from '../../src/http/client-address.ts';

const request = (remoteAddress: string | undefined, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

const clientOf = clientAddressBehind(['10.0.0.0/8', '127.0.0.1', '2001:db8::/32']);

describe('the client of a request', () => {
  it.each<[string, string | undefined, string | undefined, string | null]>([
    ['connects directly', '203.0.113.9', undefined, '203.0.113.9'],
    ['is called by a dual-stack socket', '::ffff:203.0.113.9', undefined, '203.0.113.9'],
    ['is gone', undefined, '203.0.113.9', null],
    ['forges the header', '198.51.100.1', '203.0.113.9', '198.51.100.1'],
    ['is named by a trusted proxy', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['is behind a proxy that a dual-stack socket names', '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['is behind a proxy over IPv6', '2001:db8::7', '203.0.113.9', '203.0.113.9'],
    ['is behind two trusted proxies', '127.0.0.1', '203.0.113.9, 10.1.1.1', '203.0.113.9'],
    ['wrote entries of its own first', '127.0.0.1', '1.1.1.1, 203.0.113.9, 10.1.1.1', '203.0.113.9'],
    ['claims to be behind a trusted proxy', '127.0.0.1', '1.1.1.1, 10.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['is itself within the trusted network', '127.0.0.1', '10.2.2.2', '10.2.2.2'],
    ['has a port', '127.0.0.1', '203.0.113.9:51034', '203.0.113.9'],
    ['has brackets and a port', '127.0.0.1', '[2001:DB9::1]:51034', '2001:db9::1'],
    ['is spelled as a mapped address', '127.0.0.1', '[::ffff:cb00:7109]', '203.0.113.9'],
    ['is unknown to the proxy', '127.0.0.1', 'unknown', '127.0.0.1'],
    ['is unknown to the second proxy', '127.0.0.1', '203.0.113.9, unknown, 10.1.1.1', '10.1.1.1'],
    ['is missing at the end', '127.0.0.1', '203.0.113.9, ', '127.0.0.1'],
  ])('[B6] that %s is found', (_case, remote, forwarded, client) =>
    expect(clientOf(request(remote, forwarded))).toBe(client),
  );

  it('[B6] is the proxy’s word, whatever the client itself wrote before it', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 65_535 }), (written, port) => {
        expect(clientOf(request('127.0.0.1', `${written}, 203.0.113.9:${port}`))).toBe('203.0.113.9');
      }),
    );
  });

  it('[B6] is the connection’s where no proxy is trusted, whatever the header', () => {
    fc.assert(
      fc.property(fc.string(), (written) => {
        expect(clientAddressBehind([])(request('127.0.0.1', written))).toBe('127.0.0.1');
      }),
    );
  });
});

describe('the id of a request', () => {
  const given = '0193a1b2-0000-7000-8000-00000000abcd';
  const from = (remoteAddress: string | undefined, id?: string) =>
    ({ socket: { remoteAddress }, headers: { 'x-request-id': id } }) as unknown as IncomingMessage;
  const idOf = requestIdBehind(['10.0.0.0/8']);

  it('[H5] is that of a trusted proxy, in lower case', () => {
    expect(idOf(from('10.0.0.1', given))).toBe(given);
    expect(idOf(from('::ffff:10.0.0.1', given.toUpperCase()))).toBe(given);
  });

  it.each<[string, string | undefined, string | undefined]>([
    ['a client sends one', '203.0.113.9', given],
    ['a trusted proxy sends none', '10.0.0.1', undefined],
    ['a trusted proxy sends another form', '10.0.0.1', `${given}"\n`],
    ['the connection is gone', undefined, given],
  ])('[H5] is a new one where %s', (_case, remote, id) => {
    expect(idOf(from(remote, id))).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(idOf(from(remote, id))).not.toBe(given);
  });

  it('[H5] is a new one for each request where no proxy is trusted', () => {
    const own = requestIdBehind([]);
    expect(own(from('10.0.0.1', given))).not.toBe(own(from('10.0.0.1', given)));
  });
});
