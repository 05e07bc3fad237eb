import { append } from '../../audit/record/append.ts';
import { type EventFacts, type Origin, performerOf } from '../../audit/record/body.ts';
import { databaseNow } from '../../db/clock.ts';
import { type Query, type TransactionalQuery, transactionAs } from '../../db/sql.ts';
import { limitedNetwork } from '../../network-address.ts';
import type { KeyAnomaly } from '../../notifications/template-data.ts';
import type { Services } from '../../services.ts';
import type { Actor } from '../authorization/actor.ts';
import { ASLEEP_MS, noteAnomaly, type Sighting } from './anomaly.ts';
import { notifyOfAnomaly } from './anomaly-notice.ts';

/** Time and network of the last use; null for an unused key. */
export type Use = { lastUsedAt: string; addresses: string[] };

/** Precision of the last use: a key writes it at most this often. */
const NOTED_EVERY_MS = 60_000;
/** Maximum of networks stored for a key; the oldest is dropped. */
const REMEMBERED = 50;

/**
 * Notes a use; most requests write nothing. The first network is expected, and later new ones are
 * audited.
 */
export async function noteUse(
  services: Services,
  keyId: string,
  use: Use | null,
  actor: Actor,
  origin: Origin,
): Promise<void> {
  const network = origin.ip === null ? null : limitedNetwork(origin.ip);
  const isKnown = network === null || use?.addresses.includes(network);
  const unused = use ? databaseNow() - Date.parse(use.lastUsedAt) : 0;
  if (use && isKnown && unused < NOTED_EVERY_MS) return;
  const { companyId, userId } = actor;
  const notices = await transactionAs(services.pool, { companyId, userId }, async (query) => {
    const fresh = await write(query, companyId, keyId, network);
    if (fresh) await noteNetwork(query, keyId, network, actor, origin);
    const seen: KeyAnomaly[] = [
      ...(fresh ? ['newNetwork' as const] : []),
      ...(unused > ASLEEP_MS ? ['awoken' as const] : []),
    ];
    const reached: Sighting[] = [];
    for (const anomaly of seen) {
      const sighting = { anomaly, companyId, keyId, ip: origin.ip };
      if (await noteAnomaly(query, sighting, performerOf(actor), origin)) reached.push(sighting);
    }
    return reached;
  });
  for (const sighting of notices) notifyOfAnomaly(services, sighting);
}

/**
 * Returns whether the key was used before, but never from this network; `true` for one of
 * concurrent requests.
 */
async function write(
  query: Query,
  companyId: string,
  keyId: string,
  network: string | null,
): Promise<boolean> {
  const first = await query(
    `INSERT INTO "ApiKeyUse" ("companyId", id, "lastUsedAt", addresses) VALUES ($1, $2, now(), array_remove(ARRAY[$3], NULL))
     ON CONFLICT ("companyId", id) DO NOTHING RETURNING 1`,
    [companyId, keyId, network],
  );
  if (first.length > 0) return false;
  const fresh = await query(
    `UPDATE "ApiKeyUse" SET "lastUsedAt" = now(), addresses = (addresses || $3)[greatest(1, cardinality(addresses) + 2 - $4):]
     WHERE "companyId" = $1 AND id = $2 AND NOT $3 = ANY (addresses) RETURNING 1`,
    [companyId, keyId, network, REMEMBERED],
  );
  if (fresh.length > 0) return true;
  await query('UPDATE "ApiKeyUse" SET "lastUsedAt" = now() WHERE "companyId" = $1 AND id = $2', [
    companyId,
    keyId,
  ]);
  return false;
}

const noteNetwork = (
  query: TransactionalQuery,
  keyId: string,
  network: string | null,
  actor: Actor,
  origin: Origin,
): Promise<void> => {
  const facts: EventFacts = { action: 'apiKey.newAddress', data: { key: keyId, network } };
  return append(query, actor.companyId, [{ ...facts, performer: performerOf(actor), origin }]);
};
