import { createReadStream, rmSync } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { Decrypter, Encrypter } from 'age-encryption';
import { StartupError } from '../../config/startup-error.ts';
import { digestOfParts } from '../../crypto/digest.ts';
import { ByteReader } from './byte-reader.ts';
import { type Manifest, parseManifest } from './manifest.ts';

/** Ciphertext hardly compresses: a higher level costs time and saves nothing. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const BLOCK = 1 << 20;

type Bytes = AsyncIterable<Uint8Array>;

/**
 * Writes content, compressed (zstd, RFC 8878) and encrypted (age-encryption.org/v1), to a file that
 * appears under its name when it is complete, and its SHA-256 to `<path>.sha256`, as sha256sum
 * checks it.
 * @returns the bytes of the file
 */
export async function writeEncrypted(path: string, recipients: string[], content: Bytes): Promise<number> {
  const folder = dirname(path);
  const encrypter = encrypterTo(recipients);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(({ code }) => {
    throw new StartupError(`BACKUP_DIR: ${folder} cannot be written (${code}).`);
  });
  const part = `${path}.part`;
  // also when the process is ended meanwhile
  const remove = () => {
    for (const incomplete of [part, `${path}.sha256`]) rmSync(incomplete, { force: true });
  };
  process.once('exit', remove);
  try {
    const { bytes, hash } = await fill(part, await encrypted(encrypter, content));
    await writeWhole(`${path}.sha256`, `${hash}  ${basename(path)}\n`);
    await rename(part, path);
    return bytes;
  } catch (error) {
    remove();
    throw error;
  } finally {
    process.removeListener('exit', remove);
  }
}

function encrypterTo(recipients: string[]): Encrypter {
  const encrypter = new Encrypter();
  for (const recipient of recipients)
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw new StartupError(`BACKUP_RECIPIENT: "${recipient}" is no age recipient: a character is wrong.`);
    }
  return encrypter;
}

async function encrypted(encrypter: Encrypter, content: Bytes): Promise<Bytes> {
  const compressed = through(content, createZstdCompress(FAST));
  return iterable(await encrypter.encrypt(streamOf(compressed)));
}

/** Passes content through a transformation; both of them fail with the first error. */
async function* through(content: Bytes, into: Transform): AsyncGenerator<Buffer> {
  const filled = pipeline(content, into);
  filled.catch(() => {}); // `into` fails with the same error
  yield* into as AsyncIterable<Buffer>;
  await filled;
}

async function fill(path: string, content: Bytes): Promise<{ bytes: number; hash: string }> {
  const file = await open(path, 'w', 0o600);
  const digest = digestOfParts();
  let bytes = 0;
  try {
    for await (const part of content) {
      await file.writeFile(part);
      digest.add(part);
      bytes += part.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, hash: digest.hex() };
}

async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
  await file.close();
}

/** A backup that was opened: its manifest, and a reader of the content behind it. */
export type Opened = { manifest: Manifest; content: ByteReader };

/**
 * Opens a backup.
 * @throws {StartupError} for a file that is missing, of other recipients, or no backup
 */
export async function openEncrypted(path: string, identityFile: string): Promise<Opened> {
  const decrypter = new Decrypter();
  for (const identity of await identitiesIn(identityFile)) decrypter.addIdentity(identity);
  return inSentences(path, async () => {
    const source = createReadStream(path, { highWaterMark: BLOCK });
    const plain = iterable(await decrypter.decrypt(streamOf(source)));
    const content = new ByteReader(through(plain, createZstdDecompress()));
    return { manifest: parseManifest(await content.line()), content };
  });
}

/**
 * Reads a backup to its end, so that an altered or truncated one is refused before anything is
 * changed.
 * @throws {StartupError}
 */
export async function verifyEncrypted(
  path: string,
  identityFile: string,
  progress: (bytes: number) => void = () => {},
): Promise<Manifest> {
  const { manifest, content } = await openEncrypted(path, identityFile);
  await inSentences(path, async () => {
    let bytes = 0;
    for await (const part of content.rest()) {
      bytes += part.length;
      progress(bytes);
    }
  });
  return manifest;
}

/** Lines of an identity file, as age-keygen writes it: comments begin with #. */
async function identitiesIn(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new StartupError(`BACKUP_IDENTITY_FILE: ${path} cannot be read (${error.code}).`);
  });
  const lines = text.split('\n').map((line) => line.trim());
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (identities.length === 0 || !identities.every((line) => /^AGE-SECRET-KEY-(PQ-)?1[A-Z0-9]+$/.test(line)))
    throw new StartupError(
      `BACKUP_IDENTITY_FILE: ${path} holds no age identity; expected AGE-SECRET-KEY-1….`,
    );
  return identities;
}

async function inSentences<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const found = code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR';
    throw new StartupError(found ? `${path} cannot be read (${code}).` : `${path}: ${meaningOf(message)}.`, {
      cause: error,
    });
  }
}

function meaningOf(message: string): string {
  if (/no identity matched/i.test(message))
    return 'the identity of BACKUP_IDENTITY_FILE does not open it; give the one whose recipient it was encrypted to';
  if (/invalid version|invalid header|age-encryption|not a backup|no backup/i.test(message))
    return 'this is no backup, or its beginning was altered';
  return 'it was altered or is incomplete; take another backup';
}

/** The types of Node and of the web have two names for one stream. */
const streamOf = (bytes: Bytes) =>
  ReadableStream.from(bytes) as unknown as globalThis.ReadableStream<Uint8Array>;
const iterable = (stream: globalThis.ReadableStream<Uint8Array>) => stream as unknown as Bytes;
