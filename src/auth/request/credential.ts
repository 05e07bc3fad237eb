import type { IncomingHttpHeaders } from 'node:http';
import { isToken } from '../../crypto/token.ts';

/**
 * The name over https. The prefix makes browsers reject a cookie set by another host or over http
 * (RFC 6265bis, 4.1.3.2).
 */
const SECURE_NAME = '__Host-bulwark';
/** The name over plain http, which only development on loopback uses. */
const PLAIN_NAME = 'bulwark';
const LIFETIME_SECONDS = 24 * 60 * 60;
/** A trusted device's cookie may outlast its trust, which its row decides. */
const DEVICE_SECONDS = 90 * 24 * 60 * 60;

type Site = { publicUrl: string; sameSite?: 'lax' | 'strict' };

const isHttps = (site: Site): boolean => new URL(site.publicUrl).protocol === 'https:';
const nameFor = (site: Site): string => (isHttps(site) ? SECURE_NAME : PLAIN_NAME);
const deviceNameFor = (site: Site): string => `${nameFor(site)}-device`;

/**
 * Returns a request's credential: `Authorization: Bearer` (RFC 6750, 2.1), else the cookie, which
 * holds a session's token only. Null is no credential; any other text, even an empty one, must
 * authenticate or the request fails.
 */
export function credentialOf(headers: IncomingHttpHeaders, site: Site): string | null {
  const bearer = bearerOf(headers);
  if (bearer) return bearer[1]?.trim() ?? '';
  const value = cookieValue(headers.cookie ?? '', nameFor(site));
  return value === null || isToken(value) ? value : '';
}

/** Returns whether the credential is from the cookie. */
export const isByCookie = (headers: IncomingHttpHeaders): boolean => !bearerOf(headers);

const bearerOf = ({ authorization }: IncomingHttpHeaders) => authorization?.match(/^bearer(?: +(.*))?$/i);

function cookieValue(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const [key, value] = pair.split('=', 2);
    if (key?.trim() === name && value?.trim()) return value.trim();
  }
  return null;
}

/**
 * Returns the token of a trusted device. It replaces a second factor beside the password, and
 * grants nothing alone.
 */
export const deviceTokenOf = (headers: IncomingHttpHeaders, site: Site): string | null =>
  cookieValue(headers.cookie ?? '', deviceNameFor(site));

/** `Set-Cookie` for a new or renewed session. */
export const sessionCookie = (token: string, site: Site): string =>
  cookie(nameFor(site), token, LIFETIME_SECONDS, site);

/** `Set-Cookie` for a device that is trusted from now on. */
export const deviceCookie = (token: string, site: Site): string =>
  cookie(deviceNameFor(site), token, DEVICE_SECONDS, site);

/** `Set-Cookie` that deletes the session's cookie. */
export const endedCookie = (site: Site): string => cookie(nameFor(site), '', 0, site);

const cookie = (name: string, value: string, maxAge: number, site: Site): string =>
  [
    `${name}=${value}`,
    'Path=/',
    `Max-Age=${maxAge}`,
    'HttpOnly',
    site.sameSite === 'strict' ? 'SameSite=Strict' : 'SameSite=Lax',
    ...(isHttps(site) ? ['Secure'] : []),
  ].join('; ');
