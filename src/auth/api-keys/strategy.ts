import { append } from '../../audit/record/append.ts';
import { anonymous, type EventFacts, type Origin } from '../../audit/record/body.ts';
import { equalSecrets, hashToken } from '../../crypto/token.ts';
import { queryAs, transactionAs } from '../../db/sql.ts';
import { AppError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import type { AuthenticationStrategy } from '../authentication-strategy.ts';
import { subjectsOf } from '../lockout/limits.ts';
import { type Grants, mayStillGrant } from '../rights/grantor.ts';
import { isAllowed } from './allowed-networks.ts';
import { noteAnomaly, type Sighting } from './anomaly.ts';
import { notifyOfAnomaly } from './anomaly-notice.ts';
import { isApiKeyText, parseApiKeyText } from './key-format.ts';
import { type ServiceAccount, serviceActor } from './service-actor.ts';
import { noteUse, type Use } from './usage.ts';

type State = 'valid' | 'revoked' | 'expired' | 'disabled';
type Found = ServiceAccount & {
  key: { id: string; hash: string; allowedNetworks: string[]; state: State };
  use: Use | null;
  /** The creator of the key, while they are an active member. */
  creator: Omit<Grants, 'customRoles'> | null;
};

/**
 * Authenticates an API key in one round trip. A wrong secret is counted for the client's network
 * and not for the key, whose id is not secret and could be locked by others. The correct secret
 * always passes, because 256 bits cannot be guessed.
 */
export const apiKey: AuthenticationStrategy = async (services, token, origin) => {
  if (!isApiKeyText(token)) return undefined;
  const text = parseApiKeyText(services.config.env, token);
  if (!text) return null;
  const found = await find(services, text.id);
  const reason = refusalOf(found, text.secret, origin.ip);
  if (!found || reason) return refused(services, origin, found, reason ?? 'unknown');
  const actor = serviceActor(found);
  await noteUse(services, found.key.id, found.use, actor, origin);
  return { identity: null, actor };
};

async function find({ pool }: Services, id: string): Promise<Found | null> {
  const query = queryAs(pool, { companyId: null, userId: null });
  const [row] = await query<{ found: Found | null }>('SELECT authenticate_api_key($1) AS found', [id]);
  return row?.found ?? null;
}

/**
 * The reason, for the audit log only. The secret is compared also for an unknown id, so that the
 * time is the same.
 */
function refusalOf(found: Found | null, secret: string, ip: string | null): string | null {
  const right = equalSecrets(hashToken(secret), found?.key.hash ?? '');
  if (!found) return 'unknown';
  if (!right) return 'wrong secret';
  if (found.key.state !== 'valid') return found.key.state;
  if (!isStillGranted(found)) return 'creator may no longer grant its roles';
  return isAllowed(found.key.allowedNetworks, ip) ? null : 'network not allowed';
}

/**
 * Whether the key's creator, who knows its secret, could create it now: a key lasts no longer than
 * their right to act as its account. Another member rotates the key to keep the account working.
 */
function isStillGranted({ account, creator, customRoles }: Found): boolean {
  const granted = { roles: account.roles, branchId: null, departmentId: null, teams: [], customRoles };
  return creator !== null && mayStillGrant({ ...creator, customRoles }, 'apiKey.write', granted);
}

/** Counts a rejection and audits it in the key's company, until the network is locked. */
async function refused(
  services: Services,
  origin: Origin,
  found: Found | null,
  reason: string,
): Promise<null> {
  const subjects = subjectsOf({ kind: 'apiKey', account: null, ip: origin.ip });
  const { accepted, waitSeconds } = await services.attempts.count('apiKey', subjects, false);
  if (!accepted)
    throw new AppError('RATE_LIMITED', 'Too many invalid API keys; retry later.', {
      advice: { retryAfter: waitSeconds },
    });
  if (!found) return null;
  const sighting: Sighting = {
    anomaly: 'refused',
    companyId: found.company.id,
    keyId: found.key.id,
    ip: origin.ip,
  };
  const facts: EventFacts = { action: 'apiKey.refused', data: { reason, key: sighting.keyId } };
  const { companyId } = sighting;
  const notify = await transactionAs(services.pool, { companyId, userId: null }, async (query) => {
    await append(query, companyId, [{ ...facts, performer: anonymous, origin }]);
    return noteAnomaly(query, sighting, anonymous, origin);
  });
  if (notify) notifyOfAnomaly(services, sighting);
  return null;
}
