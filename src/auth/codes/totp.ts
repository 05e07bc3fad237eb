import { generateSecret, generateURI, verifySync } from 'otplib';
import { databaseNow } from '../../db/clock.ts';

/**
 * RFC 6238 with the parameters that all authenticator apps support: SHA-1, 6 digits, 30 seconds.
 */
const PERIOD = 30;
const CODE = /^\d{6}$/;
const ISSUER = 'Bulwark';

/** Returns 160 random bits in Base32 (RFC 4226, 4, R6). */
export const newTotpSecret = (): string => generateSecret();

/** Returns the otpauth URI (Google Authenticator's key URI format). */
export const totpUri = (secret: string, email: string): string =>
  generateURI({ issuer: ISSUER, label: email, secret });

/**
 * Returns the time step of a code: the current, previous or next one (RFC 6238, 5.2 and 6); null
 * for other codes. The caller rejects a step that is not later than the last accepted one, so that
 * each code works once. `seconds` since 1970.
 */
export function totpStep(secret: string, code: string, seconds = databaseNow() / 1000): number | null {
  if (!CODE.test(code)) return null;
  const found = verifySync({ secret, token: code, epoch: Math.floor(seconds), epochTolerance: PERIOD });
  return found.valid && 'timeStep' in found ? found.timeStep : null;
}
