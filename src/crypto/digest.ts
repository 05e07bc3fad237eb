import { hash } from 'node:crypto';

/** SHA-256 (FIPS 180-4) of a text's UTF-8 bytes, in hex: names a content, protects nothing. */
export const contentHash = (text: string): string => hash('sha256', text, 'hex');
