import { describe, expect, it } from 'vitest';
import { relyingParty } from '../../../src/auth/passkeys/relying-party.ts';

const site = (appUrl: string, publicUrl = appUrl, corsOrigins: string[] = []) =>
  relyingParty({ appUrl, publicUrl, corsOrigins });

describe('[A11] the relying party', () => {
  it('is the front end’s host, and its pages are of the configured origins', () => {
    expect(site('https://app.example.com/x/', 'https://api.example.com')).toEqual({
      id: 'app.example.com',
      origins: ['https://app.example.com'],
    });
  });

  it('accepts configured origins of its subdomains, and not of hosts with the same suffix', () => {
    const given = site('https://example.com', 'https://api.example.com', [
      'https://admin.example.com',
      'https://notexample.com',
      'https://example.com.evil.net',
      'https://example.com:8443',
    ]);
    expect(given).toEqual({
      id: 'example.com',
      origins: [
        'https://example.com',
        'https://api.example.com',
        'https://admin.example.com',
        'https://example.com:8443',
      ],
    });
  });

  it('takes no page over http, but on localhost', () => {
    expect(site('https://example.com', 'https://example.com', ['http://www.example.com'])?.origins).toEqual([
      'https://example.com',
    ]);
    expect(site('http://localhost:4100')).toEqual({ id: 'localhost', origins: ['http://localhost:4100'] });
  });

  it('is localhost for an address of loopback', () => {
    for (const url of ['http://127.0.0.1:4000', 'http://[::1]:4000'])
      expect(site(url)).toEqual({ id: 'localhost', origins: ['http://localhost:4000'] });
  });

  it('does not exist for any other IP address', () => {
    for (const url of ['https://10.0.0.7', 'https://[2001:db8::1]:8443']) expect(site(url)).toBeNull();
  });
});
