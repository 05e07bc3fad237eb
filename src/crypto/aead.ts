import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

// The only file that names an algorithm. Everything else says seal, open, index and derive.
const CIPHER = 'aes-256-gcm';
const HASH = 'sha256';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 'b1';
const KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Opens nothing that was changed, cut, moved, or sealed under another key. The message never holds text or key. */
export class CannotOpen extends Error {
  override readonly name = 'CannotOpen';
}

/** 32 bytes as a key. A KeyObject is kept for each key: with a Buffer every call costs four times as much. */
export function toKey(bytes: Uint8Array): KeyObject {
  if (bytes.length !== KEY_BYTES) throw new Error(`key: expected ${KEY_BYTES} bytes, got ${bytes.length}`);
  if (bytes.every((byte) => byte === bytes[0]))
    throw new Error('key: expected random bytes, got one byte repeated');
  return createSecretKey(bytes);
}

/** A new random key, as bytes: they are wrapped at once and kept nowhere. */
export const newKeyBytes = (): Buffer => randomBytes(KEY_BYTES);

/** What a seal is bound to, as associated data: each part with its length, so that ('ab','c') and ('a','bc') differ. */
export const binding = (...parts: string[]): string =>
  parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');

/**
 * AES-256-GCM (NIST SP 800-38D) with a 96-bit IV and a 128-bit tag; gives ciphertext | tag. Only `seal` and the test vectors
 * choose an IV: one that repeats under a key gives away both texts and the key's authentication.
 */
export function encrypt(key: KeyObject, iv: Uint8Array, plain: Uint8Array, associated: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(associated);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The reverse of `encrypt`; throws CannotOpen. Plain text is given out only after the tag has held. */
export function decrypt(key: KeyObject, iv: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Buffer {
  const end = sealed.length - TAG_BYTES;
  if (end < 0 || iv.length !== IV_BYTES) throw new CannotOpen('too short');
  try {
    const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(associated);
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(0, end));
    decipher.final();
    return plain;
  } catch {
    throw new CannotOpen('changed, moved, or sealed under another key');
  }
}

/**
 * `b1.<key id>.<base64url(iv | ciphertext | tag)>`, bound to `associated`. The IV is random (SP 800-38D 8.2.2), which is safe for
 * 2^32 seals under one key (8.3): a company's scope that comes near it gets a new key version long before.
 */
export function seal(key: KeyObject, keyId: string, plain: Uint8Array | string, associated: string): string {
  if (!KEY_ID.test(keyId)) throw new Error('key id: expected 1 to 64 letters, digits, - or _');
  const bytes = typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain;
  const iv = randomBytes(IV_BYTES);
  const sealed = encrypt(key, iv, bytes, Buffer.from(associated));
  return `${FORMAT}.${keyId}.${Buffer.concat([iv, sealed]).toString('base64url')}`;
}

/** The id of the key that opens this text; null when it isn't a seal. */
export function keyIdOf(text: string): string | null {
  const end = text.indexOf('.', FORMAT.length + 1);
  return text.startsWith(`${FORMAT}.`) && end > 0 ? text.slice(FORMAT.length + 1, end) : null;
}

/** The bytes of what `seal` made with this key and binding; throws CannotOpen. */
export function openSeal(key: KeyObject, text: string, associated: string): Buffer {
  const body = text.slice(text.lastIndexOf('.') + 1);
  const bytes = Buffer.from(body, 'base64url');
  // Node skips what isn't base64url and ignores spare bits: only the one spelling that `seal` writes is taken.
  if (bytes.toString('base64url') !== body) throw new CannotOpen('not a seal');
  return decrypt(key, bytes.subarray(0, IV_BYTES), bytes.subarray(IV_BYTES), Buffer.from(associated));
}

/** HMAC-SHA-256 (RFC 2104), all 32 bytes. */
export const mac = (key: KeyObject, message: Uint8Array | string): Buffer =>
  createHmac(HASH, key).update(message).digest();

/** HKDF-SHA-256 (RFC 5869). 30 µs: derive once for each key, not for each value. */
export const derive = (
  secret: KeyObject | Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Buffer => Buffer.from(hkdfSync(HASH, secret, salt, info, length));

/** A key for one use, from a key for many: the use is part of the derivation. */
export const deriveKey = (secret: KeyObject, use: string): KeyObject =>
  createSecretKey(derive(secret, Buffer.alloc(0), Buffer.from(use), KEY_BYTES));
