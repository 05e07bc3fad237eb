import { hash } from 'node:crypto';

/**
 * Returns SHA-256 (FIPS 180-4) of a text's UTF-8 bytes in hex: an identifier of content, not a
 * protection.
 */
export const contentHash = (text: string): string => hash('sha256', text, 'hex');
