import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

// The only file that names an algorithm. Callers use seal, open, index and derive.
const CIPHER = 'aes-256-gcm';
const HASH = 'sha256';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 'b1';
const KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * A value was altered, truncated, moved, or sealed with another key. The message contains neither
 * text nor key.
 */
export class CannotOpen extends Error {
  override readonly name = 'CannotOpen';
}

/**
 * Returns 32 bytes as a KeyObject, to be reused: with a Buffer, every call costs four times as
 * much.
 */
export function toKey(bytes: Uint8Array): KeyObject {
  if (bytes.length !== KEY_BYTES) throw new Error(`key: expected ${KEY_BYTES} bytes, got ${bytes.length}`);
  if (bytes.every((byte) => byte === bytes[0]))
    throw new Error('key: expected random bytes, got one byte repeated');
  return createSecretKey(bytes);
}

/** Returns a new random key as bytes, to be wrapped at once and not kept. */
export const newKeyBytes = (): Buffer => randomBytes(KEY_BYTES);

/**
 * Returns associated data for a seal: each part with its length, so that ('ab','c') and ('a','bc')
 * differ.
 */
export function binding(...parts: string[]): string {
  let text = '';
  for (const part of parts) text += `${Buffer.byteLength(part)}:${part}`;
  return text;
}

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D), 96-bit IV, 128-bit tag; returns ciphertext | tag.
 * Only `seal` and the test vectors choose an IV: reuse under a key reveals both texts and allows
 * forgery.
 */
export function encrypt(key: KeyObject, iv: Uint8Array, plain: Uint8Array, associated: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(associated);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Decrypts the result of `encrypt`, after the tag is verified. Throws CannotOpen. */
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
 * Returns `b1.<key id>.<base64url(iv | ciphertext | tag)>`, bound to `associated`. The IV is random
 * (SP 800-38D, 8.2.2), which limits a key to 2^32 seals (8.3).
 */
export function seal(key: KeyObject, keyId: string, plain: Uint8Array | string, associated: string): string {
  if (!KEY_ID.test(keyId)) throw new Error('key id: expected 1 to 64 letters, digits, - or _');
  const bytes = typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain;
  const iv = randomBytes(IV_BYTES);
  const sealed = encrypt(key, iv, bytes, Buffer.from(associated));
  return `${FORMAT}.${keyId}.${Buffer.concat([iv, sealed]).toString('base64url')}`;
}

/** Returns the id of the key of a sealed text; null for other text. */
export function keyIdOf(text: string): string | null {
  const end = text.indexOf('.', FORMAT.length + 1);
  return text.startsWith(`${FORMAT}.`) && end > 0 ? text.slice(FORMAT.length + 1, end) : null;
}

/** Opens a text that `seal` returned with this key and binding. Throws CannotOpen. */
export function openSeal(key: KeyObject, text: string, associated: string): Buffer {
  const body = text.slice(text.lastIndexOf('.') + 1);
  const bytes = Buffer.from(body, 'base64url');
  // Node ignores invalid characters and spare bits of base64url: accept the canonical encoding
  // only.
  if (bytes.toString('base64url') !== body) throw new CannotOpen('not a seal');
  return decrypt(key, bytes.subarray(0, IV_BYTES), bytes.subarray(IV_BYTES), Buffer.from(associated));
}

/** Returns HMAC-SHA-256 (RFC 2104), all 32 bytes. */
export const mac = (key: KeyObject, message: Uint8Array | string): Buffer =>
  createHmac(HASH, key).update(message).digest();

/**
 * Derives with HKDF-SHA-256 (RFC 5869). Takes 30 µs: derive once for each key, not for each value.
 */
export const derive = (
  secret: KeyObject | Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Buffer => Buffer.from(hkdfSync(HASH, secret, salt, info, length));

/** Derives a key for one use; the use is part of the derivation. */
export const deriveKey = (secret: KeyObject, use: string): KeyObject =>
  createSecretKey(derive(secret, Buffer.alloc(0), Buffer.from(use), KEY_BYTES));
