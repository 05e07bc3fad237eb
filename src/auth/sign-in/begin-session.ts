import { databaseTime } from '../../db/clock.ts';
import { languageOf, notify, now } from '../../notifications/notify.ts';
import { type Factor, methodsWith } from '../authorization/factor.ts';
import type { IdentityTransaction, IdentityWork } from '../identity-command.ts';
import { trust } from '../mfa/trusted-devices.ts';
import { limitsIn } from '../policy/own-policies.ts';
import { deviceName } from '../session/device-name.ts';
import { makeRoom } from '../session/most-sessions.ts';
import { type ListedSession, listSessions } from '../session/session-rows.ts';
import { createSession, type Started, startSession } from '../session/store.ts';

/**
 * The authenticated user and their active memberships, oldest first; the first is the session's
 * company.
 */
export type AuthenticatedUser = { userId: string; email: string; companies: string[] };

/**
 * The verified factor, beside the password unless `alone`; `write` runs in the session's
 * transaction.
 */
export type FactorOfSignIn = {
  factor?: Factor;
  alone?: true;
  trustDevice?: boolean;
  write?: (tx: IdentityTransaction) => Promise<void>;
};

/** `deviceToken` is the token of a trusted device, shown once. */
export type Completed = Started & { deviceToken: string | null };

/**
 * Begins a session. Its user is notified by mail of a device without another session, and of a used
 * backup code.
 */
export async function beginSession(
  work: IdentityWork,
  user: AuthenticatedUser,
  { factor, alone, trustDevice = false, write }: FactorOfSignIn = {},
): Promise<Completed> {
  const { userId, companies } = user;
  const [companyId] = companies as [string, ...string[]];
  const { ip, userAgent } = work.origin;
  let deviceToken: string | null = null;
  const methods = factor ? methodsWith(factor, alone ? [] : ['pwd']) : ['pwd'];
  const mfaAt = factor ? databaseTime() : null;
  const facts = { action: 'session.signedIn' as const, data: { methods } };
  const started = await startSession(work, { companyId, userId }, facts, async (tx) => {
    await write?.(tx);
    if (trustDevice) deviceToken = await trust(tx, work.origin, userId);
    if (factor)
      await tx.append(
        { action: 'signIn.secondFactorPassed', data: { method: factor } },
        { kind: 'user', userId },
      );
    const [limits, sessions] = await Promise.all([limitsIn(tx, companyId), listSessions(tx, userId)]);
    notifyUser(tx, work, user, factor, sessions);
    await makeRoom(tx, userId);
    return createSession(tx, userId, { companyId, ip, userAgent, limits, methods, mfaAt });
  });
  return { ...started, deviceToken };
}

function notifyUser(
  tx: IdentityTransaction,
  { services, origin: { ip: address, userAgent } }: IdentityWork,
  { userId, email }: AuthenticatedUser,
  factor: Factor | undefined,
  sessions: ListedSession[],
): void {
  const [device, when] = [deviceName(userAgent), now()];
  const recipient = async () => ({ email, language: await languageOf(services, userId) });
  if (!hasDevice(sessions, device))
    tx.afterCommit(async () => notify(services, await recipient(), 'newDevice', { device, address, when }));
  if (factor === 'backupCode')
    tx.afterCommit(async () => notify(services, await recipient(), 'backupCodeUsed', { when }));
}

/** Returns whether one of the user's sessions is of a device with this name. */
const hasDevice = (sessions: ListedSession[], name: string | null): boolean =>
  sessions.some((session) => session.deviceName === name && session.userAgent !== null);
