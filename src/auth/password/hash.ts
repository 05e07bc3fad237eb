import { hash, parseOptions, verify as verifyArgon2 } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';
import { traced } from '../../tracing/trace.ts';
import { hashQueue } from './hash-queue.ts';

/**
 * Argon2id (RFC 9106), with the first of OWASP's equivalent settings for memory (KiB), passes and
 * lanes.
 */
const COST = { memoryCost: 19456, timeCost: 2, parallelism: 1 };
const ARGON2ID = 2;

/**
 * The hash of 32 discarded random bytes, verified without an account so that the time is the same.
 */
const PLACEHOLDER_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$Pcbu6nNCfjAgTuQYPuOkeA$rrU1c1PJ0ABAaWncDmp/9/s2I/RFPmx062HkWFEFqes';

/** All hashing of this process. */
const queue = hashQueue();
const queued = <T>(work: () => Promise<T>): Promise<T> =>
  traced('password check', () => queue(() => traced('password hash', work)));
export const hashFigures = () => queue.figures();

/** bcrypt ignores bytes beyond 72. */
const BCRYPT_LIMIT = 72;

/**
 * Normalizes, so that the same characters from another system are the same password (NIST SP
 * 800-63B-4, 3.1.1.2).
 */
const normalized = (password: string): string => password.normalize('NFKC');

const isBcrypt = (stored: string): boolean => /^\$2[abxy]\$/.test(stored);

/**
 * Returns the password's hash as a PHC string, with its own random salt. Error: UNAVAILABLE
 * (hash-queue.ts).
 */
export const hashPassword = (password: string): Promise<string> =>
  queued(() => hash(normalized(password), COST));

/**
 * Verifies a password against `stored` (Argon2, or an imported bcrypt hash). Without a hash, or
 * with an unknown kind, returns `false` after the same work. Error: UNAVAILABLE (hash-queue.ts).
 */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  // Imported hashes were not normalized. The two libraries take their arguments in opposite order.
  if (stored !== null && isBcrypt(stored)) return queued(() => verifyBcrypt(password, stored));
  const known = stored?.startsWith('$argon2') ? stored : null;
  const same = await queued(() => verifyArgon2(known ?? PLACEHOLDER_HASH, normalized(password)));
  return same && known !== null;
}

/** Returns whether a verified hash should be replaced: bcrypt, or a cheaper Argon2. */
export function needsUpgrade(stored: string, password: string): boolean {
  if (isBcrypt(stored)) return Buffer.byteLength(password) <= BCRYPT_LIMIT;
  const { algorithm, memoryCost, timeCost, parallelism } = parseOptions(stored);
  const wanted =
    parallelism === COST.parallelism && memoryCost >= COST.memoryCost && timeCost >= COST.timeCost;
  return algorithm !== ARGON2ID || !wanted;
}
