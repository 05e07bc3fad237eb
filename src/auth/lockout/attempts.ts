import { append } from '../../audit/record/append.ts';
import { anonymous, type Origin } from '../../audit/record/body.ts';
import type { TenantPool } from '../../db/tenant/pool.ts';
import { AppError } from '../../errors.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
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

/** Refuses a try while its account or its network is locked, before any work is done for it. Error: RATE_LIMITED. */
export async function refuseLocked({ attempts }: Counting, tried: Attempt): Promise<void> {
  const seconds = await attempts.wait(tried.kind, subjectsOf(tried));
  if (seconds > 0) throw tooManyAttempts(seconds);
}

export async function countAttempt(
  { attempts }: Counting,
  tried: Attempt,
  succeeded: boolean,
): Promise<AttemptResult> {
  const settled = await attempts.count(tried.kind, subjectsOf(tried), succeeded);
  return { ...settled, waitSeconds: Math.min(settled.waitSeconds, longestLock(tried.kind)) };
}

type Mail = Extract<AttemptKind, `${string}Mail`>;

/**
 * Counts one request for a mail to an address. Error: RATE_LIMITED when the network has asked for too many. `null` when enough were sent there
 * of late: nothing is sent then, and the answer is as if it were. Otherwise for how many seconds this is the last one: what it says must hold
 * that much longer, or whoever asks for somebody else's mails keeps them out.
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

/** Audits a lock: an account's in the user's company, a network's on the platform. */
export async function auditLocks(
  { pool }: { pool: TenantPool },
  origin: Origin,
  kind: AttemptKind,
  { locked, waitSeconds }: AttemptResult,
  whose: { userId: string | null; companyId: string | null },
): Promise<void> {
  for (const subject of locked) {
    const network = subject.startsWith('address:');
    const data = {
      kind,
      seconds: waitSeconds,
      ...(!network && whose.userId && { userId: whose.userId }),
    };
    const action = network ? 'address.locked' : 'account.locked';
    await append(pool, (network ? null : whose.companyId) ?? PLATFORM_ID, [
      { action, data, performer: anonymous, origin },
    ]);
  }
}

/** Whether it is the account that this failure has locked. */
export const locksAccount = ({ locked }: AttemptResult, account: string): boolean =>
  locked.includes(accountSubject(account));
