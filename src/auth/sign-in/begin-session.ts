import { append } from '../../audit/record/append.ts';
import type { Origin } from '../../audit/record/body.ts';
import { databaseTime } from '../../db/clock.ts';
import type { Query } from '../../db/sql.ts';
import { notify, now } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import type { Factor } from '../authorization/factor.ts';
import { trust } from '../mfa/trusted-devices.ts';
import { methodsWith } from '../mfa/usable-factors.ts';
import { limitsIn } from '../policy/own-policies.ts';
import { deviceName } from '../session/device-name.ts';
import { createSession, type ListedSession, listSessions } from '../session/store.ts';
import { type Started, start } from '../session/use-cases.ts';

/** The authenticated user and their active memberships, oldest first; the first is the session's company. */
export type AuthenticatedUser = { userId: string; companies: string[] };

/**
 * The factor that they gave, beside the password unless `alone`; whether they wish to trust this device; and what else is written in the
 * same transaction.
 */
export type Also = {
  factor?: Factor;
  alone?: true;
  trustDevice?: boolean;
  write?: (query: Query) => Promise<void>;
};

/** `deviceToken` is the token of a trusted device, shown once. */
export type Completed = Started & { deviceToken: string | null };

/** A new session. On a device that they have none on, they hear of it by mail. */
export async function beginSession(
  services: Services,
  origin: Origin,
  { userId, companies }: AuthenticatedUser,
  { factor, alone, trustDevice = false, write = async () => {} }: Also = {},
): Promise<Completed> {
  const [companyId] = companies as [string, ...string[]];
  const { ip, userAgent } = origin;
  let deviceToken: string | null = null;
  let known = false;
  const methods = factor ? methodsWith(factor, alone ? [] : ['pwd']) : ['pwd'];
  const mfaAt = factor ? databaseTime() : null;
  const facts = { action: 'session.signedIn' as const, data: { methods } };
  const started = await start(services, origin, { companyId, userId }, facts, async (query) => {
    await write(query);
    if (trustDevice) deviceToken = await trust(query, origin, userId, companyId);
    if (factor) {
      const passed = { action: 'signIn.secondFactorPassed' as const, data: { method: factor } };
      await append(query, companyId, [{ ...passed, performer: { kind: 'user', userId }, origin }]);
    }
    const [limits, before] = await Promise.all([limitsIn(query, companyId), listSessions(query, userId)]);
    known = hasDevice(before, userAgent);
    return createSession(query, userId, { companyId, ip, userAgent, limits, methods, mfaAt });
  });
  if (!known) {
    const device = deviceName(userAgent);
    notify(services, started.identity.user, 'newDevice', { device, address: ip, when: now() });
  }
  return { ...started, deviceToken };
}

/** Whether the user has a session already that says it is of such a device. */
function hasDevice(sessions: ListedSession[], userAgent: string | null): boolean {
  const name = deviceName(userAgent);
  return sessions.some((session) => session.deviceName === name && session.userAgent !== null);
}
