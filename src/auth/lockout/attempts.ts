import { append } from '../../audit/record/append.ts';
import { anonymous, type Origin } from '../../audit/record/body.ts';
import { AppError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { PLATFORM_ID } from '../authorization/permissions.ts';
import { accountSubject, atMost, type Settled, subjectsOf, type Tried, type TryKind } from './limits.ts';

export const rateLimited = (waitSeconds: number): AppError =>
  new AppError('RATE_LIMITED', 'Too many tries: this takes no more for a while.', {
    advice: { retryAfter: Math.max(1, waitSeconds) },
  });

/** Refuses a try while its account or its network is locked, before any work is done for it. Error: RATE_LIMITED. */
export async function refuseLocked({ tries }: Services, tried: Tried): Promise<void> {
  const seconds = await tries.wait(tried.kind, subjectsOf(tried));
  if (seconds > 0) throw rateLimited(seconds);
}

export async function settle({ tries }: Services, tried: Tried, succeeded: boolean): Promise<Settled> {
  const settled = await tries.settle(tried.kind, subjectsOf(tried), succeeded);
  return { ...settled, waitSeconds: Math.min(settled.waitSeconds, atMost(tried.kind)) };
}

type Mail = Extract<TryKind, `${string}Mail`>;

/**
 * Counts one request for a mail to an address. Error: RATE_LIMITED when the network has asked for too many. `null` when enough were sent there
 * of late: nothing is sent then, and the answer is as if it were. Otherwise for how many seconds this is the last one: what it says must hold
 * that much longer, or whoever asks for somebody else's mails keeps them out.
 */
export async function mayAsk(
  services: Services,
  kind: Mail,
  account: string,
  ip: string | null,
): Promise<{ lastFor: number } | null> {
  const network = await settle(services, { kind, account: null, ip }, false);
  if (!network.accepted) throw rateLimited(network.waitSeconds);
  const { accepted, waitSeconds } = await settle(services, { kind, account, ip }, false);
  return accepted ? { lastFor: waitSeconds } : null;
}

/** Puts a lock on the record: an account's on that of the user's company, a network's on the platform's. */
export async function recordLocks(
  { pool }: Services,
  origin: Origin,
  kind: TryKind,
  { locked, waitSeconds }: Settled,
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
export const locksAccount = ({ locked }: Settled, account: string): boolean =>
  locked.includes(accountSubject(account));
