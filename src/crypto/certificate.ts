import { constants, createPrivateKey, X509Certificate } from 'node:crypto';

/** Milliseconds since 1970. */
export type Validity = { from: number; to: number };

/** Returns when the first certificate of a PEM text is valid. Throws for a text without one. */
export function validityOf(pem: Buffer): Validity {
  const { validFrom, validTo } = new X509Certificate(pem);
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
}

/** Tells whether a PEM text holds a private key that needs no passphrase. */
export function isPrivateKey(pem: Buffer): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false;
  }
}

/** Tells whether a private key is the one of the first certificate. */
export const fitsCertificate = (key: Buffer, certificate: Buffer): boolean =>
  new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));

/**
 * Refuses renegotiation: a client could ask for it again and again, and each one costs the server a
 * signature.
 */
export const NO_RENEGOTIATION = constants.SSL_OP_NO_RENEGOTIATION;
