import { domainToASCII } from 'node:url';

/** RFC 5322, 3.2.3: dot-atom, without quoted strings, which no mail provider gives out. */
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** RFC 1035, 2.3.1 with RFC 5890: letters, digits and hyphens, 1 to 63 octets. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Returns an address in the one spelling in which it is stored and compared: lower case, its domain
 * in ASCII (RFC 5890). Null for text that is no address by RFC 5321: 64 octets before the @, 254 in
 * all (4.5.3.1 with erratum 1690), and a domain of two labels at least.
 */
export function emailAddress(text: string): string | null {
  const [local, domain, ...rest] = text.trim().toLowerCase().split('@');
  if (!local || !domain || rest.length > 0 || local.length > 64 || !LOCAL.test(local)) return null;
  const ascii = domainToASCII(domain);
  const labels = ascii.split('.');
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label)) || /^\d+$/.test(labels.at(-1) ?? ''))
    return null;
  const address = `${local}@${ascii}`;
  return address.length <= 254 ? address : null;
}
