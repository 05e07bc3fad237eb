import { v7 as uuidv7 } from 'uuid';
import { append } from '../../audit/record/append.ts';
import type { Origin, Performer } from '../../audit/record/body.ts';
import type { TransactionalQuery } from '../../db/sql.ts';

/** What is unusual about an API key, as data: from how many times within a day (UTC) on it is told, which is once. A new one goes here. */
export const keyAnomalies = {
  /** Used from a network that it was not used from before. */
  newNetwork: 1,
  /** Used after it lay unused for so long that it may have been forgotten. */
  awoken: 1,
  /** Refused: a wrong secret, one that has ended, or a network that is not allowed. */
  refused: 10,
} as const;
export type KeyAnomaly = keyof typeof keyAnomalies;

/** So long is long unused. */
export const ASLEEP_MS = 90 * 24 * 3600_000;

/** What those who manage the company's keys are told. */
export type Sighting = { anomaly: KeyAnomaly; companyId: string; keyId: string; ip: string | null };

/**
 * Counts it, and puts it on the record of the key's company when it is time to tell: then `true`, for one request a day, however many come at
 * once. `query` runs in a transaction in that company.
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
