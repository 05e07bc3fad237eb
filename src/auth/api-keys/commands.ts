import { z } from 'zod';
import { databaseNow, databaseTime } from '../../db/clock.ts';
import { type CommandClient, command, type Tools } from '../../domain/command.ts';
import { id, text } from '../../domain/input.ts';
import { AppError, notFound } from '../../errors.ts';
import { isNetwork } from '../../network-address.ts';
import { newApiKeyText } from './key-format.ts';
import { usable } from './service-account.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const networks = z
  .array(z.string().trim().max(50).refine(isNetwork, 'expected an address, or a network such as 10.0.0.0/8'))
  .max(50, 'expected at most 50 networks');

/**
 * Creates a key of a service account; `text` is shown once. The creator could act as the account,
 * so they must be able to grant each of its roles. Errors: NOT_FOUND, CONFLICT, FORBIDDEN,
 * INVALID_INPUT.
 */
export const createApiKey = command({
  event: 'apiKey.created',
  entity: 'ApiKey',
  permission: 'apiKey.write',
  stepUp: true,
  input: z.object({
    serviceAccountId: id,
    name: text(100),
    allowedNetworks: networks,
    expiresInDays: z.int('expected days').min(1, 'expected 1 to 366').max(366, 'expected 1 to 366'),
  }),
  run: async (tools) => {
    const { serviceAccountId, name, allowedNetworks, expiresInDays } = tools.input;
    await usable(tools.tx, serviceAccountId);
    const expiresAt = new Date(databaseNow() + expiresInDays * DAY_MS);
    return newKey(tools, { serviceAccountId, name, allowedNetworks, expiresAt });
  },
});

/**
 * Rotates a key: the new one has the same name, networks and lifetime, and both work for
 * `overlapHours`.
 * Errors: NOT_FOUND, CONFLICT for a revoked, expired or rotated key, FORBIDDEN.
 */
export const rotateApiKey = command({
  event: 'apiKey.rotated',
  entity: 'ApiKey',
  permission: 'apiKey.write',
  stepUp: true,
  input: z.object({
    apiKeyId: id,
    overlapHours: z.int('expected hours').min(0, 'expected 0 to 168').max(168, 'expected 0 to 168'),
  }),
  run: async (tools) => {
    const { tx, key, lock, row, input } = tools;
    await lock(`api key ${input.apiKeyId}`);
    const old = await alive(tx, input.apiKeyId);
    if (old.rotatedToId) throw new AppError('CONFLICT', 'This key has already been rotated.');
    await usable(tx, old.serviceAccountId);
    const { serviceAccountId, name, allowedNetworks } = old;
    const end = new Date(Math.min(old.expiresAt.getTime(), databaseNow() + input.overlapHours * HOUR_MS));
    const expiresAt = new Date(databaseNow() + (old.expiresAt.getTime() - old.createdAt.getTime()));
    const next = row();
    await tx.apiKey.update({ where: key(old.id), data: { rotatedToId: next.id, expiresAt: end } });
    return newKey({ ...tools, row: () => next }, { serviceAccountId, name, allowedNetworks, expiresAt });
  },
});

/**
 * Revokes a key, effective on the next request. Requires no right to grant. Errors: NOT_FOUND,
 * CONFLICT for a revoked or expired key.
 */
export const revokeApiKey = command({
  event: 'apiKey.revoked',
  entity: 'ApiKey',
  permission: 'apiKey.write',
  input: z.object({ apiKeyId: id }),
  run: async ({ tx, key, query, input: { apiKeyId } }) => {
    await alive(tx, apiKeyId);
    return tx.apiKey.update({ where: key(apiKeyId), data: { revokedAt: new Date() }, ...query });
  },
});

type Making = Pick<Tools<unknown>, 'tx' | 'row' | 'actor' | 'environment'>;
type Parts = { serviceAccountId: string; name: string; allowedNetworks: string[]; expiresAt: Date };

async function newKey(
  { tx, row, actor, environment }: Making,
  parts: Parts,
): Promise<{ id: string; text: string }> {
  const place = row();
  const { text, hash } = newApiKeyText(environment, place.id);
  await tx.apiKey.create({ data: { ...place, ...parts, hash, createdById: actor.userId } });
  return { id: place.id, text };
}

async function alive(tx: CommandClient, apiKeyId: string) {
  const found = await tx.apiKey.findFirst({ where: { id: apiKeyId } });
  if (!found) throw notFound();
  if (found.revokedAt || found.expiresAt <= databaseTime())
    throw new AppError('CONFLICT', 'This key has been revoked or has expired.');
  return found;
}
