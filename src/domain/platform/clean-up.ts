import { appendBursts } from '../../auth/account/failure-bursts.ts';
import type { Services } from '../../services.ts';
import type { Lead } from './lead.ts';
import { deleteExpired } from './purge-expired.ts';

/** Appends bursts of failures, and deletes what has expired, each batch as long as it leads. */
export async function cleanUp(services: Pick<Services, 'pool'>, lead: Lead): Promise<void> {
  await appendBursts(services.pool);
  await deleteExpired(services, lead);
}
