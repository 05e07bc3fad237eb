import { z } from 'zod';
import { anonymous, type Origin, toBody } from '../audit/body.ts';
import { record } from '../audit/record.ts';
import { deviceName } from '../auth/device-name.ts';
import type { Settled, Tried } from '../auth/lockout.ts';
import { limitsIn } from '../auth/own-policies.ts';
import { PLATFORM_ID } from '../auth/policy.ts';
import { createSession, listSessions } from '../auth/session.ts';
import { type NotSignedIn, type SignedIn, verifySignIn } from '../auth/sign-in.ts';
import { queryAs } from '../db/sql.ts';
import { AppError } from '../errors.ts';
import { validated } from './command.ts';
import { email } from './input.ts';
import { offerUnlock } from './lock.ts';
import { notify, now } from './notify.ts';
import type { Services } from './services.ts';
import { type Started, start } from './session.ts';
import { rateLimited, recordLocks, refuseLocked, settle } from './tries.ts';

const credentials = z.object({
  email,
  password: z.string().min(1, 'expected a password').max(1024, 'expected at most 1024 characters'),
});

/**
 * Errors: INVALID_INPUT; RATE_LIMITED while the e-mail or the network is locked, whether there is such an account or not; and one
 * UNAUTHENTICATED for every way in which e-mail and password may not fit. `device` is a trusted one's id.
 */
export async function signIn(
  services: Services,
  origin: Origin,
  input: unknown,
  device: string | null = null,
): Promise<Started> {
  const { email, password } = validated(credentials, input);
  const tried: Tried = { kind: 'password', account: email, device, ip: origin.ip };
  await refuseLocked(services, tried);
  const outcome = await verifySignIn(
    services.pool,
    email,
    password,
    (failure, settled) => recordFailure(services, origin, email, failure, settled),
    (succeeded) => settle(services, tried, succeeded),
  );
  if (outcome.ok) return begin(services, origin, email, outcome);
  if (outcome.reason === 'locked') throw rateLimited(outcome.waitSeconds);
  throw new AppError('UNAUTHENTICATED', 'E-mail and password do not fit.');
}

async function begin(
  services: Services,
  origin: Origin,
  email: string,
  { personId, companies }: SignedIn,
): Promise<Started> {
  const [companyId] = companies as [string, ...string[]];
  const { ip, userAgent } = origin;
  const known = await knowsDevice(services, personId, userAgent);
  const place = { companyId, personId };
  const started = await start(services, origin, place, { action: 'session.signedIn' }, async (query) => {
    const limits = await limitsIn(query, companyId);
    return createSession(query, personId, { companyId, ip, userAgent, limits, methods: ['pwd'] });
  });
  if (!known) {
    const device = deviceName(userAgent) ?? 'an unknown device';
    notify(services, { email, language: started.identity.person.language }, 'newDevice', {
      device,
      address: ip ?? 'an unknown address',
      when: now(),
    });
  }
  return started;
}

/** Whether the person has a session already that says it is of such a device. */
async function knowsDevice({ pool }: Services, personId: string, userAgent: string | null): Promise<boolean> {
  const name = deviceName(userAgent);
  const sessions = await listSessions(queryAs(pool, { companyId: null, personId }), personId);
  return sessions.some((session) => session.deviceName === name && session.userAgent !== null);
}

/**
 * On the record of the person's first company, or the platform's; within the time that every failure takes. What a lock brings with it is
 * done later, so that it takes no longer where there is an account.
 */
async function recordFailure(
  services: Services,
  origin: Origin,
  email: string,
  { reason, personId, companies }: NotSignedIn,
  settled: Settled,
): Promise<void> {
  const companyId = companies[0] ?? null;
  const data = { reason, ...(personId && { personId }) };
  const body = toBody({ action: 'session.signInFailed', data }, anonymous, origin);
  await record(services.pool, companyId ?? PLATFORM_ID, body);
  await recordLocks(services, origin, 'password', settled, { personId, companyId });
  if (personId) offerUnlock(services, { email, personId }, settled);
}
