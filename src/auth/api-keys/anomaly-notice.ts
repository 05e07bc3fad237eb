import { type Query, queryAs } from '../../db/sql.ts';
import { notifyDeferred, now } from '../../notifications/notify.ts';
import type { Services } from '../../services.ts';
import { type RoleCatalogue, standingOf } from '../authorization/roles.ts';
import type { Sighting } from './anomaly.ts';

/** Maximum of recipients. */
const MOST_RECIPIENTS = 20;

/** Notifies members who manage the company's API keys of an anomaly, in the background. */
export function notifyOfAnomaly(services: Services, { anomaly, companyId, keyId, ip }: Sighting): void {
  const { mailer, pool } = services;
  if (!mailer.canSend('email')) return;
  const when = now();
  mailer.defer(async () => {
    const query = queryAs(pool, { companyId, userId: null });
    const [key] = await query<{ name: string; account: string }>(
      `SELECT k.name, a.name AS account FROM "ApiKey" k
       JOIN "ServiceAccount" a ON a."companyId" = k."companyId" AND a.id = k."serviceAccountId" WHERE k."companyId" = $1 AND k.id = $2`,
      [companyId, keyId],
    );
    if (!key) return;
    const { name, account } = key;
    for (const manager of await keyManagers(query, companyId))
      notifyDeferred(services, manager, 'keyAnomaly', { anomaly, key: name, account, address: ip, when });
  });
}

type Member = { userId: string; email: string; roles: string[] };

/**
 * Returns active members who may revoke a key, by their own or their teams' roles, oldest
 * membership first.
 */
async function keyManagers(query: Query, companyId: string): Promise<Member[]> {
  const members = await query<Member>(
    `SELECT m."userId", m.email, m.roles || ARRAY(
       SELECT unnest(t.roles) FROM "TeamMember" tm JOIN "Team" t ON t."companyId" = tm."companyId" AND t.id = tm."teamId"
       WHERE tm."companyId" = m."companyId" AND tm."membershipId" = m.id) AS roles
     FROM "Membership" m WHERE m."companyId" = $1 AND m.status = 'active' ORDER BY m."createdAt", m.id`,
    [companyId],
  );
  const own = await query<{ catalogue: RoleCatalogue }>(
    `SELECT COALESCE(jsonb_object_agg(slug, jsonb_build_object('level', level, 'accessScope', "accessScope", 'readOnly', "readOnly", 'permissions', permissions)), '{}') AS catalogue
     FROM "Role" WHERE "companyId" = $1`,
    [companyId],
  );
  const catalogue = own[0]?.catalogue ?? {};
  return members
    .filter(({ roles }) => standingOf(roles, catalogue).permissions.has('apiKey.write'))
    .slice(0, MOST_RECIPIENTS);
}
