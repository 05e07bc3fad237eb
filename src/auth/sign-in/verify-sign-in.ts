import { setTimeout as sleep } from 'node:timers/promises';
import { queryAs } from '../../db/sql.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import type { AttemptResult } from '../lockout/limits.ts';
import { hashPassword, needsUpgrade, verifyPassword } from '../password/hash.ts';
import { MAX_LENGTH } from '../password/strength.ts';

/**
 * Minimum time of a failure. An imported bcrypt hash takes longer than Argon2, which would reveal
 * the account; this exceeds both.
 */
const FAILURE_TAKES_MS = 500;

/**
 * The user, and the companies where they are an active member, oldest first; the first is the
 * session's.
 */
export type SignedIn = { ok: true; userId: string; name: string; companies: string[] };

/**
 * For the audit log only: `reason`, `userId` and `companies` never reach the client, who gets one
 * answer for all failures.
 */
export type NotSignedIn = {
  ok: false;
  reason: 'unknown e-mail' | 'no password set' | 'wrong password' | 'no active membership' | 'locked';
  userId: string | null;
  companies: string[];
  waitSeconds: number;
};

type Candidate = { id: string; name: string; password_hash: string | null; companies: string[] };

const uncounted = async (): Promise<AttemptResult> => ({ accepted: true, waitSeconds: 0, locked: [] });

/**
 * Verifies an e-mail address in its stored form and a password. Every failure takes the same work
 * and the same time, in which `onFailure` audits what the client is not told. A hash with weaker
 * parameters is replaced after success. `settle` counts the attempt: one that it does not accept
 * fails as `locked`, even with the correct password.
 */
export async function verifySignIn(
  pool: TenantPool,
  email: string,
  password: string,
  onFailure: (failure: NotSignedIn, settled: AttemptResult) => Promise<void> = async () => {},
  settle: (succeeded: boolean) => Promise<AttemptResult> = uncounted,
): Promise<SignedIn | NotSignedIn> {
  const earliestFailure = performance.now() + FAILURE_TAKES_MS;
  const candidate = await candidateFor(pool, email);
  // no account has a password of this length, and hashing a megabyte is work that a stranger could
  // cause
  const plausible = password.length <= 2 * MAX_LENGTH;
  const correct = await verifyPassword(candidate?.password_hash ?? null, plausible ? password : '');
  const reason = !candidate ? 'unknown e-mail' : whyNot(candidate, correct && plausible);
  const settled = await settle(reason === null);
  if (!candidate || reason || !settled.accepted) {
    const failure = notSignedIn(
      settled.accepted && reason ? reason : 'locked',
      candidate,
      settled.waitSeconds,
    );
    await onFailure(failure, settled);
    await sleep(Math.max(0, earliestFailure - performance.now()));
    return failure;
  }
  await upgrade(pool, candidate, password);
  return { ok: true, userId: candidate.id, name: candidate.name, companies: candidate.companies };
}

const notSignedIn = (
  reason: NotSignedIn['reason'],
  candidate: Candidate | undefined,
  waitSeconds: number,
): NotSignedIn => ({
  ok: false,
  reason,
  waitSeconds,
  userId: candidate?.id ?? null,
  companies: candidate?.companies ?? [],
});

async function candidateFor(pool: TenantPool, email: string): Promise<Candidate | undefined> {
  const query = queryAs(pool, { companyId: null, userId: null });
  const [candidate] = await query<Candidate>(
    'SELECT id, name, password_hash, companies FROM user_for_sign_in($1)',
    [email],
  );
  return candidate;
}

function whyNot(candidate: Candidate, correct: boolean): NotSignedIn['reason'] | null {
  if (candidate.password_hash === null) return 'no password set';
  if (!correct) return 'wrong password';
  // suspended or removed everywhere: a separate answer would confirm the password
  return candidate.companies.length === 0 ? 'no active membership' : null;
}

/** Replaces the hash that was verified; a password that changed meanwhile stays. */
async function upgrade(
  pool: TenantPool,
  { id, password_hash: stored }: Candidate,
  password: string,
): Promise<void> {
  if (stored === null || !needsUpgrade(stored, password)) return;
  const query = queryAs(pool, { companyId: null, userId: id });
  await query('UPDATE "Credential" SET "passwordHash" = $3 WHERE "userId" = $1 AND "passwordHash" = $2', [
    id,
    stored,
    await hashPassword(password),
  ]);
}
