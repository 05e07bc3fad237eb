import { appendBursts } from '../../auth/account/failure-bursts.ts';
import type { Services } from '../../services.ts';
import type { Lead } from './lead.ts';
import { deleteExpired } from './purge-expired.ts';

/**
 * Deletes what has expired, each batch as long as it leads, and appends bursts of failures, each of
 * which one instance takes.
 */
export async function cleanUp(services: Pick<Services, 'pool'>, lead: Lead): Promise<void> {
  await deleteExpired(services, lead);
  await appendBursts(services.pool);
}
