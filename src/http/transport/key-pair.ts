import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { StartupError } from '../../config/startup-error.ts';
import { fitsCertificate, isPrivateKey, type Validity, validityOf } from '../../crypto/certificate.ts';

/** Paths of PEM files: the certificate with its chain, and its key. */
export type TlsFiles = { certificate: string; key: string };
/** Times are in milliseconds since 1970; a renewal that has not come by `renewBy` has failed. */
export type KeyPair = { cert: Buffer; key: Buffer; expiresAt: number; renewBy: number };
const WEEK_MS = 7 * 86_400_000;

/**
 * Reads a certificate and its key. @throws {StartupError} in one sentence for a file that cannot be
 * read, a key of another certificate, and a certificate that is not valid now
 */
export function readKeyPair({ certificate, key }: TlsFiles): KeyPair {
  const pair = { cert: read('TLS_CERT_PATH', certificate), key: read('TLS_KEY_PATH', key) };
  const { from, to } = validity(pair.cert, certificate);
  const refuse = (name: string, path: string, why: string) => {
    throw new StartupError(`${name}: ${path} ${why}.`);
  };
  if (!isPrivateKey(pair.key))
    refuse('TLS_KEY_PATH', key, 'holds no private key in PEM without a passphrase; give such a key');
  if (!fitsCertificate(pair.key, pair.cert))
    refuse('TLS_KEY_PATH', key, `is not the key of ${certificate}; give the key of this certificate`);
  if (to <= Date.now()) refuse('TLS_CERT_PATH', certificate, `expired on ${dayOf(to)}; renew it`);
  if (from > Date.now())
    refuse('TLS_CERT_PATH', certificate, `is valid from ${dayOf(from)}; set this machine's clock by NTP`);
  assertUsable(pair, certificate);
  return { ...pair, expiresAt: to, renewBy: to - Math.min(3 * WEEK_MS, (to - from) / 4) };
}

function read(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code } = cause as { code?: string };
    throw new StartupError(
      `${name}: ${path} cannot be read (${code}); correct the path, or let this user read the file.`,
      { cause },
    );
  }
}

function validity(pem: Buffer, path: string): Validity {
  try {
    return validityOf(pem);
  } catch (cause) {
    throw new StartupError(`TLS_CERT_PATH: ${path} holds no certificate in PEM; give one with its chain.`, {
      cause,
    });
  }
}

/** OpenSSL refuses keys that are too short, for example. */
function assertUsable({ cert, key }: Pick<KeyPair, 'cert' | 'key'>, path: string): void {
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const { code } = cause as { code?: string };
    throw new StartupError(
      `TLS_CERT_PATH: ${path} is refused by OpenSSL (${code}); make a new certificate.`,
      {
        cause,
      },
    );
  }
}

export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
