import { AppError } from '../../errors.ts';
import {
  type Attempt,
  type AttemptKind,
  type AttemptResult,
  type AttemptStore,
  accountSubject,
  longestLock,
  subjectsOf,
} from './limits.ts';

type Counting = { attempts: AttemptStore };

export const tooManyAttempts = (waitSeconds: number): AppError =>
  new AppError('RATE_LIMITED', 'Too many attempts; retry later.', {
    advice: { retryAfter: Math.max(1, waitSeconds) },
  });

/**
 * Rejects an attempt while its account or its network is locked, before any work is done for it.
 * Error: RATE_LIMITED.
 */
export async function refuseLocked({ attempts }: Counting, attempt: Attempt): Promise<void> {
  const seconds = await attempts.wait(attempt.kind, subjectsOf(attempt));
  if (seconds > 0) throw tooManyAttempts(seconds);
}

/**
 * Counts an attempt. A result that is not `accepted` must be answered with `tooManyAttempts`, even
 * for a correct secret.
 */
export async function countAttempt(
  { attempts }: Counting,
  attempt: Attempt,
  succeeded: boolean,
): Promise<AttemptResult> {
  const result = await attempts.count(attempt.kind, subjectsOf(attempt), succeeded);
  return { ...result, waitSeconds: Math.min(result.waitSeconds, longestLock(attempt.kind)) };
}

type Mail = Extract<AttemptKind, `${string}Mail`>;

/**
 * Counts a request for a mail to an address. Returns null when the address has had enough of them:
 * nothing is sent then, and the answer is the same. Otherwise returns the seconds for which this
 * mail is the last one: its token must last that much longer, because requests of strangers could
 * exhaust the address's limit. Error: RATE_LIMITED for a network with too many requests.
 */
export async function countMailRequest(
  counting: Counting,
  kind: Mail,
  account: string,
  ip: string | null,
): Promise<{ lastFor: number } | null> {
  const network = await countAttempt(counting, { kind, account: null, ip }, false);
  if (!network.accepted) throw tooManyAttempts(network.waitSeconds);
  const { accepted, waitSeconds } = await countAttempt(counting, { kind, account, ip }, false);
  return accepted ? { lastFor: waitSeconds } : null;
}

/**
 * Counts a message to an address that its sender names and has not verified. `by` is the sender,
 * such as a user's id, with the address where only repetition is limited. Returns the result of the
 * attempt, for `accepted`.
 */
export const countMessage = (counting: Counting, by: string, ip: string | null): Promise<AttemptResult> =>
  countAttempt(counting, { kind: 'message', account: by, ip }, false);

/** Returns whether this failure locked the account. */
export const locksAccount = ({ locked }: AttemptResult, account: string): boolean =>
  locked.includes(accountSubject(account));
