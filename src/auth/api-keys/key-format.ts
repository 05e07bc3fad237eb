import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { hashToken } from '../../crypto/token.ts';

/**
 * `bwk_<env>_<id>_<secret>`: the id in 32 hex digits, then 43 digits of base62 (256 bits) and 6 of
 * a checksum, the CRC-32 (ISO 3309) of the preceding text in base62, as in GitHub's tokens.
 * Scanners verify it offline, and typing errors are rejected without the database. It is not a
 * protection.
 */
export type ApiKeyText = { id: string; secret: string };

const ENVIRONMENTS = { development: 'dev', staging: 'stage', production: 'live' } as const;
type Environment = keyof typeof ENVIRONMENTS;

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_LENGTH = 43;
const PREFIX = 'bwk_';
/** The pattern for secret scanners. */
const FORM = /^bwk_(dev|stage|live)_([0-9a-f]{32})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

export const isApiKeyText = (text: string): boolean => text.startsWith(PREFIX);

/**
 * Returns the text of a new key for the row with this id. Characters of the secret are independent
 * and uniform.
 */
export function newApiKeyText(environment: Environment, id: string): { text: string; hash: string } {
  const secret = Array.from({ length: SECRET_LENGTH }, () => BASE62[randomInt(62)]).join('');
  const body = `${PREFIX}${ENVIRONMENTS[environment]}_${id.replaceAll('-', '')}_${secret}`;
  return { text: body + checksumOf(body), hash: hashToken(secret) };
}

/** Returns id and secret; null for malformed text, a wrong checksum, or another environment. */
export function parseApiKeyText(environment: Environment, text: string): ApiKeyText | null {
  const [, env, hex, secret, checksum] = FORM.exec(text) ?? [];
  if (!hex || !secret || env !== ENVIRONMENTS[environment]) return null;
  if (checksumOf(text.slice(0, -6)) !== checksum) return null;
  return { id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), secret };
}

function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < 6; place++) {
    digits = BASE62[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
