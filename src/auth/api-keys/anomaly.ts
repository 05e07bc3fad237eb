import { v7 as uuidv7 } from 'uuid';
import { append } from '../../audit/record/append.ts';
import type { Origin, Performer } from '../../audit/record/body.ts';
import type { TransactionalQuery } from '../../db/sql.ts';
import type { KeyAnomaly } from '../../notifications/template-data.ts';

/**
 * The anomalies of an API key, each with the count within a day (UTC) that triggers one notice. Add
 * new ones here.
 */
export const keyAnomalies = {
  /** First use from a network. */
  newNetwork: 1,
  /** Use after a long time without use. */
  awoken: 1,
  /** Rejected: wrong secret, revoked or expired key, or a network that is not allowed. */
  refused: 10,
} as const satisfies Record<KeyAnomaly, number>;

/** Milliseconds without use until a key counts as unused. */
export const ASLEEP_MS = 90 * 24 * 3600_000;

/** The content of a notice. */
export type Sighting = { anomaly: KeyAnomaly; companyId: string; keyId: string; ip: string | null };

/**
 * Counts an anomaly and audits it in the key's company when its count is reached. Returns `true`
 * then, for one request a day, also under concurrent ones. `query` runs in a transaction of that
 * company.
 */
export async function noteAnomaly(
  query: TransactionalQuery,
  { anomaly, companyId, keyId }: Sighting,
  performer: Performer,
  origin: Origin,
): Promise<boolean> {
  const [counted] = await query<{ count: number }>(
    `INSERT INTO "ApiKeyAnomaly" AS a ("companyId", id, "apiKeyId", kind, day, count)
     VALUES ($1, $2, $3, $4, (now() AT TIME ZONE 'UTC')::date, 1)
     ON CONFLICT ("companyId", "apiKeyId", kind) DO UPDATE
       SET count = CASE WHEN a.day = EXCLUDED.day THEN a.count + 1 ELSE 1 END, day = EXCLUDED.day RETURNING count`,
    [companyId, uuidv7(), keyId, anomaly],
  );
  if (counted?.count !== keyAnomalies[anomaly]) return false;
  const facts = { action: 'apiKey.anomaly' as const, data: { key: keyId, anomaly, times: counted.count } };
  await append(query, companyId, [{ ...facts, performer, origin }]);
  return true;
}
