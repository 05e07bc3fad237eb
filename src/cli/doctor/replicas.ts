import { placeOf, unfit } from '../../db/replicas/place.ts';
import { queryAs } from '../../db/sql.ts';
import { TenantPool } from '../../db/tenant/pool.ts';
import type { Deployment } from './deployment.ts';
import { type Finding, ok, problemsOr } from './finding.ts';

/** Whether each replica is a standby of the primary that its role can read. */
export async function replicas(deployment: Deployment): Promise<Finding> {
  const urls = deployment.config.replicas?.urls ?? [];
  if (urls.length === 0) return ok('none is configured');
  const found = await Promise.all(urls.map((url) => problemOf(deployment, url)));
  return problemsOr(
    found.filter((problem) => problem !== null),
    `${urls.length} of the primary, in recovery`,
  );
}

async function problemOf({ config, query }: Deployment, url: string): Promise<string | null> {
  const { requestTimeout, databasePooler: pooler } = config;
  const pool = new TenantPool({ connectionString: url, max: 1, requestTimeout, pooler });
  try {
    const there = await placeOf(queryAs(pool, { companyId: null, userId: null }));
    const reason = unfit(await placeOf(query()), there);
    return reason && `${new URL(url).host}: ${reason}`;
  } catch {
    return `${new URL(url).host}: it does not answer, or refuses the role`;
  } finally {
    await pool.end();
  }
}
