import { hostAddress, isLoopback } from '../../network-address.ts';

/**
 * Whose passkeys these are (WebAuthn Level 3, 5.4.2): a host name, and the origins of the pages
 * that may use them.
 */
export type RelyingParty = { id: string; origins: string[] };

type Site = { publicUrl: string; appUrl: string; corsOrigins: string[] };

/**
 * Browsers know passkeys of names only: a page on loopback is asked for by the name that loopback
 * has.
 */
function named(url: string): URL {
  const given = new URL(url);
  if (isLoopback(given.hostname)) given.hostname = 'localhost';
  return given;
}

/**
 * The front end's host. Of the configured origins those count that browsers let use its passkeys:
 * the host's own and its subdomains', over https, which only localhost needs not. `null` where the
 * front end has an address instead of a name: then there are no passkeys.
 */
export function relyingParty({ publicUrl, appUrl, corsOrigins }: Site): RelyingParty | null {
  const id = named(appUrl).hostname;
  if (hostAddress(id) !== null) return null;
  const origins = [appUrl, publicUrl, ...corsOrigins].map(named).filter(({ hostname, protocol }) => {
    const within = hostname === id || hostname.endsWith(`.${id}`);
    return within && (protocol === 'https:' || hostname === 'localhost');
  });
  return { id, origins: [...new Set(origins.map(({ origin }) => origin))] };
}
