import { describe, expect, it } from 'vitest';
import { isAllowed } from '../../../src/auth/api-keys/allowed-networks.ts';

describe('the networks that a key is taken from', () => {
  it.each<[string[], string | null, boolean]>([
    [[], '203.0.113.9', true],
    [[], null, true],
    [['203.0.113.9'], '203.0.113.9', true],
    [['203.0.113.9'], '203.0.113.10', false],
    [['203.0.113.0/24'], '203.0.113.255', true],
    [['203.0.113.0/24'], '203.0.114.0', false],
    [['203.0.113.0/24'], '::ffff:203.0.113.7', true],
    [['203.0.113.0/24'], '::FFFF:203.0.114.7', false],
    [['10.0.0.0/8', '2001:db8::/32'], '2001:db8:1::1', true],
    [['10.0.0.0/8', '2001:db8::/32'], '2001:db9::1', false],
    [['::1'], '::1', true],
    [['0.0.0.0/0'], '198.51.100.1', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['::/0'], '2001:db8::1', true],
    [['::/0'], '203.0.113.7', false],
    [['::/0'], '::ffff:203.0.113.7', false],
    [['::/0'], '::ffff:cb00:7107', false],
    [['::ffff:203.0.113.0/120'], '203.0.113.7', true],
    [['::ffff:203.0.113.0/120'], '203.0.114.7', false],
    [['127.0.0.1'], null, false],
    [['127.0.0.1'], '', false],
    [['127.0.0.1'], 'localhost', false],
    [['127.0.0.1'], '127.0.0.1, 10.0.0.1', false],
    [['nonsense'], '127.0.0.1', false],
  ])('[A7] [B22] %j take %j: %s', (networks, ip, allowed) => expect(isAllowed(networks, ip)).toBe(allowed));
});
