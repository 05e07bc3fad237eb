import type { Config } from '../../config.ts';
import type { Services } from '../../services.ts';
import type { Lead } from './lead.ts';

/** Removes a page of rows that are older. Returns its last id; null once none is left. */
type Page = (services: Services, lead: Lead, days: number, after: string | null) => Promise<string | null>;

/** Rows of one page, which is a transaction. A row of an audited kind is a job of its company. */
const PAGE = 500;

/**
 * The kinds of rows with an age of their own, by their setting. Rows with an expiry go with the
 * clean-up, and settled jobs with their queue (`retention.jobs`).
 */
const kinds: Record<Exclude<keyof Config['retention'], 'jobs'>, Page> = {
  invitations: (services, lead, days, after) =>
    lead(async (query) => {
      const old = await query<{ companyId: string; memberId: string }>(
        'SELECT company_id AS "companyId", member_id AS "memberId" FROM old_invitations($1, $2, $3)',
        [days, after, PAGE],
      );
      for (const ids of old) await services.jobs.send('old-invitation', ids, query);
      return old.length < PAGE ? null : (old.at(-1)?.memberId ?? null);
    }),
};

/** Removes what is older than its setting, or adds the jobs that do so, page by page. */
export async function applyRetention(services: Services, lead: Lead): Promise<void> {
  for (const [kind, page] of Object.entries(kinds)) {
    const days = services.config.retention[kind as keyof typeof kinds];
    let after: string | null = null;
    do after = await page(services, lead, days, after);
    while (after !== null);
  }
}
