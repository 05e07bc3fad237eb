import { z } from 'zod';
import { append } from '../../audit/record/append.ts';
import type { Origin } from '../../audit/record/body.ts';
import { type Query, queryAs, type TransactionalQuery } from '../../db/sql.ts';
import { id } from '../../domain/input.ts';
import { notFound } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { policyOf } from '../authorization/sign-in-policy.ts';
import { identityCommand } from '../identity-command.ts';
import { ownPolicies } from '../policy/own-policies.ts';
import { reading } from '../reading.ts';
import { deviceName } from '../session/device-name.ts';
import {
  deviceOf,
  listDevices,
  revokeDevice as revoke,
  type TrustedDevice,
  trustDevice,
  useDevice,
} from './trusted-device-store.ts';

/** For how many days a device is trusted: as the strictest of the user's companies has it. 0: none is. */
async function trustedDays(query: Query): Promise<number> {
  const own = await ownPolicies(query);
  return Math.min(...own.map(({ policy }) => policyOf(policy).trustedDeviceDays));
}

/** The device that a sign-in comes from, when it is one that this account's owner trusts. */
export async function knownDevice(
  { pool }: Services,
  token: string | null,
  email: string,
): Promise<string | null> {
  const device = token === null ? null : await deviceOf(pool, token);
  return device?.email === email ? device.id : null;
}

/** Returns whether it replaces a second factor. Runs in the user's context. */
export const standsIn = async ({ pool }: Services, userId: string, deviceId: string): Promise<boolean> => {
  const query = queryAs(pool, { companyId: null, userId });
  return useDevice(query, deviceId, await trustedDays(query));
};

/** Trusts the device of a completed sign-in, in its transaction. Returns its token; null where the policy trusts none. */
export async function trust(
  query: TransactionalQuery,
  origin: Origin,
  userId: string,
  companyId: string,
): Promise<string | null> {
  const days = await trustedDays(query);
  if (days === 0) return null;
  const name = deviceName(origin.userAgent) ?? 'an unknown device';
  const facts = { action: 'device.trusted' as const, data: { device: name, days } };
  await append(query, companyId, [{ ...facts, performer: { kind: 'user', userId }, origin }]);
  return trustDevice(query, userId, { name, ip: origin.ip, days });
}

export const trustedDevices = reading({
  caller: 'user',
  run: ({ services, actor: { userId } }): Promise<TrustedDevice[]> =>
    listDevices(queryAs(services.pool, { companyId: null, userId }), userId),
});

/** Revokes a device: its next sign-in requires a factor. Existing sessions continue; see `revokeSession`. Error: NOT_FOUND. */
export const revokeTrustedDevice = identityCommand({
  caller: 'user',
  input: z.object({ trustedDeviceId: id }),
  run: ({ actor: { companyId, userId }, input, transaction }) =>
    transaction({ companyId, userId }, async (tx) => {
      if (!(await revoke(tx, userId, input.trustedDeviceId))) throw notFound();
      await tx.append({ action: 'device.revoked' });
      return { id: input.trustedDeviceId };
    }),
});
