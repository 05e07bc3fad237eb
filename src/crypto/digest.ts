import { createHash, hash } from 'node:crypto';

/**
 * Returns SHA-256 (FIPS 180-4) of a text's UTF-8 bytes in hex: an identifier of content, not a
 * protection.
 */
export const contentHash = (text: string): string => hash('sha256', text, 'hex');

/** Returns SHA-256 (FIPS 180-4) of what is given in parts, in hex. */
export function digestOfParts(): { add(part: Uint8Array): void; hex(): string } {
  const sha256 = createHash('sha256');
  return { add: (part) => void sha256.update(part), hex: () => sha256.digest('hex') };
}
