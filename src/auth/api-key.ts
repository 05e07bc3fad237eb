import { timingSafeEqual } from 'node:crypto';
import { type EventFacts, type Origin, type Performer, performerOf, toBody } from '../audit/body.ts';
import { insertEvents, record } from '../audit/record.ts';
import { queryAs, through, transactionAs } from '../db/sql.ts';
import { AppError } from '../errors.ts';
import type { Actor } from './actor.ts';
import { hashOfSecret, isApiKeyText, parseApiKeyText } from './api-key-text.ts';
import { networkOf, subjectsOf } from './lockout.ts';
import { isAllowed } from './network.ts';
import { type ServiceAccount, serviceActor } from './service-account.ts';
import type { CredentialKind, Means } from './verdict.ts';

type Use = { lastUsedAt: string; addresses: string[] };
type State = 'valid' | 'revoked' | 'expired' | 'disabled';
type Found = ServiceAccount & {
  key: { id: string; hash: string; allowedNetworks: string[]; state: State };
  use: Use | null;
};

/** How exact the last use is: a key in use writes it this often, and no more. */
const NOTED_EVERY_MS = 60_000;
/** Networks that a key is remembered by; the oldest is forgotten first. */
const REMEMBERED = 50;

/**
 * An API key's account, in one round trip. A wrong one is counted for the address that it came from, and for no key: whoever knows a key's
 * id, which is no secret, could lock its owner out. The right secret always passes, since 256 bits are not found by trying.
 */
export const apiKey: CredentialKind = async (means, token, origin) => {
  if (!isApiKeyText(token)) return undefined;
  const text = parseApiKeyText(means.config.env, token);
  if (!text) return null;
  const found = await find(means, text.id);
  const reason = refusalOf(found, text.secret, origin.ip);
  if (!found || reason) return refused(means, origin, found, reason ?? 'unknown');
  const actor = serviceActor(found);
  await noteUse(means, found, actor, origin);
  return { identity: null, actor };
};

async function find({ pool }: Means, id: string): Promise<Found | null> {
  const query = queryAs(pool, { companyId: null, personId: null });
  const [row] = await query<{ found: Found | null }>('SELECT authenticate_api_key($1) AS found', [id]);
  return row?.found ?? null;
}

/** For the record only; whoever asks hears that the key doesn't hold. The secret is compared even with nothing, so that ids take no other time. */
function refusalOf(found: Found | null, secret: string, ip: string | null): string | null {
  const given = Buffer.from(hashOfSecret(secret), 'hex');
  const kept = Buffer.from(found?.key.hash ?? '', 'hex');
  const right = timingSafeEqual(given, kept.length === given.length ? kept : Buffer.alloc(given.length));
  if (!found) return 'unknown';
  if (!right) return 'wrong secret';
  if (found.key.state !== 'valid') return found.key.state;
  return isAllowed(found.key.allowedNetworks, ip) ? null : 'network not allowed';
}

/** Counted and on the record of the key's company, until the address is locked: then it is only refused. */
async function refused(
  { pool, tries }: Means,
  origin: Origin,
  found: Found | null,
  reason: string,
): Promise<null> {
  const subjects = subjectsOf({ kind: 'apiKey', account: null, ip: origin.ip });
  const { accepted, waitSeconds } = await tries.settle('apiKey', subjects, false);
  if (!accepted)
    throw new AppError('RATE_LIMITED', 'Too many API keys that do not hold; wait.', {
      advice: { retryAfter: waitSeconds },
    });
  const facts: EventFacts = { action: 'apiKey.refused', data: { reason, key: found?.key.id } };
  if (found) await record(pool, found.company.id, toBody(facts, { kind: 'anonymous' }, origin));
  return null;
}

/** Most requests write nothing. The networks of the first use are where it is used from; any later one is on the record. */
async function noteUse(means: Means, found: Found, actor: Actor, origin: Origin): Promise<void> {
  const { key, use } = found;
  const address = origin.ip === null ? null : networkOf(origin.ip);
  const isKnown = address === null || use?.addresses.includes(address);
  if (use && isKnown && Date.now() - Date.parse(use.lastUsedAt) < NOTED_EVERY_MS) return;
  const { companyId } = actor;
  await transactionAs(means.pool, { companyId, personId: actor.personId }, async (query) => {
    const first = await query(
      `INSERT INTO "ApiKeyUse" ("companyId", id, "lastUsedAt", addresses) VALUES ($1, $2, now(), array_remove(ARRAY[$3], NULL))
       ON CONFLICT ("companyId", id) DO NOTHING RETURNING 1`,
      [companyId, key.id, address],
    );
    if (first.length > 0) return;
    // of requests that come at the same time one finds it new
    const fresh = await query(
      `UPDATE "ApiKeyUse" SET "lastUsedAt" = now(), addresses = (addresses || $3)[greatest(1, cardinality(addresses) + 2 - $4):]
       WHERE "companyId" = $1 AND id = $2 AND NOT $3 = ANY (addresses) RETURNING 1`,
      [companyId, key.id, address, REMEMBERED],
    );
    if (fresh.length === 0)
      return void (await query(
        'UPDATE "ApiKeyUse" SET "lastUsedAt" = now() WHERE "companyId" = $1 AND id = $2',
        [companyId, key.id],
      ));
    const performer: Performer = performerOf(actor);
    const facts: EventFacts = { action: 'apiKey.newAddress', data: { key: key.id, network: address } };
    await insertEvents(through(query), companyId, [toBody(facts, performer, origin)]);
  });
}
