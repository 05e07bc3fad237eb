import { counters } from '../../counters.ts';
import { withTenant } from '../../db/tenant/context.ts';
import { type NewEvent, toBody } from './body.ts';
import { events as catalogue } from './events.ts';
import { textArray } from './text-array.ts';

/** Values as PostgreSQL's text. */
type Statement = { text: string; values: (string | null)[] };

/**
 * Where events are appended: a transaction, which sends them together with its COMMIT, or the pool,
 * where they commit at once by themselves.
 */
export type AppendTarget = { atCommit: Statement[] } | { query(statement: Statement): PromiseLike<unknown> };

const INSERT = `INSERT INTO audit_pending (company_id, body)
  SELECT $1::uuid, body FROM unnest($2::text[]) WITH ORDINALITY AS given (body, place) ORDER BY place`;

/**
 * Appends events of no row to a company's audit log, in their order. In a transaction they commit
 * together with its changes or not at all; on the pool this rejects when they cannot be written.
 * Events of changed rows: declaration.ts.
 */
export async function append(target: AppendTarget, companyId: string, events: NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  for (const { action } of events) counters.auditEvents[catalogue[action].severity] += 1;
  const statement = { text: INSERT, values: [companyId, textArray(events.map(toBody))] };
  if ('atCommit' in target) target.atCommit.push(statement);
  else await withTenant({ companyId, userId: null }, async () => target.query(statement));
}
