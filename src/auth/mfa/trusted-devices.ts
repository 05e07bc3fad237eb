import { z } from 'zod';
import type { Origin } from '../../audit/record/body.ts';
import { type Query, queryAs } from '../../db/sql.ts';
import { id } from '../../domain/input.ts';
import { notFound } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { policyOf } from '../authorization/sign-in-policy.ts';
import { type IdentityTransaction, identityCommand } from '../identity-command.ts';
import { ownPolicies } from '../policy/own-policies.ts';
import { reading } from '../reading.ts';
import { deviceName } from '../session/device-name.ts';
import {
  deviceOf,
  listDevices,
  makeRoom,
  revokeDevice as revoke,
  type TrustedDevice,
  trustDevice,
  useDevice,
} from './trusted-device-store.ts';

/**
 * Returns the days for which a device is trusted, the least of the user's companies; 0 for not at
 * all.
 */
async function trustedDays(query: Query): Promise<number> {
  const own = await ownPolicies(query);
  return Math.min(...own.map(({ policy }) => policyOf(policy).trustedDeviceDays));
}

/** Returns the id of a device that this account trusts; null for other devices. */
export async function knownDevice(
  { pool }: Services,
  token: string | null,
  email: string,
): Promise<string | null> {
  const device = token === null ? null : await deviceOf(pool, token);
  return device?.email === email ? device.id : null;
}

/** Returns whether the device replaces a second factor. */
export const replacesFactor = async (
  { pool }: Services,
  userId: string,
  deviceId: string,
): Promise<boolean> => {
  const query = queryAs(pool, { companyId: null, userId });
  return useDevice(query, deviceId, await trustedDays(query));
};

/**
 * Trusts the device of a completed sign-in, in its transaction. Returns its token; null where the
 * policy trusts none.
 */
export async function trust(
  tx: IdentityTransaction,
  { ip, userAgent }: Origin,
  userId: string,
): Promise<string | null> {
  const days = await trustedDays(tx);
  if (days === 0) return null;
  const name = deviceName(userAgent) ?? 'an unknown device';
  const by = { kind: 'user', userId } as const;
  for (let revoked = await makeRoom(tx, userId); revoked > 0; revoked -= 1)
    await tx.append({ action: 'device.revoked', data: { reason: 'limit' } }, by);
  await tx.append({ action: 'device.trusted', data: { device: name, days } }, by);
  return trustDevice(tx, userId, { name, ip, days });
}

export const trustedDevices = reading({
  caller: 'user',
  run: ({ services, actor: { userId } }): Promise<TrustedDevice[]> =>
    listDevices(queryAs(services.pool, { companyId: null, userId }), userId),
});

/**
 * Revokes a device: its next sign-in requires a factor. Existing sessions continue; see
 * `revokeSession`. Error: NOT_FOUND.
 */
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
