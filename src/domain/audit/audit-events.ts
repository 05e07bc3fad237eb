import {
  type AuditEvent,
  type AuditFilter,
  countEvents,
  eventsAt,
  type Page,
  page,
  type Window,
} from '../../audit/read/query.ts';
import { auditStream } from '../../audit/read/stream.ts';
import { openSubscription } from '../../audit/read/subscriptions.ts';
import type { Actor } from '../../auth/authorization/actor.ts';
import { reading } from '../../auth/reading.ts';
import { queryAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';

/** Returns the audit log of the actor's company. */
const logOf = ({ pool }: Services, { companyId, userId }: Actor) => ({
  companyId,
  query: queryAs(pool, { companyId, userId }),
});

/**
 * Returns a page of the company's audit log in commit order. Error: INVALID_INPUT for a malformed
 * cursor.
 */
export const auditEventPage = reading({
  caller: 'actor',
  permission: 'audit.read',
  run: ({ services, actor }, { filter, window }: { filter: AuditFilter; window: Window }): Promise<Page> => {
    const { companyId, query } = logOf(services, actor);
    return page(query, companyId, filter, window);
  },
});

/** The number of events in the company's audit log that meet a filter. */
export const auditEventCount = reading({
  caller: 'actor',
  permission: 'audit.read',
  run: ({ services, actor }, filter: AuditFilter): Promise<number> => {
    const { companyId, query } = logOf(services, actor);
    return countEvents(query, companyId, filter);
  },
});

/**
 * The company's events at these positions, in no order; positions that do not exist are left out.
 */
export const auditEventsByPosition = reading({
  caller: 'actor',
  permission: 'audit.read',
  run: ({ services, actor }, positions: readonly string[]): Promise<AuditEvent[]> => {
    const { companyId, query } = logOf(services, actor);
    return eventsAt(query, companyId, positions);
  },
});

type Following = { after: string | null | undefined; filter: AuditFilter };

/**
 * Replays the company's audit log from a cursor, then continues live. Ends within a second of the
 * actor losing the permission.
 * Errors: INVALID_INPUT for a malformed cursor, or one beyond the end of the chain; RATE_LIMITED
 * for too many subscriptions.
 */
export const auditEventStream = reading({
  caller: 'actor',
  permission: 'audit.read',
  run: async function* (
    { services, actor, authenticate, signal },
    { after, filter }: Following,
  ): AsyncGenerator<AuditEvent> {
    using _ = openSubscription(actor, services.config.subscriptions);
    yield* auditStream({
      ...logOf(services, actor),
      authorise: async () => (await authenticate())?.can('audit.read') ?? false,
      ...(after != null && { after }),
      filter,
      ...(signal && { signal }),
    });
  },
});
