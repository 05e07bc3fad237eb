import { generateSecret, generateURI, verifySync } from 'otplib';
import { databaseNow } from '../../db/clock.ts';

/** RFC 6238 with what every authenticator app takes: SHA-1, 6 digits, 30 seconds. */
const PERIOD = 30;
const CODE = /^\d{6}$/;
const ISSUER = 'Bulwark';

/** 160 random bits in Base32 (RFC 4226, 4, R6). */
export const newTotpSecret = (): string => generateSecret();

/** What an authenticator app scans (the otpauth scheme of Google Authenticator's key URI format). */
export const totpUri = (secret: string, email: string): string =>
  generateURI({ issuer: ISSUER, label: email, secret });

/**
 * The time step whose code this is: the present one, the one before or the one after (RFC 6238, 5.2 and 6); `null` when it is none's.
 * The caller refuses a step that is not later than the last one it took, so that each code works once. `seconds` since 1970.
 */
export function totpStep(secret: string, code: string, seconds = databaseNow() / 1000): number | null {
  if (!CODE.test(code)) return null;
  const found = verifySync({ secret, token: code, epoch: Math.floor(seconds), epochTolerance: PERIOD });
  return found.valid && 'timeStep' in found ? found.timeStep : null;
}
